"""Masks and pictures into PNG and JPEG files."""

import io
import struct

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image

from function_app.vision.categories import PALETTE, VOID
from function_app.vision.photo.errors import TooManyPixels

JPEG_MAX_SIDE = 65_500
"""What libjpeg encodes at most."""

_GREY, _RGB, _PALETTE = 0, 2, 3  # colour types of PNG
_UP = 2  # its filter "difference to the row above": an enlarged mask becomes mostly zeros


def encode_mask(
    mask: NDArray[np.uint8], palette: bytes = PALETTE, clear: int | None = None
) -> bytes:
    """Encode ids (h, w) as an 8-bit palette PNG whose pixel values are the ids.

    Args:
        mask: category ids, or other ids with a palette of their own.
        palette: RGB triples in order of the ids; black from there on.
        clear: the id that is shown transparent, if any.
    """
    chunks = _chunk(b"PLTE", palette.ljust(3 * 256, b"\0"))
    if clear is not None:
        chunks += _chunk(b"tRNS", b"\xff" * clear + b"\0")
    return _png(mask, _PALETTE, chunks)


def encode_color(mask: NDArray[np.uint8]) -> bytes:
    """Encode category ids (h, w) as an RGB PNG in the category colours."""
    return _png(colorize(mask), _RGB)


def encode_grey(values: NDArray[np.uint8]) -> bytes:
    """Encode (h, w) bytes as an 8-bit greyscale PNG."""
    return _png(values, _GREY)


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
    photo = Image.fromarray(rgb)
    blended = Image.blend(photo, Image.fromarray(colorize(mask)), alpha)
    blended.paste(photo, mask=Image.fromarray(mask == VOID))
    return _jpeg(blended, quality=90)


def encode_thumbnail(rgb: NDArray[np.uint8]) -> bytes:
    """Encode a small photo (h, w, 3) as JPEG of a quality for galleries."""
    return _jpeg(Image.fromarray(rgb), quality=80)


def colorize(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Category ids (h, w) to their colours (h, w, 3)."""
    colors = np.zeros((256, 3), np.uint8)
    colors[: len(PALETTE) // 3] = np.frombuffer(PALETTE, np.uint8).reshape(-1, 3)
    return colors[mask]


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _png(pixels: NDArray[np.uint8], color_type: int, palette: bytes = b"") -> bytes:
    """Encode 8-bit pixels, (h, w) or (h, w, 3), in a tenth of Pillow's time."""
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", header),
        palette,
        _chunk(b"IDAT", isal_zlib.compress(filtered, 1)),
        _chunk(b"IEND", b""),
    ))  # fmt: skip


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = isal_zlib.crc32(body, isal_zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(body)), kind, body, struct.pack(">I", checksum)))
