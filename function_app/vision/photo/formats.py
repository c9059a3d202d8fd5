"""Which format a body is in; what is not accepted is named, with what to send instead."""

import base64
import binascii
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
    (b"PK\3\4", "ZIP archive", "send one photo a request, unpacked"),
    (b"Rar!", "RAR archive", "send one photo a request, unpacked"),
    (b"7z\xbc\xaf", "7-Zip archive", "send one photo a request, unpacked"),
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
    (b"hei", "HEIC", _HEIC),  # heic, heix, heim, heis
    (b"hev", "HEIC", _HEIC),  # hevc, hevx, hevm, hevs: sequences
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

_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
_DATA_URL = re.compile(rb"data:[\w.+-]+/[\w.+-]+[;,]", re.IGNORECASE)
_MULTIPART = re.compile(rb"--[^\r\n]{1,70}\r?\ncontent-", re.IGNORECASE)
_URL = re.compile(rb"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-][A-Za-z0-9+/_\s-]{30,}=*\s*")
_SVG = re.compile(rb"<(?:\w+:)?svg[\s>/]", re.IGNORECASE)
_HEAD = 4_096
"""Bytes that are looked at: an SVG may begin with comments."""


def format_of(data: bytes) -> str:
    """Return which of FORMATS a file is in, by its first bytes.

    Raises:
        UnsupportedPhoto: another format; the message names it.
        NotAPhoto: no known format; the message says what the bytes look like.
    """
    if (known := _accepted(data)) is not None:
        return known
    name, advice = _other(data) or (None, None)
    if name:
        raise UnsupportedPhoto(f"{name} is not accepted: {advice}.")
    raise NotAPhoto(_text(data[:_HEAD]) or f"These {len(data):,} bytes are no picture; {_SEND}.")


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


def _text(head: bytes) -> str | None:
    """Say what a body that is no picture looks like, and what to send; None if like nothing."""
    text = _readable(head)
    if head.startswith(_COMPRESSED):
        looks = "is compressed (gzip or zstd)"
    elif _MULTIPART.match(text):
        return (
            "The body is a multipart form, but its Content-Type does not say so: it must be "
            "multipart/form-data with the boundary, which HTTP libraries set by themselves."
        )
    elif not text or _CONTROL.search(text[:256]):
        return None
    elif _DATA_URL.match(text):
        looks = "is a data: URL"
    elif _URL.match(text):
        looks = "is an address (URL), which is not fetched"
    elif text[:1] in b'{["':
        looks = "looks like JSON"
    elif text[:1] == b"<":
        looks = "looks like HTML or XML"
    elif _BASE64.fullmatch(text):
        looks = "looks like base64" + _packed(text)
    else:
        return None
    return f"The body {looks}: send the photo's bytes as they are."


def _packed(text: bytes) -> str:
    """Name the picture inside a base64 text, if it is one."""
    packed = b"".join(text.split()).translate(bytes.maketrans(b"-_", b"+/"))[:64]
    try:
        inside = _accepted(base64.b64decode(packed[: len(packed) // 4 * 4]))
    except binascii.Error:
        return ""
    return f" of a {inside}" if inside else ""
