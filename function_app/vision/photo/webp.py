"""The size of a WebP file, before its reader allocates a canvas for it (RFC 9649, 2.5 to 2.7)."""

import struct

from function_app.vision.photo.errors import check_pixels, damaged


def check(data: bytes, max_pixels: int) -> None:
    """Raise TooManyPixels where width x height are more than `max_pixels`.

    Raises:
        NotAPhoto: no size where the first chunk should have it.
    """
    if len(data) < 30:
        raise damaged()
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise damaged()
    check_pixels(width, height, max_pixels)
