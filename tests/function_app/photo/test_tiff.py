"""TIFF files: what their directory may say, before anything follows it."""

import struct
import time

import numpy as np
import pytest

from function_app import photo
from tests.function_app.photo.files import encoded, street, tiff, tiff_photo

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
    entries = b"".join(struct.pack("<HHII", 1000 + i, 7, 90_000, 8) for i in range(9000))
    data = struct.pack("<4sIH", b"II*\0", 8, 9000) + entries + bytes(100)
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(data)


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
