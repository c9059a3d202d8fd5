"""PNG files: damaged ones are refused, hostile ones cost nothing."""

import math
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from function_app.vision import photo
from tests.function_app.vision.photo.files import (
    END,
    SIGNATURE,
    chunk,
    encoded,
    ihdr,
    png,
    rows,
    street,
    turned,
)

RGB = street(48, 64)
PACKED = zlib.compress(rows(RGB))
START = SIGNATURE + ihdr(64, 48)
ADAM7 = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
]  # fmt: skip
BOMB = zlib.compress(bytes(200_000_000), 9)


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def of_pixels(pixels: bytes, checksum: int | None = None) -> bytes:
    """A file of 64 x 48 pixels, which `pixels` should be, compressed."""
    return START + chunk(b"IDAT", pixels, checksum) + END


DAMAGED = {
    "no pixels": START + END,
    "wrong checksum": of_pixels(PACKED, checksum=5),
    "one bit turned over": flipped(png(RGB), 1000),
    "one bit of the size turned over": flipped(png(RGB), 23),
    "pixels cut off": of_pixels(PACKED[:2000]),
    "half": of_pixels(zlib.compress(rows(RGB[:24]))),
    "byte missing": of_pixels(zlib.compress(rows(RGB)[:-1])),
    "no such filter": of_pixels(zlib.compress(b"\x09" + rows(RGB)[1:])),
    "no deflate": of_pixels(b"\x78\x9c" + b"\xff" * 99),
    "not interlaced": SIGNATURE + ihdr(64, 48, interlaced=1) + png(RGB)[33:],
    "no columns": SIGNATURE + ihdr(0, 48) + png(RGB)[33:],
    "five bits": SIGNATURE + ihdr(64, 48, bits=5) + png(RGB)[33:],
    "length beyond the file": START + chunk(b"tEXt", b"a")[:-8],
    "two headers": START + ihdr(4, 4) + png(RGB)[33:],
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_damaged_files_are_refused(data: bytes) -> None:
    with pytest.raises(photo.NotAPhoto):
        photo.decode(data)


@pytest.mark.parametrize("color", [0, 2, 3, 4, 6])
def test_pixels_split_over_many_chunks(color: int) -> None:
    mode = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}[color]
    whole = encoded(Image.fromarray(RGB).convert(mode), "PNG")
    at = whole.index(b"IDAT") - 4
    (length,) = struct.unpack_from(">I", whole, at)
    body = whole[at + 8 : at + 8 + length]
    split = b"".join(chunk(b"IDAT", body[i : i + 100]) for i in range(0, length, 100))
    data = whole[:at] + chunk(b"IDAT", b"") + split + whole[at + 12 + length :]
    assert np.array_equal(photo.decode(data), photo.decode(whole))


def test_other_chunks_do_not_matter() -> None:
    data = png(
        RGB,
        chunk(b"gAMA", struct.pack(">I", 45455)),
        chunk(b"iCCP", b"profile\0\0nonsense", checksum=1),
        chunk(b"acTL", struct.pack(">II", 2, 0)),
        after=chunk(b"tIME", b"\0" * 7) + chunk(b"tEXt", b"Comment\0street"),
    )
    assert np.array_equal(photo.decode(data), RGB)
    assert np.array_equal(photo.decode(data + b"left over"), RGB)


@pytest.mark.parametrize("color", ["RGB", "L", "P", "RGBA"])
@pytest.mark.parametrize(
    "end",
    [b"", END[:4], END[:6], END[:8], END[:11], chunk(b"IEND", b"", 0), chunk(b"IEND", b"x"),
     b"left over, and no end", bytes(200), chunk(b"tEXt", b"Comment\0cut off")[:-9]],
)  # fmt: skip
def test_complete_pixels_need_no_end(color: str, end: bytes) -> None:
    whole = encoded(Image.fromarray(RGB).convert(color), "PNG")
    assert whole.endswith(END)
    assert np.array_equal(photo.decode(whole[:-12] + end), photo.decode(whole))


@pytest.mark.parametrize("color", ["RGB", "L"])
def test_pixels_that_are_cut_off_are_damaged_whatever_the_end(color: str) -> None:
    whole = encoded(Image.fromarray(RGB).convert(color), "PNG")
    for cut in (13, 14, 16, 17, 40, 500):
        for end in (b"", END):
            with pytest.raises(photo.NotAPhoto):
                photo.decode(whole[:-cut] + end)


INFLATING = {
    "text": png(RGB, chunk(b"zTXt", b"k\0\0" + BOMB)),
    "international text": png(RGB, chunk(b"iTXt", b"k\0\1\0\0\0" + BOMB)),
    "many profiles": png(RGB, *[chunk(b"iCCP", b"k\0\0" + BOMB)] * 100),
    "pixels": of_pixels(zlib.compress(rows(RGB) + bytes(10**8))),
    "more pixels": png(RGB, after=chunk(b"IDAT", BOMB)),
}


@pytest.mark.parametrize("data", INFLATING.values(), ids=INFLATING)
def test_what_inflates_far_beyond_the_picture(data: bytes) -> None:
    started = time.process_time()
    assert np.array_equal(photo.decode(data), RGB)
    assert time.process_time() - started < 0.3


@pytest.mark.parametrize("kind", [b"prIv", b"tEXt", b"IDAT"])
def test_millions_of_chunks_are_not_walked_through(kind: bytes) -> None:
    data = png(RGB, chunk(kind, b"") * 500_000)
    started = time.process_time()
    with pytest.raises(photo.NotAPhoto, match="65,536 chunks"):
        photo.open_photo(data)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("interlaced", [0, 1])
@pytest.mark.parametrize(
    ("color", "bits"), [(0, 1), (0, 8), (0, 16), (2, 16), (3, 4), (4, 8), (6, 8), (6, 16)]
)
def test_what_pillow_reads_must_be_whole(color: int, bits: int, interlaced: int) -> None:
    width, height, bytes_per_pixel = 61, 47, {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color] * bits / 8
    lines: list[int] = []
    for left, top, across, down in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        columns, count = -((left - width) // across), -((top - height) // down)
        lines += [1 + math.ceil(columns * bytes_per_pixel)] * count
    size = sum(lines)
    start = SIGNATURE + ihdr(width, height, bits, color, interlaced)
    start += chunk(b"PLTE", bytes(range(48)))
    for length in (size, size + 5, size + 300_000):
        whole = start + chunk(b"IDAT", zlib.compress(bytes(length))) + END
        assert photo.decode(whole).shape == (height, width, 3)
    for length in (size - 1, sum(lines[:-1]), sum(lines[: len(lines) // 2]), 0):
        part = start + chunk(b"IDAT", zlib.compress(bytes(length))) + END
        with pytest.raises(photo.NotAPhoto):
            photo.decode(part)
    with pytest.raises(photo.NotAPhoto):
        photo.decode(start + chunk(b"IDAT", b"\x78\x9c" + b"\xff" * 99) + END)


def test_a_stream_that_inflates_a_thousandfold_is_whole() -> None:
    image = Image.new("L", (3000, 2000), 7)
    assert (photo.decode(encoded(image, "PNG") + b"left over") == 7).all()


def test_the_first_exif_chunk_with_an_orientation_counts_wherever_it_lies() -> None:
    large = b"II*\0" + struct.pack("<IH", 8, 65_535)
    large += b"".join(struct.pack("<HHII", tag, 3, 1, 6) for tag in range(65_535))
    exif = chunk(b"eXIf", turned(6).removeprefix(b"Exif\0\0"))
    assert np.array_equal(photo.decode(png(RGB, after=exif)), np.rot90(RGB, -1))
    later = chunk(b"eXIf", turned(3).removeprefix(b"Exif\0\0"))
    assert np.array_equal(photo.decode(png(RGB, exif, later)), np.rot90(RGB, -1))
    data = png(RGB, exif, *[chunk(b"eXIf", large)] * 30)
    started = time.process_time()
    assert np.array_equal(photo.decode(data), np.rot90(RGB, -1))
    assert time.process_time() - started < 0.1
    nothing = chunk(b"eXIf", b"II*\0" + struct.pack("<IH", 8, 0))
    assert np.array_equal(photo.decode(png(RGB, nothing, exif)), np.rot90(RGB, -1))
