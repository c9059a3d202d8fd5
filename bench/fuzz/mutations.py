"""Ways to damage a photo file: anywhere, and where its format is most sensitive."""

import re
import struct
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from bench.fuzz.corpus import PNG_SIGNATURE, png_chunk

MAX_ROUNDS = 4

EXTREMES = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000,
            0xFFFFFFFF)  # fmt: skip
"""Numbers at which lengths, counts and sizes overflow, turn negative or become absurd."""

DIMENSIONS = re.compile(
    rb"(?s)(?<=IHDR)|(?<=IHDR.{4})|(?<=IHDR.{8})"  # PNG: width, height, bits and colour type
    rb"|(?<=\xff[\xc0\xc2].{3})|(?<=\xff[\xc0\xc2].{5})|(?<=\xff[\xc0\xc2].{7})"  # JPEG: likewise
    rb"|(?<=VP8X.{8})|(?<=VP8X.{11})|(?<=VP8 .{10})|(?<=VP8L.{5})"  # WebP
    rb"|(?<=^BM.{16})|(?<=^BM.{20})|(?<=^BM.{26})"  # BMP
    rb"|(?<=.\x01[\x03\x04]\0.\0\0\0)|(?<=\x01.\0[\x03\x04]\0\0\0.)"  # TIFF: tags 256 to 511
)
"""Where headers declare the picture's size, samples and, in TIFF, where to find them."""

METADATA = re.compile(rb"Exif\0|eXIf|EXIF|ICC_PROFILE\0|iCCP|ICCP|zTXt|iTXt")
"""Where EXIF data, colour profiles and texts begin."""

CHUNKED = ((PNG_SIGNATURE, 8, 0, ">I", 12), (b"\xff\xd8", 2, 2, ">H", 2), (b"RIFF", 12, 4, "<I", 8))
"""How a PNG, a JPEG and a WebP begins; where its first chunk does; where a chunk's length is in it
and how it is written; bytes of a chunk that the length does not count."""


def mutate(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Damage `data` in one to MAX_ROUNDS ways; `other` is a file that parts may come from."""
    for _ in range(int(rng.integers(1, MAX_ROUNDS + 1))):
        at = _position(data, rng)
        match int(rng.integers(8)):
            case 0:
                data = data[: int(rng.integers(len(data) + 1))]
            case 1:
                data = _overwritten(data, _after(DIMENSIONS, data, rng), rng)
            case 2:
                data = _overwritten(data, _after(METADATA, data, rng) + int(rng.integers(64)), rng)
            case 3:
                data = _overwritten(data, at, rng)
            case 4:
                damaged = bytearray(data or b"\0")
                for _bit in range(int(rng.integers(1, 9))):
                    damaged[_position(data, rng)] ^= 1 << int(rng.integers(8))
                data = bytes(damaged)
            case 5:  # up to 4 kB are taken out or repeated
                end = at + int(2 ** rng.uniform(0, 12))
                data = data[:at] + data[at:end] * int(rng.integers(6)) + data[end:]
            case 6:
                cut, other_cut = rng.integers(len(data) + 1), rng.integers(len(other) + 1)
                data = data[:cut] + other[other_cut:] if rng.random() < 0.7 else data + other
            case _:
                data = _rearranged(data, rng)
    # A decoder that checks them looks no further than the first wrong one.
    return with_checksums(data) if rng.random() < 0.7 else data


def with_checksums(data: bytes) -> bytes:
    """Correct the CRC of every chunk of a PNG; other files come back as they are."""
    if not data.startswith(PNG_SIGNATURE):
        return data
    whole = [data[start:end] for start, end in pairwise(_chunks(data))]
    chunks = b"".join(png_chunk(chunk[4:8], chunk[8:-4]) for chunk in whole)
    return data[:8] + chunks + data[8 + len(chunks) :]


def _position(data: bytes, rng: np.random.Generator) -> int:
    """A position in `data`, half of the time among the first 64 bytes, where headers are."""
    end = min(len(data), 64) if rng.random() < 0.5 else len(data)
    return int(rng.integers(end)) if end else 0


def _after(pattern: re.Pattern[bytes], data: bytes, rng: np.random.Generator) -> int:
    """The end of one of the pattern's matches, or any position where there are none."""
    ends = [match.end() for match in pattern.finditer(data)]
    return ends[int(rng.integers(len(ends)))] if ends else _position(data, rng)


def _overwritten(data: bytes, at: int, rng: np.random.Generator) -> bytes:
    """Put an extreme number of 1 to 4 bytes, of either endianness, or up to 16 random bytes."""
    new = rng.bytes(int(rng.integers(1, 17)))
    if rng.random() < 0.7:
        width = int(rng.choice([1, 2, 4]))
        value = int(rng.choice(EXTREMES)) % (1 << 8 * width)
        new = value.to_bytes(width, "little" if rng.random() < 0.5 else "big")
    return data[:at] + new[: max(0, len(data) - at)] + data[at + len(new) :]


def _rearranged(data: bytes, rng: np.random.Generator) -> bytes:
    """Drop a chunk or segment, repeat it up to 40 times, or copy it to the place of another."""
    found = list(pairwise(_chunks(data)))
    if not found:
        return data
    (start, end), (elsewhere, _to) = (found[int(rng.integers(len(found)))] for _ in range(2))
    match int(rng.integers(3)):
        case 0:
            return data[:start] + data[end:]
        case 1:
            return data[:start] + data[start:end] * int(rng.integers(2, 41)) + data[end:]
        case _:
            return data[:elsewhere] + data[start:end] + data[elsewhere:]


def _chunks(data: bytes) -> Iterator[int]:
    """Where the chunks of a PNG or WebP or the segments of a JPEG begin, and the last one ends."""
    for signature, first, field, code, more in CHUNKED:
        at = first
        while data.startswith(signature) and at <= len(data):
            yield at
            if at + field + struct.calcsize(code) > len(data):
                return
            at += more + int(struct.unpack_from(code, data, at + field)[0])
