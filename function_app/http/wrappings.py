"""What a body is that holds a photo in a form other than its bytes, such as base64 or gzip."""

import re

PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"BM", b"II", b"MM")
"""First bytes of the formats that are accepted."""

DATA = (
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
"""What data is, by its first bytes."""

TEXTS = (
    (r"(?i)[\"']?data:[^,]{0,200},", "a data: URL"),
    (r"[{\[\"]", "JSON"),
    (r"(?i)<!doctype html|<html", "an HTML page"),
    (r"(?is)<\?xml(?!.*<svg)", "XML"),
    (r"(?i)(https?|file|s3|blob):", "an address"),
    (r"(?i)--[^\r\n]+\r?\ncontent-", "a multipart form, which its Content-Type does not say"),
    (r"(?:0x)?[0-9a-fA-F\s]{64,}\Z", "hexadecimal text"),
    # Of a JPEG, PNG, WebP, BMP, TIFF or GIF; and whatever long text has no character of others.
    (r"/9j/|_9j_|iVBORw0K|UklGR|Qk[0-9A-Za-z+/]{6}|SUkqA|TU0AK|R0lGOD", "base64 text"),
    (r"[A-Za-z0-9+/_\-\r\n]{64,}={0,2}\s*\Z", "base64 text"),
    (r"[\w.\-\[\]%]{1,80}=[^=&\s]", "a URL-encoded form"),
)
"""What a text is, by the pattern of its beginning."""

CODINGS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "br": "Brotli", "zstd": "zstd"}
"""Names by value of Content-Encoding."""

LOOKED_AT = 4096
"""Bytes that are looked at."""


def wrapping(body: bytes, content_encoding: str = "") -> str:
    """Say what a body looks like that is not a photo as it is; "" if that is unknown."""
    if body.startswith(PICTURES) and not _is_text(body):
        return ""
    for magic, name in DATA:
        if body.startswith(magic):
            return name
    if coding := CODINGS.get(content_encoding.strip().lower(), ""):
        return f"{coding} data, by its Content-Encoding"
    if not _is_text(body):
        return ""
    text = body[:LOOKED_AT].decode("utf-8-sig", "ignore").strip()
    return next((name for pattern, name in TEXTS if re.match(pattern, text)), "")


def _is_text(body: bytes) -> bool:
    """Whether the beginning is UTF-8 without control characters."""
    try:
        # What is cut off at the end may be half a character.
        text = body[:LOOKED_AT].decode("utf-8-sig", "strict" if len(body) < LOOKED_AT else "ignore")
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text)
