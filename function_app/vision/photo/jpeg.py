"""What of a JPEG file makes its pixels, found without decoding (ITU-T T.81, annex B)."""

import re
import struct

from function_app.vision.photo import tiff
from function_app.vision.photo.errors import NotAPhoto, damaged

SIGNATURE = b"\xff\xd8\xff"

MAX_SEGMENTS = 2_000
"""Most segments before the first scan: a profile of 16 MB, the largest there is, takes 256."""

MAX_SCANS = 50
"""Most scans of a progressive photo. Encoders write about ten; each is a pass over all pixels,
and one that says nothing takes 30 bytes, so a small file could ask for hours."""

# Fill bytes and junk before a marker are skipped, as decoders do.
_MARKER = re.compile(rb"\xff([^\x00\xff])")
_SOS, _COM, _APP1 = 0xDA, 0xFE, 0xE1
_BARE = {0x01, *range(0xD0, 0xD9)}  # have no length
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
# JFIF (APP0) and Adobe (APP14) stay: they say which colours the components are.
_METADATA = {*range(0xE1, 0xF0), _COM} - {0xEE}


def strip(data: bytes) -> tuple[bytes, int]:
    """Return the file without its metadata, and the EXIF orientation, 1 to 8.

    Profiles, thumbnails and comments never reach a decoder, nor does the index of further
    pictures that makes a JPEG an MPO.

    Raises:
        NotAPhoto: no pixels, or too many segments or scans.
    """
    view, kept = memoryview(data), [memoryview(data)[:2]]
    position, exif, components, progressive = 2, b"", 0, False
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(data, position)
        if found is None or found.end() + 8 > len(data):
            raise damaged()
        start, marker = found.start(), found[1][0]
        position = found.end()
        if marker in _BARE:
            continue
        body = position + 2
        position += struct.unpack_from(">H", data, position)[0]
        if marker == _SOS:
            if progressive or data[body] < components:
                _check_scans(data, start)
            return b"".join([*kept, view[start:]]), tiff.orientation(exif)
        if marker in _FRAMES:
            progressive, components = marker in _PROGRESSIVE, data[body + 5]
        elif marker == _APP1 and not exif and data.startswith(b"Exif\0\0", body):
            exif = data[body:position]
        if marker not in _METADATA:
            kept.append(view[start:position])
    raise NotAPhoto(f"The photo has more than {MAX_SEGMENTS:,} segments before its pixels.")


def _check_scans(data: bytes, start: int) -> None:
    # Among coded pixels 0xFF is followed by 0, so this counts markers (and little else).
    if data.count(b"\xff\xda", start) > MAX_SCANS:
        raise NotAPhoto(f"The photo has more than {MAX_SCANS} scans.")
