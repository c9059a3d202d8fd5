"""TIFF files: what their directory may say, before anything follows it."""

import struct
import time

import numpy as np
import pytest
from PIL import Image

from function_app.vision import photo
from tests.function_app.vision.photo.files import encoded, street, tiff, tiff_photo

RGB = street(48, 64)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_usual_compressions(compression: str) -> None:
    assert np.array_equal(photo.decode(encoded(RGB, "TIFF", compression=compression)), RGB)


@pytest.mark.parametrize("compression", ["jpeg", "zstd", "lzma"])
def test_other_compressions_are_refused(compression: str) -> None:
    with pytest.raises(photo.UnsupportedPhoto, match="LZW"):
        photo.open_photo(encoded(RGB, "TIFF", compression=compression))


def offsets(count: int) -> tuple[int, list[int]]:
    return 4, [8] * count


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tiff_photo(10, 10**6, 1, t273=offsets(10**6), t278=(4, [1])), id="strips"),
        pytest.param(tiff_photo(2000, 2000, 1, t273=offsets(5000)), id="the same strip again"),
        pytest.param(
            tiff_photo(50, 60_000, 8, t322=(4, [7000]), t323=(4, [16]), t324=offsets(3750)),
            id="wide tiles",
        ),
    ],
)
def test_too_many_pieces(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(photo.NotAPhoto, match="pieces"):
        photo.open_photo(data)
    assert time.process_time() - started < 0.3


def test_one_tile_larger_than_a_photo() -> None:
    data = tiff_photo(100, 100, 8, t322=(4, [60_000]), t323=(4, [60_000]), t324=offsets(1))
    with pytest.raises(photo.TooManyPixels, match="60000 x 60000"):
        photo.open_photo(data)


def test_tags_that_share_their_bytes() -> None:
    entries = b"".join(struct.pack("<HHII", 1000 + i, 7, 90_000, 8) for i in range(500))
    data = struct.pack("<4sIH", b"II*\0", 8, 500) + entries + bytes(90_000)
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(data)


def retyped(tag: int, kind: int, count: int = 1) -> bytes:
    """A deflated TIFF that decodes, one tag's value declared to be of that type and count."""
    data = encoded(RGB, "TIFF", compression="tiff_adobe_deflate")
    for old in (3, 4):
        data = data.replace(struct.pack("<HHI", tag, old, 1), struct.pack("<HHI", tag, kind, count))
    return data


@pytest.mark.parametrize("tag", [256, 257, 259, 277, 278, 284])
@pytest.mark.parametrize(("kind", "count"), [(1, 1), (16, 1), (13, 1), (3, 3), (4, 2)])
def test_numbers_are_no_pointers(tag: int, kind: int, count: int) -> None:
    assert np.array_equal(photo.decode(retyped(tag, 4)), RGB)
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(retyped(tag, kind, count))


@pytest.mark.parametrize("tag", [322, 323])
@pytest.mark.parametrize(("kind", "count"), [(16, 1), (4, 2), (3, 3)])
def test_a_tile_s_size_behind_a_pointer(tag: int, kind: int, count: int) -> None:
    data = tiff_photo(16, 16, 8, t322=(4, [16]), t323=(4, [16]), t324=offsets(1), t325=offsets(1))
    size = struct.pack("<HHI", tag, 4, 1)
    assert size in data
    photo.open_photo(data)
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(data.replace(size, struct.pack("<HHI", tag, kind, count)))


def test_tiles_called_strips() -> None:
    # For libtiff these are 64 tiles of 16 megapixels each.
    data = tiff_photo(1024, 16, 8, t322=(4, [16]), t323=(4, [10**6]), t273=offsets(64))
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(data)


def test_raw_strips_that_share_their_pixels() -> None:
    data = tiff_photo(93, 52_434, 1, t273=offsets(292), t278=(4, [180]), t279=offsets(292))
    started = time.process_time()
    with pytest.raises(photo.NotAPhoto, match="truncated"):
        photo.open_photo(data + bytes(60_000))
    assert time.process_time() - started < 0.1


def test_strips_for_half_of_the_rows() -> None:
    data = tiff_photo(64, 48, 1, t273=(4, [200]), t278=(4, [24]), t279=(4, [64 * 24 * 3]))
    with pytest.raises(photo.NotAPhoto, match="truncated"):
        photo.open_photo(data + bytes(64 * 48 * 3))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_raw_files_of_all_depths_hold_their_pixels(mode: str) -> None:
    image = Image.new(mode, (61, 47))
    assert photo.decode(encoded(image, "TIFF")).shape == (47, 61, 3)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tiff({256: (4, [4])})[:20], id="directory cut off"),
        pytest.param(b"II*\0\xff\xff\xff\xff", id="directory beyond the file"),
        pytest.param(tiff({}), id="empty directory"),
        pytest.param(tiff_photo(4, 4, 1), id="no strips"),
        pytest.param(tiff_photo(4, 4, 1, t273=(4, [999]), t279=(4, [48])), id="strip cut off"),
        pytest.param(tiff_photo(0, 4, 1, t273=offsets(1)), id="no columns"),
        pytest.param(
            tiff_photo(4, 4, 1, t273=offsets(1), t278=(4, [4]), t279=(4, [48])).replace(
                struct.pack("<HH", 273, 4), struct.pack("<HH", 273, 11)
            ),
            id="a float for an offset",
        ),
        pytest.param(
            struct.pack("<4sIH", b"II*\0", 8, 2)
            + struct.pack("<HHII", 256, 4, 1, 4) * 2
            + bytes(4),
            id="a tag twice",
        ),
    ],
)
def test_damaged_files_are_refused(data: bytes) -> None:
    with pytest.raises(photo.NotAPhoto):
        photo.decode(data)
