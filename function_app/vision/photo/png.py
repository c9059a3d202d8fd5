"""What of a PNG file makes its pixels, found without decoding, and its decoder for photos.

PNG specification, third edition: https://www.w3.org/TR/png-3/
"""

import struct
from collections.abc import Iterator
from typing import cast

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from function_app.vision.photo import exif
from function_app.vision.photo.errors import NotAPhoto, check_pixels, damaged

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_PIECE = 65_536
"""Bytes of a stream that are inflated at a time, and about that many come out."""

MAX_CHUNKS = 65_536
"""Most chunks: 25 MB in the small ones of 8 kB that libpng writes are 3,000."""

_END = b"IEND"
END = b"\0\0\0\0IEND\xaeB`\x82"
"""The chunk that ends a file, with its checksum."""

_PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT"}
_PALETTE = 3  # colour type
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_PASSES = (
    ((0, 0, 1, 1),),
    # Adam7, chapter 8: first column and row, steps to the next
    ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
     (0, 1, 1, 2)),
)  # fmt: skip
_RGB8 = bytes([8, 2, 0, 0, 0])  # bits, colour type, compression, filters, interlacing


def strip(data: bytes, max_pixels: int, *, full: bool = True) -> tuple[bytes, int]:
    """Return the file without its metadata, and the EXIF orientation, 1 to 8.

    Profiles, texts and animations never reach a decoder. A file may end after its last IDAT: as
    browsers do, IEND is not asked for. Of several eXIf chunks the first with an orientation counts.

    Args:
        data: the file.
        max_pixels: the most it may have.
        full: whether MAX_FULL_PIXELS is a limit too; see `check_pixels`.

    Raises:
        NotAPhoto: too many chunks, one that is cut off or does not fit its checksum, no pixels, or
            no palette where there should be one.
        TooManyPixels: see `check_pixels`; known from the header, before anything else is read.
    """
    if len(data) < 33 or data[8:16] != b"\0\0\0\rIHDR":
        raise damaged()
    width, height = struct.unpack_from(">II", data, 16)
    check_pixels(width, height, max_pixels, full=full)
    needed = {b"IHDR", b"PLTE"} if data[25] == _PALETTE else {b"IHDR"}
    view, kept, seen = memoryview(data), [memoryview(data)[:8]], set[bytes]()
    position, orientation = 8, None
    for number in range(MAX_CHUNKS):
        length, kind = _chunk_header(data, position)
        chunk = view[position : position + 12 + length]
        if kind == _END:
            if b"IDAT" not in seen:
                raise damaged()
            nothing_to_strip = len(kept) == number + 1 and chunk == END
            stripped = data if nothing_to_strip else b"".join([*kept, END])
            return stripped, orientation or 1
        if kind in _PIXELS:
            out_of_order = kind == b"IDAT" and not needed <= seen
            bad_palette = kind == b"PLTE" and (length % 3 or not 3 <= length <= 768)
            if out_of_order or bad_palette or not _is_whole(chunk, length):
                raise damaged()
            kept.append(chunk)
            seen.add(kind)
        elif kind == b"eXIf" and orientation is None and _is_whole(chunk, length):
            orientation = exif.orientation(bytes(chunk[8:-4]).removeprefix(b"Exif\0\0"))
        position += 12 + length
    raise NotAPhoto(f"The photo has more than {MAX_CHUNKS:,} chunks.")


def _chunk_header(data: bytes, position: int) -> tuple[int, bytes]:
    """Return a chunk's length and kind; the end where the file ends, or nothing of it is left."""
    if position + 8 > len(data):
        return 0, _END
    length, kind = struct.unpack_from(">I4s", data, position)
    return length, kind


def _is_whole(chunk: memoryview, length: int) -> bool:
    """Whether a chunk is not cut off and fits its checksum."""
    checksum = struct.pack(">I", isal_zlib.crc32(chunk[4:-4]))
    return len(chunk) == 12 + length and chunk[-4:] == checksum


def is_plain(stripped: bytes) -> bool:
    """Whether `decode_plain` reads it: 8-bit RGB, not interlaced, nothing transparent."""
    return stripped[24:29] == _RGB8 and stripped[37:41] == b"IDAT"


def check_complete(stripped: bytes) -> None:
    """Inflate the pixels, keeping none: Pillow fills up what a stream leaves out with black.

    Raises:
        NotAPhoto: fewer bytes than the rows take, or bytes that are no zlib stream.
    """
    missing, inflater = _inflated_size(stripped), isal_zlib.decompressobj()
    try:
        for piece in _packed(stripped):
            packed: memoryview | bytes = piece
            more = not inflater.eof
            while more and missing > 0:
                got = len(inflater.decompress(packed, _PIECE))
                packed, more = inflater.unconsumed_tail, got == _PIECE
                missing -= got
    except isal_zlib.error as error:  # type: ignore[misc]  # the stub says it is an instance
        raise damaged() from error
    if missing > 0:
        raise damaged()


def _inflated_size(stripped: bytes) -> int:
    width, height, bits, color, _, _, interlaced = struct.unpack_from(">IIBBBBB", stripped, 16)
    size = 0
    for left, top, across, down in _PASSES[interlaced > 0]:
        columns, rows = len(range(left, width, across)), len(range(top, height, down))
        size += (1 + (columns * bits * _CHANNELS[color] + 7) // 8) * rows if columns else 0
    return size


def _packed(stripped: bytes) -> Iterator[memoryview]:
    """Yield the contents of the IDAT chunks in pieces."""
    view, position, kind = memoryview(stripped), 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", view, position)
        body = view[position + 8 : position + 8 + length]
        if kind == b"IDAT":
            yield from (body[start : start + _PIECE] for start in range(0, length, _PIECE))
        position += 12 + length


def decode_plain(stripped: bytes) -> NDArray[np.uint8]:
    """Decode a plain file to (h, w, 3), in less than half of Pillow's time.

    It holds the GIL meanwhile.

    Raises:
        NotAPhoto: damaged. Stricter than Pillow, which fills up missing rows with black.
    """
    from kornia_rs import io

    width, height = struct.unpack_from(">II", stripped, 16)
    try:
        return cast(NDArray[np.uint8], io.decode_image_png_u8(stripped, (height, width), "rgb"))
    except BaseException as error:
        # A panic of the Rust code is no Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise damaged() from error
        raise
