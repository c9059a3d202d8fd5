"""Which format a body is in; what is not accepted is named, with what to send instead."""

import re

from function_app.vision.photo import jpeg, png, tiff
from function_app.vision.photo.errors import NotAPhoto, UnsupportedPhoto

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")

_SEND = f"send {', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
_HEIC = (
    f"{_SEND}. On an iPhone: Settings > Camera > Formats > Most Compatible, or share the photo as "
    "JPEG"
)
_FRAMES = "send single frames as photos"
_RAW = "send the JPEG that the camera or a raw converter makes of it"

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"GIF8", "GIF", _SEND),
    (b"%PDF", "PDF", _SEND),
    (b"8BPS", "Photoshop document (PSD)", _SEND),
    (b"II+\0", "BigTIFF", "send an ordinary TIFF, or PNG or JPEG"),
    (b"MM\0+", "BigTIFF", "send an ordinary TIFF, or PNG or JPEG"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", _SEND),
    (b"\xff\x0a", "JPEG XL", _SEND),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", _SEND),
    (b"\xff\x4f\xff\x51", "JPEG 2000", _SEND),
    (b"II\xbc\x01", "JPEG XR", _SEND),
    (b"\0\0\1\0", "Windows icon (ICO)", _SEND),
    (b"\x93NUMPY", "NumPy array", _SEND),
    (b"IIRO", "raw photo (ORF)", _RAW),
    (b"IIRS", "raw photo (ORF)", _RAW),
    (b"MMOR", "raw photo (ORF)", _RAW),
    (b"IIU\0", "raw photo (RW2)", _RAW),
    (b"FUJIFILMCCD-RAW", "raw photo (RAF)", _RAW),
    (b"FOVb", "raw photo (X3F)", _RAW),
    (b"\x1a\x45\xdf\xa3", "video (Matroska, WebM)", _FRAMES),
    (b"\0\0\1\xba", "video (MPEG)", _FRAMES),
    (b"\0\0\1\xb3", "video (MPEG)", _FRAMES),
)
"""First bytes, name and advice of formats that are known and not accepted."""

_PATTERNS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb".{4}(moov|mdat|wide|free|skip)", re.DOTALL), "video (MOV)", _FRAMES),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), "video (AVI)", _FRAMES),
    (re.compile(rb".{6}HEAPCCDR", re.DOTALL), "raw photo (CRW)", _RAW),
    (re.compile(rb"P[1-7]\s"), "PBM, PGM, PPM or PAM", _SEND),
)
"""The same for signatures that are not at the beginning."""

_BRANDS: tuple[tuple[bytes, str, str], ...] = (
    (b"crx ", "raw photo (CR3)", _RAW),
    (b"avif", "AVIF", _SEND),
    (b"avis", "AVIF", _SEND),
    *((brand, "HEIC", _HEIC) for brand in (b"heic", b"heix", b"heim", b"heis")),
    *((brand, "HEIC", _HEIC) for brand in (b"hevc", b"hevx", b"hevm", b"hevs")),  # sequences
    (b"mif1", "HEIF", _HEIC),
    (b"msf1", "HEIF", _HEIC),
    (b"mif2", "HEIF", _HEIC),
    (b"jpeg", "HEIF", _HEIC),
    (b"jpgs", "HEIF", _HEIC),
    (b"jxl ", "JPEG XL", _SEND),
    (b"jp2 ", "JPEG 2000", _SEND),
    (b"", "video (MP4, MOV)", _FRAMES),
)
"""The same by the first brands of ISO base media files (ISO/IEC 14496-12, ftyp), in this order."""

_SVG = re.compile(rb"<(?:\w+:)?svg[\s>/]", re.IGNORECASE)
_HEAD = 4_096
"""Bytes that are looked at: an SVG may begin with comments."""


def format_of(data: bytes) -> str:
    """Return which of FORMATS a file is in, by its first bytes.

    Raises:
        UnsupportedPhoto: another format; the message names it.
        NotAPhoto: no known format.
    """
    if (known := _accepted(data)) is not None:
        return known
    name, advice = _other(data) or (None, None)
    if name:
        raise UnsupportedPhoto(f"{name} is not accepted: {advice}.")
    raise NotAPhoto(f"These {len(data):,} bytes are no picture; {_SEND}.")


def _accepted(data: bytes) -> str | None:
    if data.startswith(jpeg.SIGNATURE):
        return "JPEG"
    if data.startswith(png.SIGNATURE):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:4] in tiff.SIGNATURES:
        return "TIFF"
    return "BMP" if data[:2] == b"BM" else None


def _other(data: bytes) -> tuple[str, str] | None:
    """Return name and advice of a known format that is not accepted."""
    for signature, name, advice in _SIGNATURES:
        if data.startswith(signature):
            return name, advice
    if data[4:8] == b"ftyp":
        return _by_brand(data)
    for pattern, name, advice in _PATTERNS:
        if pattern.match(data):
            return name, advice
    head = _readable(data[:_HEAD])
    if head.startswith(b"<") and _SVG.search(head):
        return "SVG", f"it is a drawing; {_SEND}"
    return None


def _by_brand(data: bytes) -> tuple[str, str]:
    """Name a file by its major brand, and by what else it says it is compatible with."""
    end = min(int.from_bytes(data[:4]), len(data), 256)
    brands = (data[8:12], *(data[at : at + 4] for at in range(16, end, 4)))
    return next(
        (name, advice)
        for brand, name, advice in _BRANDS
        if any(each.startswith(brand) for each in brands)
    )


def _readable(head: bytes) -> bytes:
    """Return the head of a text without byte order mark and leading spaces, as UTF-8."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()
