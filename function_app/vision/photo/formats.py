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

_PICTURES = {
    b"GIF8": "GIF", b"%PDF": "PDF", b"8BPS": "Photoshop document (PSD)", b"gimp xcf": "GIMP (XCF)",
    b"II+\0": "BigTIFF", b"MM\0+": "BigTIFF", b"II\xbc\x01": "JPEG XR",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL", b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG 2000", b"\xff\x4f\xff\x51": "JPEG 2000",
    b"\0\0\1\0": "icon (ICO)", b"\0\0\2\0": "cursor (CUR)", b"icns": "icon (ICNS)",
    b"%!PS": "PostScript (EPS)", b"\xc5\xd0\xd3\xc6": "PostScript (EPS)", b"AT&TFORM": "DjVu",
    b"\x8aMNG": "MNG", b"\x8bJNG": "JNG", b"BPG\xfb": "BPG", b"FLIF": "FLIF", b"qoif": "QOI",
    b"v/1\x01": "OpenEXR", b"#?RADIANCE": "Radiance HDR", b"#?RGBE": "Radiance HDR",
    b"DDS ": "DDS", b"\x01\xda": "SGI", b"\x59\xa6\x6a\x95": "Sun raster", b"SIMPLE  =": "FITS",
    b"\xd7\xcd\xc6\x9a": "WMF", b"/* XPM": "XPM", b"\x93NUMPY": "NumPy array", b"\x89HDF": "HDF5",
}  # fmt: skip
_RAW_PHOTOS = {b"IIRO": "ORF", b"IIRS": "ORF", b"MMOR": "ORF", b"IIU\0": "RW2",
               b"FUJIFILMCCD-RAW": "RAF", b"FOVb": "X3F", b"\0MRM": "MRW"}  # fmt: skip
_VIDEOS = {b"\x1a\x45\xdf\xa3": "Matroska, WebM", b"\0\0\1\xba": "MPEG", b"\0\0\1\xb3": "MPEG",
           b"FLV\1": "FLV", b"\x30\x26\xb2\x75": "WMV"}  # fmt: skip
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    *((start, name, _SEND) for start, name in _PICTURES.items()),
    *((start, f"raw photo ({name})", _RAW) for start, name in _RAW_PHOTOS.items()),
    *((start, f"video ({name})", _FRAMES) for start, name in _VIDEOS.items()),
)
"""First bytes, name and advice of formats that are known and not accepted."""

_PATTERNS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb".{4}(moov|mdat|wide|free|skip)", re.DOTALL), "video (MOV)", _FRAMES),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), "video (AVI)", _FRAMES),
    (re.compile(rb".{6}HEAPCCDR", re.DOTALL), "raw photo (CRW)", _RAW),
    (re.compile(rb"P[1-7Ff]\s"), "PBM, PGM, PPM, PAM or PFM", _SEND),
    (re.compile(rb"\n[\x00\x02-\x05]\x01[\x01\x02\x04\x08]"), "PCX", _SEND),
    (re.compile(rb"\x01\x00\x00\x00.{36} EMF", re.DOTALL), "EMF", _SEND),
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
