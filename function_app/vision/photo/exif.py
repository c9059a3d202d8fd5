"""Which way a photo is to be turned, as its EXIF data says: read by the rules of browsers.

A test compares them with Chromium's.
"""

import numpy as np

from function_app.vision.photo.directory import LONG, SHORT, entries

_ORIENTATION, _EXIF_DIRECTORY = 274, 0x8769


def orientation(block: bytes) -> int | None:
    """Return the orientation 1 to 8 that an EXIF block, from its TIFF header on, gives first.

    It is a single SHORT in the first directory or in the EXIF directory that this points to. Other
    values and types are passed over, and so is all damage behind the last whole entry.

    Returns:
        None if the block gives none.
    """
    return _orientation(block, None)


def _orientation(block: bytes, start: int | None) -> int | None:
    directory = entries(block, start)
    if directory is None:
        return None
    tags = directory.table["tag"]
    table = directory.table[(tags == _ORIENTATION) | (tags == _EXIF_DIRECTORY)]
    if not len(table):
        return None
    single = table["count"] == 1
    value, is_value = table["short"], (table["tag"] == _ORIENTATION) & (table["type"] == SHORT)
    pointers = (table["tag"] == _EXIF_DIRECTORY) & (table["type"] == LONG) & single
    values = np.flatnonzero(is_value & single & (value >= 1) & (value <= 8))
    if start is None and pointers.any():
        at = int(np.argmax(pointers))
        if not len(values) or at < values[0]:
            found = _orientation(block, int(table["long"][at]))
            if found is not None:
                return found
    return int(value[values[0]]) if len(values) else None
