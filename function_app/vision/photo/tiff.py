"""The directory of a TIFF block: of TIFF files, and of the EXIF data in all others."""

import struct
from typing import NamedTuple

from function_app.vision.photo.errors import (
    MAX_FULL_PIXELS,
    NotAPhoto,
    UnsupportedPhoto,
    check_pixels,
    damaged,
)

SIGNATURES = {b"II*\0": "<", b"MM\0*": ">"}
"""First bytes, and the byte order they announce. BigTIFF (43 for 42) is for gigabytes."""

MAX_PIECES = 65_536
"""Most strips or tiles: more than the rows of every plane of the largest photo."""

# Tags and values of TIFF 6.0 and its technical notes.
_WIDTH, _HEIGHT, _COMPRESSION, _ORIENTATION = 256, 257, 259, 274
_STRIP_OFFSETS, _ROWS_PER_STRIP = 273, 278
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS = 322, 323, 324
_BITS, _SAMPLES, _PLANES = 258, 277, 284
_NUMBERS = {_WIDTH, _HEIGHT, _COMPRESSION, _ORIENTATION, _ROWS_PER_STRIP, _TILE_WIDTH, _TILE_HEIGHT,
            _SAMPLES, _PLANES}  # fmt: skip
_COMPRESSIONS = {1: "none", 5: "LZW", 8: "deflate", 32946: "deflate", 32773: "PackBits"}
_SHORT, _LONG = 3, 4
_BYTES = {_SHORT: 2, _LONG: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Of a value of each type; those of all others have one byte."""

MAX_TAGS = 512
"""Most tags of a directory; cameras write fewer than a hundred."""


class Entry(NamedTuple):
    """A tag's values: how many, their bytes in all, where those begin, and the one value.

    The value is None unless it is a single SHORT or LONG: of other types and of several values the
    same four bytes may be a pointer, which readers follow and we do not.
    """

    number: int
    size: int
    at: int
    value: int | None


def directory(block: bytes) -> dict[int, Entry]:
    """Read the first directory of a TIFF block, without following any pointer to values.

    Raises:
        ValueError: it is cut off, names a tag twice or more than MAX_TAGS, or is no TIFF block.
    """
    if block[:4] not in SIGNATURES:
        raise ValueError("no TIFF block")
    order = SIGNATURES[block[:4]]
    entries = {}
    try:
        (start,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, start)
        if count > MAX_TAGS:
            raise ValueError("too many tags")
        for offset in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, values = struct.unpack_from(order + "HHI", block, offset)
            short, long = (struct.unpack_from(order + code, block, offset + 8)[0] for code in "HI")
            value = {_SHORT: short, _LONG: long}.get(kind) if values == 1 else None
            size = values * _BYTES.get(kind, 1)
            entries[tag] = Entry(values, size, offset + 8 if size <= 4 else long, value)
    except struct.error as error:
        raise ValueError("the directory is cut off") from error
    if len(entries) < count:
        raise ValueError("a tag stands twice")
    return entries


def orientation(exif: bytes) -> int:
    """Return how EXIF data says the photo is turned, 1 to 8; 1, upright, where it says nothing."""
    try:
        entry = directory(exif.removeprefix(b"Exif\0\0")).get(_ORIENTATION)
    except ValueError:
        return 1
    return entry.value if entry and entry.value and entry.value <= 8 else 1


def check(data: bytes, max_pixels: int) -> None:
    """Refuse what would make a reader of this TIFF file work or allocate beyond its size.

    Raises:
        NotAPhoto: too many strips or tiles, or more or fewer pixels in them than the photo has, or
            in the file, or tags that share their bytes or are no numbers where they should be.
        UnsupportedPhoto: a compression that photos do not come in.
        TooManyPixels: the photo or one strip or tile of it has more than `check_pixels` allows.
    """
    try:
        entries = directory(data)
    except ValueError as error:
        raise damaged() from error
    if sum(entry.size for entry in entries.values()) > 2 * len(data):
        raise damaged()
    values = {tag: entries[tag].value for tag in _NUMBERS & entries.keys()}
    numbers = {tag: value for tag, value in values.items() if value is not None}
    if len(numbers) < len(values):
        raise damaged()
    compression = numbers.get(_COMPRESSION, 1)
    if compression not in _COMPRESSIONS:
        names = ", ".join(dict.fromkeys(_COMPRESSIONS.values()))
        raise UnsupportedPhoto(f"This compression is not accepted in TIFF; use one of {names}.")
    _check_pieces(entries, numbers, max_pixels)
    if compression == 1:
        bits = _bits_per_sample(data, entries.get(_BITS)) * numbers.get(_SAMPLES, 1)
        if numbers[_HEIGHT] * (numbers[_WIDTH] * bits // 8) > len(data):
            raise damaged()


def _check_pieces(entries: dict[int, Entry], numbers: dict[int, int], max_pixels: int) -> None:
    width, height = numbers.get(_WIDTH, 0), numbers.get(_HEIGHT, 0)
    tag, piece = _STRIP_OFFSETS, (width, min(height, numbers.get(_ROWS_PER_STRIP, height)))
    if entries.keys() & {_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS}:
        tag, piece = _TILE_OFFSETS, (numbers.get(_TILE_WIDTH, 0), numbers.get(_TILE_HEIGHT, 0))
    # libtiff takes the offsets of either kind for those of the other.
    if len(entries.keys() & {_STRIP_OFFSETS, _TILE_OFFSETS}) > 1 or tag not in entries:
        raise damaged()
    pieces = entries[tag].number
    check_pixels(width, height, max_pixels)
    check_pixels(*piece, max_pixels)
    # Each plane may have its own pieces, and those at the edges hang over.
    most = 4 * min(max_pixels, MAX_FULL_PIXELS)
    if pieces > MAX_PIECES or pieces * piece[0] * piece[1] > most:
        raise NotAPhoto(
            f"The photo comes in {pieces:,} pieces of {piece[0]} x {piece[1]} pixels; at most "
            f"{MAX_PIECES:,} are read, and {most:,} pixels in all."
        )
    if not 0 < width * height <= pieces * piece[0] * piece[1]:
        raise damaged()


def _bits_per_sample(data: bytes, entry: Entry | None) -> int:
    try:
        return struct.unpack_from(SIGNATURES[data[:4]] + "H", data, entry.at)[0] if entry else 1
    except struct.error as error:
        raise damaged() from error
