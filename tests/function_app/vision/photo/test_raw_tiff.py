"""Raw photos of cameras, which are TIFF files too, are named and refused."""

import struct

import pytest

from function_app.vision import photo
from tests.function_app.vision.photo.files import Entries, directory, tiff


def preview(first: Entries, *below: tuple[int, int]) -> bytes:
    """A TIFF whose first picture has 80 x 40 pixels, with directories below it of other sizes."""
    pixels = 80 * 40 * 3
    entries: Entries = {
        256: (4, [80]), 257: (4, [40]), 258: (3, [8, 8, 8]), 259: (3, [1]), 262: (3, [2]),
        273: (4, [0]), 277: (3, [3]), 278: (4, [40]), 279: (4, [pixels]),
    } | first  # fmt: skip
    if below:
        entries[330] = (4, [0] * len(below))
    size = len(tiff(entries))
    entries[273] = (4, [size])
    directories = [directory({256: (4, [w]), 257: (4, [h])}) for w, h in below]
    if below:
        entries[330] = (4, [size + pixels + 30 * n for n in range(len(below))])
    return tiff(entries, trailer=bytes(pixels) + b"".join(directories))


def linked(*directories: Entries, damaged: int = 0) -> bytes:
    """A photo of 80 x 40 with these directories below it, after some that are not there."""
    starts, blocks = [2**31] * damaged, b""
    size = len(preview({330: (4, [0] * (damaged + len(directories)))}))
    for entries in directories:
        starts.append(size + len(blocks))
        blocks += directory(entries)
    return preview({330: (4, starts)}) + blocks


def with_next(data: bytes, entries: Entries) -> bytes:
    """The TIFF with another directory behind its first one."""
    end = 10 + 12 * struct.unpack_from("<H", data, 8)[0]
    return b"".join((data[:end], struct.pack("<I", len(data)), data[end + 4 :], directory(entries)))


LARGE: Entries = {256: (4, [320]), 257: (4, [160])}
SMALL: Entries = {256: (4, [8]), 257: (4, [4])}
SENSOR: Entries = {256: (4, [80]), 257: (4, [40]), 262: (3, [32803])}
PACKED: Entries = {256: (4, [80]), 257: (4, [40]), 259: (3, [34713])}
REDUCED: Entries = {254: (4, [1])}
NIKON, SONY = ({271: (1, text)} for text in (b"NIKON\0", b"SONY\0"))
RAW = {
    "reduced, photo below": (preview(REDUCED, (320, 160)), "NEF, DNG"),
    "reduced": (preview(REDUCED), "NEF, DNG"),
    "reduced, in the old way": (preview({255: (3, [2])}), "NEF, DNG"),
    "photo below": (preview({}, (320, 160)), "NEF, DNG"),
    "photo second below": (preview({}, (40, 20), (4000, 3000)), "NEF, DNG"),
    "DNG": (preview({50706: (4, [1])}), "DNG"),
    "NEF": (preview(REDUCED | NIKON), "NEF"),
    "ARW": (preview(REDUCED | SONY), "ARW"),
    "colour filter array": (preview({262: (3, [32803])}), "NEF, DNG"),
    "packed by a camera": (preview({259: (3, [34713])}), "NEF, DNG"),
    "CR2": (b"II*\0\x10\0\0\0CR\2\0" + bytes(4) + preview({})[8:], "CR2"),
    "sensor data of the same size below": (linked(SENSOR), "NEF, DNG"),
    "linear raw second below": (linked(SMALL, {262: (3, [34892])}), "NEF, DNG"),
    "the first below damaged": (linked(LARGE, damaged=1), "NEF, DNG"),
    "the first below of odd types": (linked({256: (1, [7])}, LARGE), "NEF, DNG"),
    "many below": (linked(*[SMALL] * 20, LARGE), "NEF, DNG"),
    "sensor data next": (with_next(preview({}), SENSOR), "NEF, DNG"),
    "NIKON, raw next": (with_next(preview(NIKON), PACKED), "NEF"),
    "damaged below, raw next": (with_next(linked(SMALL, damaged=1), SENSOR), "NEF, DNG"),
}


@pytest.mark.parametrize(("data", "name"), RAW.values(), ids=RAW)
def test_raw_photos_are_named(data: bytes, name: str) -> None:
    with pytest.raises(photo.UnsupportedPhoto, match=rf"raw photo \({name}\); send the JPEG"):
        photo.open_photo(data)


@pytest.mark.parametrize(
    "data",
    [
        preview({254: (4, [0])}), preview({254: (4, [0])}, (40, 20), (20, 10)),
        preview({254: (4, [0])}, (80, 40)), linked(SMALL, damaged=1), linked(*[SMALL] * 20),
        with_next(preview({}), LARGE),
    ],
    ids=["alone", "two below", "one below", "damaged below", "many below", "a larger page"],
)  # fmt: skip
def test_a_photo_with_smaller_copies_below_it_is_no_raw_photo(data: bytes) -> None:
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
