"""How a photo is turned, as its EXIF data says: by the rules of browsers, which people see.

A test compares them with Chromium's.
"""

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
    table, pointed = directory.table, False
    for entry in table[(table["tag"] == _ORIENTATION) | (table["tag"] == _EXIF_DIRECTORY)]:
        if entry["count"] != 1:
            continue
        if entry["tag"] == _ORIENTATION:
            if entry["type"] == SHORT and 1 <= entry["short"] <= 8:
                return int(entry["short"])
        elif entry["type"] == LONG and start is None and not pointed:
            pointed = True
            found = _orientation(block, int(entry["long"]))
            if found is not None:
                return found
    return None
