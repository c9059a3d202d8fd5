"""Photo files, whole and malicious, made by hand."""

import io
import struct
import zlib
from collections.abc import Sequence
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


def packed(samples: np.ndarray, bits: int = 8, order: str = ">") -> bytes:
    """Rows of samples (h, w) or (h, w, n), each row padded to whole bytes."""
    if bits == 16:
        return samples.astype(f"{order}u2").tobytes()
    rows = samples.reshape(len(samples), -1).astype(np.uint8)
    if bits == 8:
        return rows.tobytes()
    each = np.unpackbits(rows[..., None], axis=-1)[..., 8 - bits :]
    return np.packbits(each.reshape(len(rows), -1), axis=1).tobytes()


def rows(samples: np.ndarray, bits: int = 8) -> bytes:
    """Unfiltered rows of a PNG, as they are before compression."""
    return b"".join(b"\0" + packed(row[None], bits) for row in samples)


def png(
    samples: np.ndarray, *before: bytes, bits: int = 8, color: int = 2, after: bytes = b""
) -> bytes:
    """A PNG that is not interlaced, with chunks before and after its pixels."""
    pixels = chunk(b"IDAT", zlib.compress(rows(samples, bits)))
    start = SIGNATURE + ihdr(samples.shape[1], samples.shape[0], bits, color)
    return start + b"".join(before) + pixels + after + END


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


Entries = dict[int, tuple[int, Sequence[int]]]
"""TIFF tags: type and values by tag. Type 1 is BYTE, 3 SHORT, 4 LONG."""


def directory(entries: Entries, start: int = 8, order: str = "<") -> bytes:
    """A TIFF directory that begins at `start`, with the values that do not fit into it."""
    table, values, beyond = b"", b"", start + 2 + 12 * len(entries) + 4
    for tag, (kind, numbers) in sorted(entries.items()):
        code = {1: "B", 3: "H", 6: "b", 8: "h", 9: "i"}.get(kind, "I")
        raw = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        table += struct.pack(f"{order}HHI", tag, kind, len(numbers))
        if len(raw) > 4:
            table, values = table + struct.pack(f"{order}I", beyond + len(values)), values + raw
        else:
            table += raw.ljust(4, b"\0")
    return struct.pack(f"{order}H", len(entries)) + table + bytes(4) + values


def tiff(entries: Entries, trailer: bytes = b"") -> bytes:
    """A little-endian TIFF block of one directory."""
    return struct.pack("<4sI", b"II*\0", 8) + directory(entries) + trailer


def tiff_photo(width: int, height: int, compression: int, **tags: tuple[int, list[int]]) -> bytes:
    """Header of an RGB TIFF; extra tags as t273=(4, [8])."""
    entries: Entries = {
        256: (4, [width]), 257: (4, [height]), 258: (3, [8, 8, 8]), 259: (3, [compression]),
        262: (3, [2]), 277: (3, [3]),
    }  # fmt: skip
    return tiff(entries | {int(name[1:]): entry for name, entry in tags.items()})
