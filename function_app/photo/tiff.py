"""The directory of a TIFF block: of TIFF files, and of the EXIF data in all others."""

import struct
from typing import NamedTuple

from function_app.photo.errors import NotAPhoto, UnsupportedPhoto, check_pixels, damaged

SIGNATURES = {b"II*\0": "<", b"MM\0*": ">"}
"""First bytes, and the byte order they announce. BigTIFF (43 for 42) is for gigabytes."""

MAX_PIECES = 65_536
"""Most strips or tiles: more than the rows of every plane of the largest photo."""

# Tags and values of TIFF 6.0 and its technical notes.
_WIDTH, _HEIGHT, _COMPRESSION, _ORIENTATION = 256, 257, 259, 274
_STRIP_OFFSETS, _ROWS_PER_STRIP = 273, 278
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS = 322, 323, 324
_COMPRESSIONS = {1: "none", 5: "LZW", 8: "deflate", 32946: "deflate", 32773: "PackBits"}
# Bytes of a value of each type; those of all others are one byte.
_BYTES = {
    3: 2,
    4: 4,
    5: 8,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
}  # a value of each type; others 1


class Entry(NamedTuple):
    """A tag's values: how many, their bytes in all, and the first if it is a whole number."""

    number: int
    size: int
    value: int


def directory(block: bytes) -> dict[int, Entry]:
    """Read the first directory of a TIFF block, without following any pointer to values.

    Raises:
        ValueError: it is cut off, names a tag twice, or is no TIFF block.
    """
    if block[:4] not in SIGNATURES:
        raise ValueError("no TIFF block")
    order = SIGNATURES[block[:4]]
    entries = {}
    try:
        (start,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, start)
        for offset in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, values = struct.unpack_from(order + "HHI", block, offset)
            (value,) = struct.unpack_from(order + ("H" if kind == 3 else "I"), block, offset + 8)
            entries[tag] = Entry(values, values * _BYTES.get(kind, 1), value)
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
    return entry.value if entry and entry.value in range(1, 9) else 1


def check(data: bytes, max_pixels: int) -> None:
    """Refuse what would make a reader of this TIFF file work or allocate beyond its size.

    Raises:
        NotAPhoto: too many strips or tiles, or more pixels in them than the photo has, or tags
            that share their bytes.
        UnsupportedPhoto: a compression that photos do not come in.
        TooManyPixels: one strip or tile has more than `max_pixels`.
    """
    try:
        entries = directory(data)
    except ValueError as error:
        raise damaged() from error
    if sum(entry.size for entry in entries.values()) > 2 * len(data):
        raise damaged()
    values = {tag: entry.value for tag, entry in entries.items()}
    if values.get(_COMPRESSION, 1) not in _COMPRESSIONS:
        names = ", ".join(dict.fromkeys(_COMPRESSIONS.values()))
        raise UnsupportedPhoto(f"This compression is not accepted in TIFF; use one of {names}.")
    width, height = values.get(_WIDTH, 0), values.get(_HEIGHT, 0)
    rows = min(height, values.get(_ROWS_PER_STRIP, height))
    for tag, piece in (
        (_STRIP_OFFSETS, (width, rows)),
        (_TILE_OFFSETS, (values.get(_TILE_WIDTH, 0), values.get(_TILE_HEIGHT, 0))),
    ):
        pieces = entries[tag].number if tag in entries else 0
        check_pixels(*piece, max_pixels)
        # Each plane may have its own pieces, and those at the edges hang over.
        if pieces > MAX_PIECES or pieces * piece[0] * piece[1] > 4 * max_pixels:
            raise NotAPhoto(
                f"The photo comes in {pieces:,} pieces of {piece[0]} x {piece[1]} pixels; at most "
                f"{MAX_PIECES:,} are read, and {4 * max_pixels:,} pixels in all."
            )
