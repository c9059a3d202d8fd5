"""What of a JPEG file makes its pixels, found without decoding (ITU-T T.81, annex B)."""

import re
import struct

from function_app.vision.photo import exif
from function_app.vision.photo.errors import NotAPhoto, UnsupportedPhoto, damaged

SIGNATURE = b"\xff\xd8\xff"

MAX_SEGMENTS = 2_000
"""Most segments beside scans: a profile of 16 MB, the largest there is, takes 256."""

MAX_SCANS = 50
"""Most scans of a progressive photo; encoders write about ten."""

MAX_SCANNED_SAMPLES = 1_000_000_000
"""Most samples that all scans of a photo pass over: about three seconds of work. The usual ten
scans pass 14 times over the pixels of a photo, in which 50 megapixels take 700 million. A scan
that says nothing takes 30 bytes, so without a limit a small file could ask for minutes."""

# Fill bytes and junk before a marker are skipped, as decoders do.
_MARKER = re.compile(rb"\xff([^\x00\xff])")
# Among coded pixels 0xFF is followed by 0, or is part of a restart marker; none of _BARE counts.
_MARKER_AFTER_PIXELS = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd8])")
_EOI, _SOS, _COM, _APP1, _JPEG_LS = 0xD9, 0xDA, 0xFE, 0xE1, 0xF7
_BARE = {0x01, *range(0xD0, 0xD9)}  # have no length
_FRAMES = {*range(0xC0, 0xD0), _JPEG_LS} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xCA}
_UNSUPPORTED = {
    **dict.fromkeys((0xC3, 0xCB), "lossless JPEG"),
    **dict.fromkeys((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), "hierarchical JPEG"),
    _JPEG_LS: "JPEG-LS",
}
# JFIF (APP0) and Adobe (APP14) stay: they say which colours the components are.
_METADATA = {*range(0xE1, 0xF0), _COM} - {0xEE}


def strip(data: bytes) -> tuple[bytes, int]:
    """Return the file without its metadata, and the EXIF orientation, 1 to 8.

    Profiles, thumbnails and comments never reach a decoder, nor does the index of further
    pictures that makes a JPEG an MPO. Of several EXIF segments the first that has an
    orientation counts.

    Raises:
        NotAPhoto: no pixels, or too many segments or scans.
        UnsupportedPhoto: a variant of JPEG that browsers do not show either.
    """
    view, kept = memoryview(data), [memoryview(data)[:2]]
    position, orientation, samples, components, progressive = 2, None, 0, 0, False
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
                _check_scans(data, start, samples)
            return b"".join([*kept, view[start:]]), orientation or 1
        if marker in _FRAMES:
            _check_frame(marker, data[body], data[body + 5])
            progressive, components = marker in _PROGRESSIVE, data[body + 5]
            height, width = struct.unpack_from(">HH", data, body + 1)
            samples = height * width
        elif marker == _APP1 and orientation is None and data.startswith(b"Exif\0", body):
            orientation = exif.orientation(data[body + 6 : position])
        if marker not in _METADATA:
            kept.append(view[start:position])
    raise _too_many_segments()


def _check_frame(marker: int, bits: int, components: int) -> None:
    if marker in _UNSUPPORTED:
        raise UnsupportedPhoto(f"{_UNSUPPORTED[marker]} is not accepted; send an ordinary JPEG.")
    if bits != 8:
        raise UnsupportedPhoto(f"{bits}-bit JPEG is not accepted; send 8 bits a channel.")
    if components not in (1, 3, 4):
        raise UnsupportedPhoto(
            f"A JPEG of {components} channels is not accepted; send grey, colour or CMYK."
        )


def _check_scans(data: bytes, start: int, samples: int) -> None:
    """Limit the scans from the first on, which begins at `start`, up to the end of the picture."""
    position, scans, scanned, segments = start, 0, 0, 0
    while (found := _MARKER_AFTER_PIXELS.search(data, position)) and found[1][0] != _EOI:
        position = found.end()
        if position + 3 > len(data):
            return
        if found[1][0] == _SOS:
            scans += 1
            scanned += samples * data[position + 2]
        else:
            segments += 1
        if scans > MAX_SCANS or scanned > MAX_SCANNED_SAMPLES:
            raise NotAPhoto(
                f"The photo has more than {MAX_SCANS} scans, or they pass over more than "
                f"{MAX_SCANNED_SAMPLES:,} samples; send a baseline JPEG."
            )
        if segments > MAX_SEGMENTS:
            raise _too_many_segments()
        position += struct.unpack_from(">H", data, position)[0]


def _too_many_segments() -> NotAPhoto:
    return NotAPhoto(f"The photo has more than {MAX_SEGMENTS:,} segments beside its pixels.")
