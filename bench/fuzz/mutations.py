"""Ways to damage a file: everywhere, and where its format says it hurts."""

import struct
import zlib
from collections.abc import Callable

import numpy as np

from bench.fuzz.corpus import PNG_SIGNATURE, png_chunk

Mutation = Callable[[bytes, bytes, np.random.Generator], bytes]
"""(file, another file, source of chance) -> damaged file."""

EXTREMES = (0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000,
            0xFFFFFFFF)  # fmt: skip
"""Numbers at which lengths, counts and sizes overflow, turn negative or become absurd."""

MAX_ROUNDS = 4
BOMB_BYTES = 30_000_000
"""What a compressed text chunk grows to when it is unpacked."""


def mutate(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Damage `data` in one to MAX_ROUNDS ways; `other` is a file that parts may come from."""
    for _ in range(int(rng.integers(1, MAX_ROUNDS + 1))):
        data = MUTATIONS[int(rng.integers(len(MUTATIONS)))](data, other, rng)
    return data


def _position(data: bytes, rng: np.random.Generator) -> int:
    """A position in `data`, half of the time among the first 64 bytes, where headers are."""
    end = min(len(data), 64) if rng.random() < 0.5 else len(data)
    return int(rng.integers(end)) if end else 0


def _span(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    start = _position(data, rng)
    return start, min(len(data), start + int(2 ** rng.uniform(0, 12)))


def flip_bits(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Flip up to 8 bits."""
    damaged = bytearray(data)
    for _round in range(int(rng.integers(1, 9)) if data else 0):
        damaged[_position(data, rng)] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


def set_bytes(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite up to 16 bytes with random ones."""
    start = _position(data, rng)
    new = rng.bytes(int(rng.integers(1, 17)))
    return data[:start] + new[: len(data) - start] + data[start + len(new) :]


def set_number(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite 2 or 4 bytes with an extreme number of either endianness."""
    kind = str(rng.choice(["<H", ">H", "<I", ">I"]))
    value = int(rng.choice(EXTREMES)) & (0xFFFF if kind[1] == "H" else 0xFFFFFFFF)
    number, start = struct.pack(kind, value), _position(data, rng)
    return data[:start] + number + data[start + len(number) :]


def truncate(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Keep the beginning only."""
    return data[: int(rng.integers(len(data) + 1))]


def remove(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Take out up to 4 kB."""
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def repeat(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Repeat up to 4 kB, up to 5 times."""
    start, end = _span(data, rng)
    return data[:end] + data[start:end] * int(rng.integers(1, 6)) + data[end:]


def fill(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Fill up to 4 kB with one value."""
    start, end = _span(data, rng)
    return data[:start] + bytes([int(rng.choice([0, 255, 0x0A]))]) * (end - start) + data[end:]


def splice(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """The beginning of one file and the end of another."""
    cut, other_cut = int(rng.integers(len(data) + 1)), int(rng.integers(len(other) + 1))
    return data[:cut] + other[other_cut:]


def append(data: bytes, other: bytes, _: np.random.Generator) -> bytes:
    """A whole file after the first."""
    return data + other


def segments(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Repeat, drop or stretch one JPEG segment; other files come back as they were."""
    found, at = [], 2
    while data[:2] == b"\xff\xd8" and at + 4 <= len(data) and data[at] == 0xFF:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        found.append((at, end))
        if data[at + 1] == 0xDA:
            break
        at = end
    if not found:
        return data
    start, end = found[int(rng.integers(len(found)))]
    match int(rng.integers(3)):
        case 0:
            return data[:end] + data[start:end] * int(rng.integers(1, 40)) + data[end:]
        case 1:
            return data[:start] + data[end:]
        case _:
            length = int(rng.choice([0, 1, 2, 3, 0xFF, 0x7FFF, 0xFFFF]))
            return data[: start + 2] + struct.pack(">H", length) + data[start + 4 :]


def frame_size(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Declare another size or number of components in a JPEG's frame header."""
    for marker in (b"\xff\xc0\x00", b"\xff\xc2\x00"):
        at = data.find(marker)
        if at >= 0:
            field, width = ((5, 2), (7, 2), (9, 1), (4, 1))[int(rng.integers(4))]
            value = int(rng.choice(EXTREMES)) % (1 << 8 * width)
            return data[: at + field] + value.to_bytes(width) + data[at + field + width :]
    return data


def chunks(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Repeat, drop, move, damage or invent a PNG chunk, every CRC right; see `_chunks`."""
    parts = _chunks(data)
    if not parts:
        return data
    i = int(rng.integers(len(parts)))
    kind, body = parts[i]
    match int(rng.integers(6)):
        case 0:
            parts[i:i] = [(kind, body)] * int(rng.integers(1, 6))
        case 1:
            del parts[i]
        case 2:
            parts.insert(int(rng.integers(len(parts))), parts.pop(i))
        case 3:
            parts[i] = (kind, flip_bits(body, other, rng))
        case 4:
            parts[i] = (kind, truncate(body, other, rng))
        case _:
            parts.insert(1, _bomb(rng))
    return PNG_SIGNATURE + b"".join(png_chunk(*part) for part in parts)


def header(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    """Declare another size, depth or colour type in a PNG, with the right CRC."""
    parts = _chunks(data)
    if not parts or len(parts[0][1]) != 13:
        return data
    field, width = ((0, 4), (4, 4), (8, 1), (9, 1), (10, 1), (11, 1), (12, 1))[int(rng.integers(7))]
    small = int(rng.integers(0, 17))
    value = int(rng.choice(EXTREMES)) if rng.random() < 0.5 else small
    body = parts[0][1]
    body = body[:field] + (value % (1 << 8 * width)).to_bytes(width) + body[field + width :]
    parts[0] = (parts[0][0], body)
    return PNG_SIGNATURE + b"".join(png_chunk(*part) for part in parts)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and body of the chunks of a PNG as far as they can be read; none of other files."""
    parts, at = [], len(PNG_SIGNATURE)
    while data.startswith(PNG_SIGNATURE) and at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        parts.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return parts


def _bomb(rng: np.random.Generator) -> tuple[bytes, bytes]:
    kinds = ((b"zTXt", b"Comment\0\0"), (b"iCCP", b"profile\0\0"),
             (b"iTXt", b"Comment\0\1\0\0\0"))  # fmt: skip
    kind, prefix = kinds[int(rng.integers(len(kinds)))]
    return kind, prefix + _BOMB


_BOMB = zlib.compress(bytes(BOMB_BYTES), 9)

MUTATIONS: tuple[Mutation, ...] = (
    flip_bits, set_bytes, set_number, truncate, remove, repeat, fill, splice, append,
    segments, frame_size, chunks, header,
)  # fmt: skip
