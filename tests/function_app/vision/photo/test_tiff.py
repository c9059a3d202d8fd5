"""TIFF files: numbers that are no pointers, and strips and tiles that make up the photo."""

import struct
import time
import zlib

import numpy as np
import pytest

from function_app.vision import photo
from tests.function_app.vision.photo.files import Entries, encoded, street, tiff, tiff_photo

RGB = street(48, 64)


def offsets(count: int) -> tuple[int, list[int]]:
    return 4, [8] * count


@pytest.mark.parametrize("compression", ["jpeg", "zstd", "lzma"])
def test_other_compressions_are_refused(compression: str) -> None:
    with pytest.raises(photo.UnsupportedPhoto, match="LZW"):
        photo.open_photo(encoded(RGB, "TIFF", compression=compression))


TOO_MANY = {
    "strips": tiff_photo(10, 10**6, 1, t273=offsets(10**6), t278=(4, [1])),
    "the same strip again": tiff_photo(2000, 2000, 1, t273=offsets(5000)),
    "wide tiles": tiff_photo(50, 60_000, 8, t322=(4, [7000]), t323=(4, [16]), t324=offsets(3750)),
}


@pytest.mark.parametrize("data", TOO_MANY.values(), ids=TOO_MANY)
def test_too_many_pieces(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(photo.NotAPhoto, match="pieces"):
        photo.open_photo(data)
    assert time.process_time() - started < 0.3


def test_one_tile_larger_than_a_photo() -> None:
    data = tiff_photo(100, 100, 8, t322=(4, [60_000]), t323=(4, [60_000]), t324=offsets(1))
    with pytest.raises(photo.TooManyPixels, match="60000 x 60000"):
        photo.open_photo(data)


DEFLATED = encoded(RGB, "TIFF", compression="tiff_adobe_deflate")
TILED = tiff_photo(16, 16, 8, t322=(4, [16]), t323=(4, [16]), t324=offsets(1), t325=offsets(1))


def retyped(data: bytes, tag: int, kind: int, count: int = 1) -> bytes:
    """The file, one tag's value declared to be of that type and count."""
    for old in (3, 4):
        data = data.replace(struct.pack("<HHI", tag, old, 1), struct.pack("<HHI", tag, kind, count))
    return data


@pytest.mark.parametrize(
    ("data", "tag"),
    [*((DEFLATED, tag) for tag in (256, 257, 259, 277, 278, 284)), (TILED, 322), (TILED, 323)],
)
@pytest.mark.parametrize(("kind", "count"), [(1, 1), (16, 1), (13, 1), (3, 3), (4, 2)])
def test_numbers_are_no_pointers(data: bytes, tag: int, kind: int, count: int) -> None:
    photo.open_photo(retyped(data, tag, 4))
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(retyped(data, tag, kind, count))


ONE_STRIP = tiff_photo(4, 4, 1, t273=offsets(1), t278=(4, [4]), t279=(4, [48]))
TWICE = struct.pack("<4sIH", b"II*\0", 8, 2) + struct.pack("<HHII", 256, 4, 1, 4) * 2 + bytes(4)
DAMAGED = {
    "directory cut off": tiff({256: (4, [4])})[:20],
    "directory beyond the file": b"II*\0\xff\xff\xff\xff",
    "empty directory": tiff({}),
    "no strips": tiff_photo(4, 4, 1),
    "strip cut off": tiff_photo(4, 4, 1, t273=(4, [999]), t279=(4, [48])),
    "no columns": tiff_photo(0, 4, 1, t273=offsets(1)),
    "a float for an offset": retyped(ONE_STRIP, 273, 11),
    "a tag twice": TWICE,
    # For libtiff these are 64 tiles of 16 megapixels each.
    "tiles called strips": tiff_photo(1024, 16, 8, t322=(4, [16]), t323=(4, [10**6]),
                                      t273=offsets(64)),
    "strips that share their pixels": tiff_photo(
        93, 52_434, 1, t273=offsets(292), t278=(4, [180]), t279=offsets(292)) + bytes(60_000),
    "strips for half of the rows": tiff_photo(
        64, 48, 1, t273=(4, [200]), t278=(4, [24]), t279=(4, [64 * 24 * 3])) + bytes(64 * 48 * 3),
    "a strip left out": tiff_photo(
        4, 4, 1, t273=(4, [0]), t278=(4, [4]), t279=(4, [48])) + bytes(99),
}  # fmt: skip


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_damaged_files_are_refused(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(photo.NotAPhoto, match=r"damaged or truncated|its colour space"):
        photo.decode(data)
    assert time.process_time() - started < 0.1


def planar(rgb: np.ndarray, bits: int, compression: int = 1) -> bytes:
    """A TIFF whose samples, (h, w, n), lie in planes of one strip each."""
    height, width, count = rgb.shape
    planes = [plane.astype(f"<u{bits // 8}").tobytes() for plane in rgb.transpose(2, 0, 1)]
    if compression == 8:
        planes = [zlib.compress(plane) for plane in planes]
    entries: Entries = {
        256: (4, [width]), 257: (4, [height]), 258: (3, [bits] * count), 259: (3, [compression]),
        262: (3, [2 if count == 3 else 1]), 273: (4, [0] * count), 277: (3, [count]),
        278: (4, [height]), 279: (4, [len(plane) for plane in planes]), 284: (3, [2]),
    }  # fmt: skip
    start = len(tiff(entries))
    entries[273] = (4, [start + sum(map(len, planes[:n])) for n in range(count)])
    return tiff(entries, b"".join(planes))


DEEP = (RGB.astype(np.uint16) << 8) | RGB[::-1]


def test_samples_in_planes() -> None:
    assert np.array_equal(photo.decode(planar(RGB, 8)), RGB)
    assert np.array_equal(photo.decode(planar(DEEP, 16, compression=8)), RGB)
    grey = photo.decode(planar(DEEP[..., :1], 16))
    assert np.array_equal(grey, RGB[..., :1].repeat(3, 2))
    with pytest.raises(photo.UnsupportedPhoto, match="send interleaved samples"):
        photo.open_photo(planar(DEEP, 16))
