"""TIFF files: what their directory may say, before anything follows it."""

import struct
import time
import zlib

import numpy as np
import pytest

from function_app.vision import photo
from tests.function_app.vision.photo.files import encoded, street, tiff, tiff_photo

RGB = street(48, 64)


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


def preview(first: dict[int, tuple[int, list[int]]], *below: tuple[int, int]) -> bytes:
    """A TIFF whose first picture has 80 x 40 pixels, with directories below it of other sizes."""
    pixels = 80 * 40 * 3
    entries = {
        256: (4, [80]), 257: (4, [40]), 258: (3, [8, 8, 8]), 259: (3, [1]), 262: (3, [2]),
        273: (4, [0]), 277: (3, [3]), 278: (4, [40]), 279: (4, [pixels]),
    } | first  # fmt: skip
    if below:
        entries[330] = (4, [0] * len(below))
    size = len(tiff(entries))
    entries[273] = (4, [size])
    directories = [tiff({256: (4, [w]), 257: (4, [h])})[8:] for w, h in below]
    if below:
        entries[330] = (4, [size + pixels + 30 * n for n in range(len(below))])
    return tiff(entries, trailer=bytes(pixels) + b"".join(directories))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(preview({254: (4, [1])}, (320, 160)), "NEF, DNG", id="reduced, photo below"),
        pytest.param(preview({254: (4, [1])}), "NEF, DNG", id="reduced"),
        pytest.param(preview({255: (3, [2])}), "NEF, DNG", id="reduced, in the old way"),
        pytest.param(preview({}, (320, 160)), "NEF, DNG", id="photo below"),
        pytest.param(preview({}, (40, 20), (4000, 3000)), "NEF, DNG", id="photo second below"),
        pytest.param(preview({50706: (4, [1])}), "DNG", id="DNG"),
        pytest.param(preview({254: (4, [1]), 271: (1, [*b"NIKON\0"])}), "NEF", id="NEF"),
        pytest.param(preview({254: (4, [1]), 271: (1, [*b"SONY\0"])}), "ARW", id="ARW"),
        pytest.param(preview({262: (3, [32803])}), "NEF, DNG", id="colour filter array"),
        pytest.param(preview({259: (3, [34713])}), "NEF, DNG", id="packed by a camera"),
        pytest.param(b"II*\0\x10\0\0\0CR\2\0" + bytes(4) + preview({})[8:], "CR2", id="CR2"),
    ],
)
def test_raw_photos_are_named(data: bytes, name: str) -> None:
    with pytest.raises(photo.UnsupportedPhoto, match=rf"raw photo \({name}\); send the JPEG"):
        photo.open_photo(data)


@pytest.mark.parametrize("below", [[], [(40, 20), (20, 10)], [(80, 40)]])
def test_a_photo_with_smaller_copies_below_it_is_no_raw_photo(below: list[tuple[int, int]]) -> None:
    assert photo.decode(preview({254: (4, [0])}, *below)).shape == (40, 80, 3)


def linked(*directories: dict[int, tuple[int, list[int]]], damaged: int = 0) -> bytes:
    """A photo of 80 x 40 with these directories below it, after some that are not there."""
    starts, blocks = [2**31] * damaged, b""
    size = len(preview({330: (4, [0] * (damaged + len(directories)))}))
    for entries in directories:
        starts.append(size + len(blocks))
        blocks += tiff(entries)[8:]
    return preview({330: (4, starts)}) + blocks


def with_next(data: bytes, entries: dict[int, tuple[int, list[int]]]) -> bytes:
    """The TIFF with another directory behind its first one."""
    end = 10 + 12 * struct.unpack_from("<H", data, 8)[0]
    return b"".join((data[:end], struct.pack("<I", len(data)), data[end + 4 :], tiff(entries)[8:]))


LARGE = {256: (4, [320]), 257: (4, [160])}
SMALL = {256: (4, [8]), 257: (4, [4])}
SENSOR = {256: (4, [80]), 257: (4, [40]), 262: (3, [32803])}
PACKED = {256: (4, [80]), 257: (4, [40]), 259: (3, [34713])}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(linked(SENSOR), id="sensor data of the same size below"),
        pytest.param(linked(SMALL, {262: (3, [34892])}), id="linear raw second below"),
        pytest.param(linked(LARGE, damaged=1), id="the first below damaged"),
        pytest.param(linked({256: (1, [7])}, LARGE), id="the first below of odd types"),
        pytest.param(linked(*[SMALL] * 20, LARGE), id="many below"),
        pytest.param(with_next(preview({}), SENSOR), id="sensor data next"),
        pytest.param(with_next(preview({271: (1, [*b"NIKON\0"])}), PACKED), id="NIKON, raw next"),
        pytest.param(with_next(linked(SMALL, damaged=1), SENSOR), id="damaged below, raw next"),
    ],
)
def test_raw_photos_are_found_wherever_their_directory_lies(data: bytes) -> None:
    with pytest.raises(photo.UnsupportedPhoto, match="raw photo"):
        photo.open_photo(data)


def test_directories_that_are_no_raw_photo_change_nothing() -> None:
    for data in (linked(SMALL, damaged=1), with_next(preview({}), LARGE), linked(*[SMALL] * 20)):
        assert photo.decode(data).shape == (40, 80, 3)


def test_more_directories_below_than_are_looked_at() -> None:
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(linked(*[SMALL] * 65))


@pytest.mark.parametrize("tag", [254, 255, 330])
def test_what_tells_a_raw_photo_stands_once(tag: int) -> None:
    data = preview({tag: (4, [0]), 65000: (4, [1])})
    photo.open_photo(data.replace(struct.pack("<HHI", tag, 4, 1), struct.pack("<HHI", 65001, 4, 1)))
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(data.replace(struct.pack("<H", 65000), struct.pack("<H", tag)))


def planar(rgb: np.ndarray, bits: int, compression: int = 1) -> bytes:
    """A TIFF whose samples, (h, w, n), lie in planes of one strip each."""
    height, width, count = rgb.shape
    planes = [plane.astype(f"<u{bits // 8}").tobytes() for plane in rgb.transpose(2, 0, 1)]
    if compression == 8:
        planes = [zlib.compress(plane) for plane in planes]
    entries = {
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


def test_a_strip_that_was_left_out() -> None:
    data = tiff_photo(4, 4, 1, t273=(4, [0]), t278=(4, [4]), t279=(4, [48]))
    with pytest.raises(photo.NotAPhoto, match="damaged"):
        photo.open_photo(data + bytes(99))
