"""Image files decoded beside Pillow.

Every picture must give the pixels of Pillow's upright picture, or be refused for a reason of a
closed list.
"""

import io
import re
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

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
            exif = image.getexif()
            if isinstance(number := exif.get(ExifTags.Base.Orientation), bytes) and number:
                # Of type BYTE: Pillow gives it as bytes, and would not turn the picture.
                exif[ExifTags.Base.Orientation] = number[0]
            turned = ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - its readers raise whatever they like
        return None
    if turned.mode.startswith("I;16"):
        turned = Image.fromarray((np.asarray(turned) >> 8).astype(np.uint8))
    if turned.has_transparency_data:
        clear = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return np.asarray(turned.convert("RGB"))
