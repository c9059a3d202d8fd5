"""Pictures beside Pillow: the same upright pixels, or a refusal for a reason of a closed list."""

import io
import re
import sysconfig
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from bench.fuzz.corpus import valid_files
from function_app.vision import photo
from function_app.vision.file_names import MEDIA_TYPES
from tests.function_app.vision.photo.test_samples import tiff

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
FORMATS = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "BMP": ("1", "L", "P", "RGB", "RGBA"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"),
}
OPTIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "JPEG": st.fixed_dictionaries(
        {"quality": st.integers(30, 95), "progressive": st.booleans()},
        optional={"restart_marker_blocks": st.integers(1, 9), "icc_profile": st.binary()},
    ),
    "PNG": st.fixed_dictionaries({"compress_level": st.integers(0, 9)}),
    "WEBP": st.fixed_dictionaries({"lossless": st.just(True)}),
    "BMP": st.just({}),
    "TIFF": st.fixed_dictionaries(
        {"compression": st.sampled_from(["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])}
    ),
}
PIXELS = np.random.default_rng(5).integers(0, 256, (40, 40, 4), np.uint8)


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


@st.composite
def pictures(draw: st.DrawFn) -> bytes:
    """A file of any accepted format and mode, turned in any way, perhaps with more after it."""
    format = draw(st.sampled_from(sorted(FORMATS)))
    mode = draw(st.sampled_from(FORMATS[format]))
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    if mode == "I;16":
        brightest = draw(st.sampled_from([65_535, 16_384, 4_095, 255]))
        image = Image.fromarray((PIXELS[:height, :width, 0].astype(int) * brightest // 255)
                                .astype(np.uint16))  # fmt: skip
    else:
        smooth = Image.fromarray(PIXELS[:4, :4]).resize((width, height), Image.Resampling.BICUBIC)
        image = (smooth if mode in ("RGBA", "LA") else smooth.convert("RGB")).convert(mode)
    options = draw(OPTIONS[format])
    if format != "BMP" and draw(st.booleans()):
        exif = Image.Exif()
        exif[0x0112] = draw(st.integers(0, 9))
        options |= {"exif": exif.tobytes()}
    out = io.BytesIO()
    try:
        image.save(out, format, **options)
    except RuntimeError:  # libtiff writes some of them with no such orientation
        reject()
    return out.getvalue() + draw(st.binary(max_size=50))


@settings(max_examples=150, deadline=None)
@given(pictures())
def test_every_picture_has_pillow_s_upright_pixels(data: bytes) -> None:
    outcome, allowed = judge(data)
    assert allowed, outcome


@settings(max_examples=80, deadline=None)
@given(pictures(), st.data())
def test_damaged_pictures_too_or_they_are_refused_for_a_known_reason(
    data: bytes, more: st.DataObject
) -> None:
    at = more.draw(st.integers(0, len(data)))
    damaged = data[:at] + more.draw(st.binary(max_size=4)) + data[at + 2 :]
    outcome, _ = judge(damaged)
    assert "unknown reason" not in outcome
    assert "escaped" not in outcome
    assert "shape" not in outcome


@settings(max_examples=150, deadline=None)
@given(
    space=st.sampled_from([0, 1, 2, 3, 4, 5, 6, 8, 32803]),
    bits=st.sampled_from([1, 2, 4, 8, 12, 16, 32]),
    channels=st.integers(1, 5),
    order=st.sampled_from("<>"),
    compression=st.sampled_from([1, 8]),
    extra=st.dictionaries(
        st.sampled_from([254, 266, 274, 284, 338, 339]),
        st.tuples(st.sampled_from([1, 3, 4]), st.tuples(st.integers(0, 8))),
    ),
)
def test_tiff_files_of_every_kind(
    space: int, bits: int, channels: int, order: str, compression: int, extra: Any
) -> None:
    samples = PIXELS[:20, :30].repeat(2, 2)[..., :channels].astype(int) * (2 ** min(bits, 16) - 1)
    samples = samples[..., 0] // 255 if channels == 1 else samples // 255
    written = {12: 16, 32: 16}.get(bits, bits)
    depths = {258: (3, (bits,) * channels)} if written != bits else {}
    colors = {320: (3, tuple(n * 80 for n in range(3 << bits)))} if space == 3 and bits <= 8 else {}
    tags = {**depths, **colors, **extra}
    data = tiff(samples, space, written, order=order, compression=compression, extra=tags)
    outcome, allowed = judge(data)
    assert allowed or "refused: damaged" in outcome, outcome


@pytest.mark.parametrize("name", valid_files())
def test_files_of_the_corpus(name: str) -> None:
    outcome, allowed = judge(valid_files()[name])
    assert allowed, outcome


def test_every_picture_that_installed_packages_carry() -> None:
    wrong, count = {}, 0
    for path in Path(sysconfig.get_path("purelib")).rglob("*"):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            outcome, allowed = judge(path.read_bytes())
            count += 1
            if not allowed:
                wrong[path.name] = outcome
    assert wrong == {}
    assert count > 50
