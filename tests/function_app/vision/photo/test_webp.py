"""WebP files: the size is known before a canvas is allocated."""

import struct

import numpy as np
import pytest
from PIL import Image

from function_app.vision import photo
from tests.function_app.vision.photo.files import encoded, street


def header(kind: bytes, body: bytes) -> bytes:
    """A file that ends where its pixels should begin."""
    return b"RIFF\xff\0\0\0WEBP" + kind + b"\xff\0\0\0" + body


LARGEST = 16_383
EXTENDED = header(b"VP8X", bytes(4) + struct.pack("<I", LARGEST - 1)[:3] * 2)
LOSSLESS = header(b"VP8L", b"\x2f" + struct.pack("<I", LARGEST - 1 | LARGEST - 1 << 14) + bytes(9))
LOSSY = header(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", LARGEST, LARGEST))


@pytest.mark.parametrize("data", [EXTENDED, LOSSLESS, LOSSY], ids=["VP8X", "VP8L", "VP8"])
def test_the_largest_canvas_is_refused_by_its_header(data: bytes) -> None:
    with pytest.raises(photo.TooManyPixels, match="16383 x 16383"):
        photo.open_photo(data)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0"}])
def test_the_size_of_real_files_is_read(options: dict[str, object]) -> None:
    data = encoded(street(97, 61), "WEBP", **options)
    with pytest.raises(photo.TooManyPixels, match="61 x 97"):
        photo.open_photo(data, max_pixels=61 * 97 - 1)
    opened = photo.open_photo(data, max_pixels=61 * 97)
    assert opened.rgb().shape == (97, 61, 3)


def test_lossless_pixels_and_transparency() -> None:
    rgb = street(20, 30)
    assert np.array_equal(photo.decode(encoded(rgb, "WEBP", lossless=True)), rgb)
    clear = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    assert (photo.decode(encoded(clear, "WEBP", lossless=True)) == 255).all()


def test_an_unknown_first_chunk() -> None:
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(header(b"JUNK", bytes(99)))
