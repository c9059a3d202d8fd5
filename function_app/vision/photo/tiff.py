"""What of a TIFF file makes its pixels, found without decoding (TIFF 6.0, technical notes)."""

import struct

from function_app.vision.photo.directory import BYTE_ORDERS, Directory
from function_app.vision.photo.errors import (
    MAX_FULL_PIXELS,
    NotAPhoto,
    UnsupportedPhoto,
    check_pixels,
    damaged,
)

SIGNATURES = BYTE_ORDERS

MAX_PIECES = 65_536
"""Most strips or tiles: more than the rows of every plane of the largest photo."""

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP = 273, 277, 278
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS = 322, 323, 324
_FILL_ORDER, _PLANES, _PREDICTOR, _COLOR_MAP, _SAMPLE_FORMAT = 266, 284, 317, 320, 339
_NUMBERS = {_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _SAMPLES, _ROWS_PER_STRIP,
            _PLANES, _PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT}  # fmt: skip
_KEPT = _NUMBERS | {_BITS, _STRIP_OFFSETS, 279, _COLOR_MAP, _TILE_OFFSETS, 325, 338, _SAMPLE_FORMAT}
_SUBFILE_TYPE, _OLD_SUBFILE_TYPE, _MAKE, _SUB_DIRECTORIES, _DNG_VERSION = 254, 255, 271, 330, 50706
_POINTS_TO_RAW = (_SUBFILE_TYPE, _OLD_SUBFILE_TYPE, _SUB_DIRECTORIES)
_ORIENTATION = 274

_COMPRESSIONS = {1: "none", 5: "LZW", 8: "deflate", 32946: "deflate", 32773: "PackBits"}
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK = 0, 1, 2, 3, 5
_DEPTHS = {_WHITE_IS_ZERO: (1, 2, 4, 8), _BLACK_IS_ZERO: (1, 2, 4, 8, 16), _RGB: (8, 16),
           _PALETTE: (1, 2, 4, 8), _CMYK: (8, 16)}  # fmt: skip
"""Bits a sample by colour space. Pillow does not invert white-is-zero of 16 bits."""
_MAX_SAMPLES = 16
_MAX_DIRECTORIES = 64
"""Most directories that are looked at for a raw photo, and most that one list may name."""
_RAW_COMPRESSIONS = {32767, 34713, 65000, 65535}  # of Sony, Nikon, Kodak, Pentax
_SENSOR = {32803, 34892}  # colour filter array, linear raw
_RAW_MAKES = {b"NIKON": "NEF", b"SONY": "ARW", b"PENTAX": "PEF", b"SAMSUNG": "SRW"}

_THUMBNAIL = (
    "The first picture of this TIFF is only a thumbnail, so this is a raw photo ({name}); "
    "send the JPEG that the camera or a raw converter makes of it."
)
_RAW = "This is a raw photo ({name}); send the JPEG that the camera or a raw converter makes of it."


def strip(data: bytes, max_pixels: int) -> tuple[bytes, int]:
    """Return the first picture of the file without metadata, and its orientation, 1 to 8.

    What readers disagree about is refused, and what would make them work or allocate beyond
    the file's size.

    Raises:
        NotAPhoto: too many strips or tiles, or more or fewer pixels in them than the photo has, or
            in the file; tags that share their bytes, stand twice or are no numbers where they
            should be; a palette picture without its palette.
        UnsupportedPhoto: a raw photo; a compression, colour space or depth that photos do not
            come in.
        TooManyPixels: the photo or one strip or tile of it has more than `check_pixels` allows.
    """
    directory = Directory(data)
    _refuse_raw(directory)
    kept = sorted(_KEPT & directory.entries.keys())
    if directory.twice.intersection((*kept, *_POINTS_TO_RAW)) or sum(
        map(directory.size, kept)
    ) > 2 * len(data):
        raise damaged()
    for tag in _NUMBERS:
        directory.number(tag, 0)
    compression = directory.number(_COMPRESSION, 1)
    if compression not in _COMPRESSIONS:
        names = ", ".join(dict.fromkeys(_COMPRESSIONS.values()))
        raise UnsupportedPhoto(f"This compression is not accepted in TIFF; use one of {names}.")
    bits = _depth(directory)
    _check_pieces(directory, max_pixels)
    samples = directory.number(_SAMPLES, 1)
    if samples == 1 and _PLANES in kept:
        kept.remove(_PLANES)  # means nothing for one sample, but Pillow would read it as 8 bits
    if compression == 1:
        width, height = directory.number(_WIDTH, 0), directory.number(_HEIGHT, 0)
        if height * (width * bits * samples // 8) > len(data):
            raise damaged()
        if bits == 16 and _PLANES in kept and directory.number(_PLANES, 1) == 2:
            # Pillow takes the planes' samples for 8-bit ones.
            raise UnsupportedPhoto(
                "Uncompressed 16-bit TIFF in planes (PlanarConfiguration 2) is not accepted; "
                "send interleaved samples."
            )
    return _only(directory, kept), _orientation(directory)


def _only(directory: Directory, tags: list[int]) -> bytes:
    """Return the file with a new directory at its end, of these tags alone."""
    table = b"".join(
        struct.pack(f"{directory.order}HHI", tag, entry.type, entry.number) + entry.last
        for tag, entry in ((tag, directory.entries[tag]) for tag in tags)
    )
    data, padding = directory.data, bytes(len(directory.data) % 2)
    start = struct.pack(f"{directory.order}I", len(data) + len(padding))
    count = struct.pack(f"{directory.order}H", len(tags))
    return b"".join((data[:4], start, memoryview(data)[8:], padding, count, table, bytes(4)))


def _refuse_raw(directory: Directory) -> None:
    make = directory.text(_MAKE).upper()
    name = next((raw for start, raw in _RAW_MAKES.items() if make.startswith(start)), "NEF, DNG")
    if _DNG_VERSION in directory.entries:
        raise UnsupportedPhoto(_RAW.format(name="DNG"))
    if directory.data[8:10] == b"CR":
        raise UnsupportedPhoto(_RAW.format(name="CR2"))
    reduced = directory.number(_SUBFILE_TYPE, 0) & 1 or directory.number(_OLD_SUBFILE_TYPE, 0) == 2
    pages, below = _others(directory)
    if any(map(_is_raw, (directory, *pages, *below))):
        raise UnsupportedPhoto(_RAW.format(name=name))
    own = _pixels(directory)
    if reduced or any(_pixels(each) > own for each in below):
        raise UnsupportedPhoto(_THUMBNAIL.format(name=name))


def _depth(directory: Directory) -> int:
    """Return the bits of a sample, if colour space, depth and palette go together."""
    space = directory.number(_PHOTOMETRIC, -1)
    if space == -1:
        raise NotAPhoto("The TIFF does not say its colour space (PhotometricInterpretation).")
    if space not in _DEPTHS:
        raise UnsupportedPhoto("This colour space is not accepted in TIFF; send grey or RGB.")
    depths = set(directory.numbers(_BITS, _MAX_SAMPLES)) or {1}
    formats = set(directory.numbers(_SAMPLE_FORMAT, _MAX_SAMPLES)) or {1}
    bits = max(depths)
    if space == _WHITE_IS_ZERO and bits == 16:
        raise UnsupportedPhoto("White-is-zero TIFF of 16 bits is not accepted; send 8 bits.")
    if depths != {bits}:
        raise UnsupportedPhoto("Samples of different depths are not accepted in TIFF.")
    if bits not in _DEPTHS[space] or formats != {1}:
        kind = {1: "", 2: "signed ", 3: "floating-point "}.get(max(formats), "other ")
        raise UnsupportedPhoto(
            f"{bits}-bit {kind}samples are not accepted in this TIFF; send 8 or 16 bits a channel."
        )
    if space == _PALETTE:
        colors = directory.numbers(_COLOR_MAP, 3 << bits)
        if len(colors) != 3 << bits:
            raise NotAPhoto("The photo's palette is missing or damaged.")
        if 0 < max(colors) < 256:
            raise UnsupportedPhoto("A TIFF palette must have 16-bit colours; send RGB.")
    return bits


def _check_pieces(directory: Directory, max_pixels: int) -> None:
    """Refuse strips and tiles that do not make up the photo."""
    tags = directory.entries.keys()
    width, height = directory.number(_WIDTH, 0), directory.number(_HEIGHT, 0)
    tag, piece = _STRIP_OFFSETS, (width, min(height, directory.number(_ROWS_PER_STRIP, height)))
    if tags & {_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS}:
        tag = _TILE_OFFSETS
        piece = directory.number(_TILE_WIDTH, 0), directory.number(_TILE_HEIGHT, 0)
    # libtiff takes the offsets of either kind for those of the other.
    if len(tags & {_STRIP_OFFSETS, _TILE_OFFSETS}) > 1 or tag not in tags:
        raise damaged()
    pieces = directory.entries[tag].number
    check_pixels(width, height, max_pixels)
    check_pixels(*piece, max_pixels)
    # Each plane may have its own pieces, and those at the edges hang over.
    most = 4 * min(max_pixels, MAX_FULL_PIXELS)
    if pieces > MAX_PIECES or pieces * piece[0] * piece[1] > most:
        raise NotAPhoto(
            f"The photo comes in {pieces:,} pieces of {piece[0]} x {piece[1]} pixels; at most "
            f"{MAX_PIECES:,} are read, and {most:,} pixels in all."
        )
    left_out = 0 in directory.numbers(tag, pieces)
    if left_out or not 0 < width * height <= pieces * piece[0] * piece[1]:
        raise damaged()


def _orientation(directory: Directory) -> int:
    """Return the orientation; 1 where there is none of 1 to 8.

    Raises:
        NotAPhoto: it is no single whole number, or stands twice: readers disagree about it.
    """
    value = directory.integer(_ORIENTATION, 1)
    if value is None or _ORIENTATION in directory.twice:
        raise NotAPhoto("The Orientation tag of a TIFF must be one SHORT, and stand once.")
    return value if 1 <= value <= 8 else 1


def _is_raw(directory: Directory) -> bool:
    """Whether a directory holds what a camera's sensor saw."""
    return (
        directory.integer(_PHOTOMETRIC, 0) in _SENSOR
        or directory.integer(_COMPRESSION, 1) in _RAW_COMPRESSIONS
    )


def _pixels(directory: Directory) -> int:
    return (directory.integer(_WIDTH, 0) or 0) * (directory.integer(_HEIGHT, 0) or 0)


def _others(first: Directory) -> tuple[list[Directory], list[Directory]]:
    """Return the pages that follow the first one, and the directories below the first one.

    A damaged directory is left out, and what it leads to.

    Raises:
        NotAPhoto: the list of those below the first one is damaged, or too long.
    """
    pages: list[Directory] = []
    below: list[Directory] = []
    waiting = [(start, below) for start in first.numbers(_SUB_DIRECTORIES, _MAX_DIRECTORIES)]
    waiting.append((first.next, pages))
    seen: set[int] = set()
    while waiting and len(seen) < _MAX_DIRECTORIES:
        start, found = waiting.pop(0)
        if start in seen:
            continue
        seen.add(start)
        try:
            directory = Directory(first.data, start)
            found.append(directory)
            waiting.append((directory.next, found))
            starts = directory.numbers(_SUB_DIRECTORIES, _MAX_DIRECTORIES)
        except NotAPhoto:
            continue
        waiting += [(start, found) for start in starts]
    return pages, below
