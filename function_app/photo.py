"""Bytes to pixels and back: decoding photos, fitting them to a model, encoding answers."""

import io
import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from function_app.categories import PALETTE, VOID

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
MAX_PIXELS = 50_000_000
"""Default limit on width x height: above every car and phone camera, below what memory allows."""

JPEG_MAX_SIDE = 65_500
"""What libjpeg encodes at most."""

PAD_VALUE = 127
"""Grey that models normalise to about 0, what a convolution pads with anyway."""

MAX_STRETCH = 5 / 3
"""How far a photo is stretched to the shape of a model's input before the rest is padded; a model's
manifest may say otherwise. Padding shows nothing: 4:3 and 3.3:1 photos, stretched to 2:1, score
better than padded ones (results/input_shape.json). Upright phone photos are stretched so far and
padded, lest people become cubes."""

_OTHER_SIGNATURES = {
    b"GIF8": "GIF",
    b"%PDF": "PDF",
    b"<svg": "SVG",
    b"ftypheic": "HEIC",
    b"ftypheix": "HEIC",
    b"ftypmif1": "HEIF",
    b"ftypavif": "AVIF",
    b"ftypisom": "MP4",
    b"ftypmp42": "MP4",
}

# Pillow's own limit would warn and raise at numbers of its own; ours is checked before decoding.
Image.MAX_IMAGE_PIXELS = None

# What Pillow's decoders raise on damaged files, next to its own errors.
_DAMAGE = (OSError, SyntaxError, ValueError, IndexError, EOFError, struct.error, zlib.error)


class PhotoError(ValueError):
    """A photo that cannot be used; the message is fit for the caller's eyes."""


class NotAPhoto(PhotoError):
    """The bytes are no picture, or a damaged or truncated one."""


class UnsupportedPhoto(PhotoError):
    """A picture, but in a format or sample type that is not accepted."""


class TooManyPixels(PhotoError):
    """The picture declares more pixels than the limit; nothing was decoded."""


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Decode a photo to upright 8-bit RGB, shape (height, width, 3).

    EXIF rotation is applied. 16-bit grey keeps its high byte, CMYK is converted, transparency is
    laid over white, of animated or multi-page files the first picture counts.

    Raises:
        NotAPhoto, UnsupportedPhoto, TooManyPixels: see there.
    """
    image = _open(data)
    if image.width * image.height > max_pixels:
        raise TooManyPixels(
            f"The photo has {image.width} x {image.height} pixels; "
            f"at most {max_pixels:,} in all are accepted."
        )
    try:
        image.load()
        image = ImageOps.exif_transpose(image)
    except _DAMAGE as error:
        raise NotAPhoto("The photo is damaged or truncated.") from error
    return _to_rgb(image)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        for signature, name in _OTHER_SIGNATURES.items():
            if signature in data[:64]:
                raise UnsupportedPhoto(
                    f"{name} is not accepted; send {', '.join(FORMATS)}."
                ) from error
        raise NotAPhoto(
            f"These {len(data):,} bytes are no picture; send {', '.join(FORMATS)}."
        ) from error
    except _DAMAGE as error:
        raise NotAPhoto("The photo is damaged or truncated.") from error


def _to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith("I;16"):
        high = (np.asarray(image) >> 8).astype(np.uint8)
        return np.repeat(high[..., None], 3, axis=2)
    if image.mode in ("I", "F"):
        raise UnsupportedPhoto("32-bit samples are not accepted; send 8 or 16 bits a channel.")
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return np.asarray(image.convert("RGB"))


class Fitted(NamedTuple):
    """A photo inside a model's input.

    Attributes:
        canvas: the input, (h, w, 3) uint8, with the photo in its top left.
        height: rows of the canvas that the photo fills.
        width: columns of the canvas that the photo fills.
        size: (height, width) of the photo itself, upright.
    """

    canvas: NDArray[np.uint8]
    height: int
    width: int
    size: tuple[int, int]


def fit(
    rgb: NDArray[np.uint8], height: int, width: int, max_stretch: float = MAX_STRETCH
) -> Fitted:
    """Scale a (h, w, 3) photo into (height, width, 3), the rest padded grey.

    Photos of another shape than the input are stretched towards it, by at most `max_stretch`.
    Training, evaluation and service all come through here, so a model never meets another resize.
    Exact reductions (2048x1024 to 512x256) are box averages, all others antialiased bilinear.
    """
    down, across = fit_scales(rgb, height, width, max_stretch)
    inner_h = min(height, max(1, round(rgb.shape[0] * down)))
    inner_w = min(width, max(1, round(rgb.shape[1] * across)))
    inner = resize(rgb, inner_h, inner_w)
    size = (rgb.shape[0], rgb.shape[1])
    if (inner_h, inner_w) == (height, width):
        return Fitted(inner, height, width, size)
    canvas = np.full((height, width, 3), PAD_VALUE, np.uint8)
    canvas[:inner_h, :inner_w] = inner
    return Fitted(canvas, inner_h, inner_w, size)


def fit_scales(
    rgb: NDArray[np.uint8], height: int, width: int, max_stretch: float = MAX_STRETCH
) -> tuple[float, float]:
    """The scales, of rows and of columns, at which a (h, w, 3) photo fits into (height, width)."""
    down, across = height / int(rgb.shape[0]), width / int(rgb.shape[1])
    limit = min(down, across) * max_stretch
    return min(down, limit), min(across, limit)


def resize(rgb: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The one photo resize: antialiased bilinear after whole-number box reduction."""
    image = Image.fromarray(rgb)
    scaled = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=1.0)
    return np.asarray(scaled)


def resize_mask(mask: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The one mask resize, nearest neighbour: ids are names, there is nothing between two."""
    if mask.shape == (height, width):
        return mask
    image = Image.fromarray(mask)
    return np.asarray(image.resize((width, height), Image.Resampling.NEAREST))


def encode_mask(mask: NDArray[np.uint8]) -> bytes:
    """Encode category ids (h, w) as an 8-bit palette PNG whose pixel values are the ids."""
    image = Image.frombytes("P", (mask.shape[1], mask.shape[0]), mask.tobytes())
    image.putpalette(PALETTE)
    return _png(image, bits=8)


def encode_color(mask: NDArray[np.uint8]) -> bytes:
    """Encode category ids (h, w) as an RGB PNG in the category colours."""
    return _png(Image.fromarray(colorize(mask)))


def encode_overlay(rgb: NDArray[np.uint8], mask: NDArray[np.uint8], alpha: float) -> bytes:
    """Lay the category colours over a photo and encode it as JPEG.

    Args:
        rgb: the photo, (h, w, 3).
        mask: category ids, (h, w). Void stays clear.
        alpha: 0.0 (photo only) to 1.0 (colours only).

    Raises:
        TooManyPixels: JPEG cannot hold a picture that long.
    """
    if max(mask.shape) > JPEG_MAX_SIDE:
        raise TooManyPixels(f"An overlay may be at most {JPEG_MAX_SIDE:,} pixels wide and high.")
    blended = Image.blend(Image.fromarray(rgb), Image.fromarray(colorize(mask)), alpha)
    clear = Image.fromarray(mask == VOID)
    blended.paste(Image.fromarray(rgb), mask=clear)
    out = io.BytesIO()
    blended.save(out, "JPEG", quality=90)
    return out.getvalue()


def encode_grey(values: NDArray[np.uint8]) -> bytes:
    """Encode (h, w) bytes as an 8-bit greyscale PNG."""
    return _png(Image.fromarray(values))


def colorize(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Category ids (h, w) to their colours (h, w, 3)."""
    colors = np.zeros((256, 3), np.uint8)
    colors[: len(PALETTE) // 3] = np.frombuffer(PALETTE, np.uint8).reshape(-1, 3)
    return colors[mask]


def _png(image: Image.Image, **options: int) -> bytes:
    out = io.BytesIO()
    # Level 1: masks are flat areas, higher levels cost milliseconds and save little.
    image.save(out, "PNG", compress_level=1, **options)
    return out.getvalue()
