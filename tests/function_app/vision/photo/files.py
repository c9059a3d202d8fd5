"""Photo files, whole and malicious, made by hand."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def gradient(height: int = 48, width: int = 64) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 4, y * 5, x + y], -1).clip(0, 255).astype(np.uint8)


def street(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Blurred shapes under sensor noise: compresses like a photo does."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 24 + 2, width // 24 + 2, 3), np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    return (smooth + rng.normal(0, 2, smooth.shape)).clip(0, 255).astype(np.uint8)


def encoded(image: Image.Image | np.ndarray, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    image.save(out, format, **options)
    return out.getvalue()


def pillow(data: bytes) -> np.ndarray:
    """What Pillow makes of it: the reference."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def chunk(kind: bytes, body: bytes, checksum: int | None = None) -> bytes:
    if checksum is None:
        checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


END = chunk(b"IEND", b"")


def ihdr(width: int, height: int, bits: int = 8, color: int = 2, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))


def rows(rgb: np.ndarray) -> bytes:
    """Unfiltered rows, as they are before compression."""
    return b"".join(b"\0" + row.tobytes() for row in rgb)


def png(rgb: np.ndarray, *before: bytes, after: bytes = b"") -> bytes:
    """A plain PNG with chunks before and after its pixels."""
    pixels = chunk(b"IDAT", zlib.compress(rows(rgb)))
    start = SIGNATURE + ihdr(rgb.shape[1], rgb.shape[0])
    return start + b"".join(before) + pixels + after + END


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def tiff(entries: dict[int, tuple[int, list[int]]], trailer: bytes = b"") -> bytes:
    """A little-endian TIFF block: tag -> (type, values); type 1 is BYTE, 3 SHORT, 4 LONG."""
    head = struct.pack("<4sIH", b"II*\0", 8, len(entries))
    beyond = len(head) + 12 * len(entries) + 4
    blob = b""
    for tag, (kind, values) in sorted(entries.items()):
        raw = struct.pack(f"<{len(values)}{'?BBHI'[kind]}", *values)
        head += struct.pack("<HHI", tag, kind, len(values))
        if len(raw) <= 4:
            head += raw.ljust(4, b"\0")
        else:
            head += struct.pack("<I", beyond + len(blob))
            blob += raw
    return head + bytes(4) + blob + trailer


def tiff_photo(width: int, height: int, compression: int, **tags: tuple[int, list[int]]) -> bytes:
    """Header of an RGB TIFF; extra tags as t273=(4, [8])."""
    entries = {
        256: (4, [width]), 257: (4, [height]), 258: (3, [8, 8, 8]), 259: (3, [compression]),
        262: (3, [2]), 277: (3, [3]),
    }  # fmt: skip
    return tiff(entries | {int(name[1:]): entry for name, entry in tags.items()})
