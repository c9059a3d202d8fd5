"""Directories of TIFF blocks: of TIFF files, and of the EXIF data in all others (TIFF 6.0)."""

import struct
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from function_app.vision.photo.errors import damaged

BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
"""First bytes of a TIFF block, and the byte order they announce (TIFF 6.0, section 2)."""


SHORT, LONG, IFD = 3, 4, 13
_BYTES = {SHORT: 2, LONG: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Of a value of each type; those of all others have one byte."""

MAX_TAGS = 512
"""Most tags of a TIFF file's directory; cameras write fewer than a hundred."""

_ENTRY_BYTES = 12
_LAYOUTS = {
    order: np.dtype(
        {
            "names": ["tag", "type", "count", "short", "long"],
            "formats": [f"{order}u2", f"{order}u2", f"{order}u4", f"{order}u2", f"{order}u4"],
            "offsets": [0, 2, 4, 8, 8],
            "itemsize": _ENTRY_BYTES,
        }
    )
    for order in BYTE_ORDERS.values()
}


class Entries(NamedTuple):
    """The entries of a directory that are there as a whole.

    Attributes:
        declared: how many the directory should have.
        table: structured array of tag, type, count, and the last four bytes as short and as long.
        order: byte order, "<" or ">".
        next: where the next directory begins; 0 if there is none.
    """

    declared: int
    table: NDArray[np.void]
    order: str
    next: int


def entries(block: bytes, start: int | None = None) -> Entries | None:
    """Read a directory of a TIFF block, following no pointer to values.

    Args:
        block: begins with a TIFF header.
        start: where the directory begins; None for the first one.

    Returns:
        None if there is no header or no directory.
    """
    order = BYTE_ORDERS.get(block[:4])
    if order is None or len(block) < 8:
        return None
    endian: Literal["little", "big"] = "little" if order == "<" else "big"
    if start is None:
        start = int.from_bytes(block[4:8], endian)
    if start < 8 or start + 2 > len(block):
        return None
    declared = int.from_bytes(block[start : start + 2], endian)
    whole = min(declared, (len(block) - start - 2) // _ENTRY_BYTES)
    table = np.frombuffer(block, _LAYOUTS[order], whole, start + 2)
    end = start + 2 + declared * _ENTRY_BYTES
    return Entries(declared, table, order, int.from_bytes(block[end : end + 4], endian))


class Entry(NamedTuple):
    """A tag: its type, how many values, and the four bytes that hold them or point to them."""

    type: int
    number: int
    last: bytes


class Directory:
    """A directory of a TIFF file; no pointer is followed before it is asked for."""

    def __init__(self, data: bytes, start: int | None = None) -> None:
        """Read the directory at `start`, None for the first; NotAPhoto if it is cut off."""
        found = entries(data, start)
        if found is None or not len(found.table) == found.declared <= MAX_TAGS:
            raise damaged()
        self.data, self.order, self.next = data, found.order, found.next
        self.entries: dict[int, Entry] = {}
        self.twice: set[int] = set()
        for entry in found.table:
            tag = int(entry["tag"])
            if tag in self.entries:
                self.twice.add(tag)
                continue
            last = struct.pack(f"{self.order}I", entry["long"])
            self.entries[tag] = Entry(int(entry["type"]), int(entry["count"]), last)

    def size(self, tag: int) -> int:
        """Bytes of a tag's values."""
        entry = self.entries[tag]
        return entry.number * _BYTES.get(entry.type, 1)

    def number(self, tag: int, default: int) -> int:
        """Return the value of a tag; raises NotAPhoto if it is no single SHORT or LONG.

        Of other types and of several values the last four bytes may be a pointer, which readers
        follow and we do not.
        """
        entry = self.entries.get(tag)
        if entry is None:
            return default
        if entry.type not in (SHORT, LONG) or entry.number != 1:
            raise damaged()
        return int.from_bytes(entry.last[: _BYTES[entry.type]], self._endian)

    def numbers(self, tag: int, most: int) -> tuple[int, ...]:
        """Return the SHORT or LONG values of a tag, at most so many; () if it is not there."""
        entry = self.entries.get(tag)
        if entry is None:
            return ()
        if entry.type not in (SHORT, LONG, IFD) or not 1 <= entry.number <= most:
            raise damaged()
        size = self.size(tag)
        at = int.from_bytes(entry.last, self._endian)
        values = entry.last if size <= 4 else self.data[at : at + size]
        if len(values) < size:
            raise damaged()
        code = f"{self.order}{entry.number}{'H' if entry.type == SHORT else 'I'}"
        return struct.unpack_from(code, values)

    def text(self, tag: int) -> bytes:
        """Return the first bytes of a text; empty where it is not there."""
        entry = self.entries.get(tag)
        if entry is None:
            return b""
        at = int.from_bytes(entry.last, self._endian)
        return entry.last if entry.number <= 4 else self.data[at : at + min(entry.number, 16)]

    def integer(self, tag: int, default: int) -> int | None:
        """Return the value of a tag of any integer type; None if it is no single integer."""
        entry = self.entries.get(tag)
        if entry is None:
            return default
        size = {1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4}.get(entry.type)
        if size is None or entry.number != 1:
            return None
        return int.from_bytes(entry.last[:size], self._endian)

    @property
    def _endian(self) -> Literal["little", "big"]:
        return "little" if self.order == "<" else "big"
