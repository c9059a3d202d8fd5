"""Real image files, decoded beside Pillow: python -m bench.fuzz.agreement [FOLDER ...].

Every picture below the folders (default: what the installed packages carry), and the valid files
of bench.fuzz.corpus, must give the pixels of Pillow's upright picture, or be refused for a reason
of a closed list. Exit status 1 if one is not.
"""

import argparse
import io
import re
import sys
import sysconfig
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bench.fuzz.corpus import valid_files
from function_app.vision import photo
from function_app.vision.file_names import MEDIA_TYPES

SUFFIXES = {*MEDIA_TYPES, ".avif", ".dng", ".gif", ".heic", ".ico", ".jp2", ".jxl", ".nef",
            ".pdf", ".pgm", ".ppm", ".psd", ".svg"}  # fmt: skip

REASONS = (
    "is not accepted: ",  # another format, by its name
    "is not accepted; ",  # a variant of a format
    "are not accepted",  # its samples or channels
    "raw photo",
    "not accepted in TIFF",
    "lower .* bits only",
    "palette",
    "does not say its colour space",
    "Orientation tag",
    "pixels in all are|in all are accepted",
    "pieces of",
    "scans",
    "segments",
    "chunks",
    "damaged or truncated",
    "no picture",
)
"""Why a picture that Pillow opens may be refused."""

MOST_DIFFERENT = 3.0
"""Mean absolute difference of a sample of two decoders of the same picture."""


def judge(data: bytes) -> tuple[str, bool]:
    """Return what becomes of a file, in words, and whether that may be."""
    reference = upright_by_pillow(data)
    try:
        rgb = photo.decode(data)
    except photo.PhotoError as error:
        reason = next((text for text in REASONS if re.search(text, str(error))), None)
        damage = reason in ("damaged or truncated", "no picture")
        if reason is None:
            return f"refused for an unknown reason: {error}", False
        return f"refused: {reason}", reference is None or not damage
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"escaped: {error!r}", False
    if reference is None:
        return "decoded, though not by Pillow", True
    if rgb.shape != reference.shape:
        return f"shape {rgb.shape}, Pillow's {reference.shape}", False
    difference = float(np.abs(rgb.astype(int) - reference).mean())
    same = difference <= MOST_DIFFERENT
    return ("the same" if same else f"differs by {difference:.1f}"), same


def upright_by_pillow(data: bytes) -> NDArray[np.uint8] | None:
    """Pillow's picture (h, w, 3), turned by its EXIF data alone and laid over white.

    Returns:
        None if Pillow cannot decode it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data))
            image.load()
            for key in ("xmp", "XML:com.adobe.xmp", "Raw profile type exif"):
                image.info.pop(key, None)
            turned = ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - its readers raise whatever they like
        return None
    if turned.mode.startswith("I;16"):
        turned = Image.fromarray((np.asarray(turned) >> 8).astype(np.uint8))
    if turned.has_transparency_data:
        clear = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return np.asarray(turned.convert("RGB"))


def _files(folders: list[Path]) -> Iterator[tuple[str, bytes]]:
    yield from valid_files().items()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                yield str(path), path.read_bytes()


def main() -> int:
    """Judge all files and count what became of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz.agreement", description=__doc__)
    installed = Path(sysconfig.get_path("purelib"))
    parser.add_argument("folders", type=Path, nargs="*", default=[installed])
    outcomes, wrong = Counter[str](), 0
    for name, data in _files(parser.parse_args().folders):
        outcome, allowed = judge(data)
        outcomes[outcome] += 1
        if not allowed:
            wrong += 1
            print(f"{name}: {outcome}")
    for outcome, count in outcomes.most_common():
        print(f"{count:6} {outcome}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
