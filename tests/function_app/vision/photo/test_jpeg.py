"""JPEG files: metadata never reaches a decoder, and markers cannot keep it busy."""

import struct
import time

import numpy as np
import pytest
from PIL import Image

from function_app.vision import photo
from tests.function_app.vision.photo.files import encoded, pillow, segment, street, turned

WHOLE = encoded(street(48, 64), "JPEG", quality=90)
RGB = pillow(WHOLE)


def before_the_rest(extra: bytes) -> bytes:
    return WHOLE[:20] + extra + WHOLE[20:]  # after the JFIF header


# Pillow would copy these tags all: 5,000 times 60 kB, or gigabytes over several segments.
SHARED = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 5000)
SHARED += b"".join(struct.pack("<HHII", 1000 + i, 7, 4_000_000, 8) for i in range(5000))
METADATA = {
    "profile": segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(9000)) * 255,
    "8BIM": segment(0xED, b"Photoshop 3.0\0008BIM\4\4\0\0" + b"\xff" * 4),
    "index of pictures": segment(0xE2, b"MPF\0" + b"II*\0" + b"\xff" * 50),
    "broken EXIF": segment(0xE1, b"Exif\0\0" + b"\xff" * 60),
    "EXIF cut off": segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff"),
    "EXIF pointing out": segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"),
    "EXIF tags that share their bytes": segment(0xE1, SHARED),
    "comment of markers": segment(0xFE, b"\xff\xda\xff\xd9" * 100),
    "fill bytes": b"\xff" * 40,
    "junk": b"junk",
}


@pytest.mark.parametrize("extra", METADATA.values(), ids=METADATA)
def test_metadata_does_not_matter(extra: bytes) -> None:
    started = time.process_time()
    assert np.array_equal(photo.decode(before_the_rest(extra)), RGB)
    assert time.process_time() - started < 0.3


def test_of_several_exif_segments_the_first_with_an_orientation_counts() -> None:
    entries = b"".join(struct.pack("<HHII", 1000 + i, 3, 1, 6) for i in range(5000))
    large = segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<IH", 8, 5000) + entries)
    first = segment(0xE1, turned(6))
    started = time.process_time()
    assert photo.open_photo(before_the_rest(first + large * 300)).width == 48
    assert photo.open_photo(before_the_rest(large * 300 + first)).width == 48
    assert photo.open_photo(before_the_rest(segment(0xE1, turned(1)) + first)).width == 64
    assert time.process_time() - started < 1


PROGRESSIVE = encoded(street(48, 64), "JPEG", quality=90, progressive=True)
LAST_SCAN = PROGRESSIVE.rindex(b"\xff\xda")


def between_scans(extra: bytes) -> bytes:
    return PROGRESSIVE[:LAST_SCAN] + extra + PROGRESSIVE[LAST_SCAN:]


@pytest.mark.parametrize(
    "data",
    [
        *(before_the_rest(segment(m, b"") * 1_000_000) for m in (0xEE, 0xFE, 0xDB, 0xE1)),
        between_scans(segment(0xFE, b"") * 500_000),
    ],
    ids=["Adobe", "comments", "tables", "EXIF", "between scans"],
)
def test_millions_of_segments_are_not_walked_through(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(photo.NotAPhoto, match="2,000 segments"):
        photo.open_photo(data)
    assert time.process_time() - started < 0.3


@pytest.mark.parametrize("filler", [b"\xff", b"\0", b"\xff\0", b"\xff\xd8"])
def test_what_leads_nowhere_is_left_soon(filler: bytes) -> None:
    started = time.process_time()
    with pytest.raises(photo.NotAPhoto):
        photo.open_photo(WHOLE[:2] + b"\xff" + filler * 2_000_000)
    assert time.process_time() - started < 1


def test_scans_are_limited() -> None:
    data = encoded(Image.new("RGB", (64, 48)), "JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    scan = data[at:-2]
    assert photo.decode(data[:-2] + scan * 20 + b"\xff\xd9").shape == (48, 64, 3)
    with pytest.raises(photo.NotAPhoto, match="50 scans"):
        photo.open_photo(data[:-2] + scan * 60 + b"\xff\xd9")


@pytest.mark.parametrize("photo_file", [WHOLE, PROGRESSIVE], ids=["baseline", "progressive"])
@pytest.mark.parametrize(
    "trailer",
    [
        np.random.default_rng(3).bytes(3_000_000),
        b"\xff\xda\0\x0c" * 1000,
        struct.pack(">I", 24) + b"ftypmp42" + b"\xff\xda" * 5000,
        encoded(street(48, 64), "JPEG", progressive=True) * 20,
        b"\0" * 100,
        b"\xff",
    ],
    ids=["random", "scans", "video", "depth maps", "zeros", "one byte"],
)
def test_what_follows_the_picture_does_not_count(photo_file: bytes, trailer: bytes) -> None:
    assert np.array_equal(photo.decode(photo_file + trailer), pillow(photo_file))


def test_all_scans_together_are_limited_too() -> None:
    image = Image.new("RGB", (3000, 3000))
    data = encoded(image, "JPEG", progressive=True, subsampling="4:4:4")
    start = data.index(b"\xff\xda")
    first = data[start : data.index(b"\xff", start + 20)]
    assert first[4] == 3, "the first scan is of all channels"
    # Ten scans of these encoders pass over 14 samples of each pixel, 9 megapixels here.
    for more, accepted in ((0, True), (32, True), (33, False)):
        extended = data[:-2] + first * more + b"\xff\xd9"
        if accepted:
            assert photo.open_photo(extended).width == 3000
        else:
            with pytest.raises(photo.NotAPhoto, match="1,000,000,000 samples"):
                photo.open_photo(extended)


@pytest.mark.parametrize("filler", [b"\xff\xd0", b"\xff\xd8", b"\xff\x01", b"\xff\0", b"\xff"])
def test_markers_between_scans_that_mean_nothing_cost_nothing(filler: bytes) -> None:
    started = time.process_time()
    photo.open_photo(between_scans(filler * 2_000_000))
    assert time.process_time() - started < 0.3


@pytest.mark.parametrize(
    ("at", "value", "name"),
    [
        (1, 0xC3, "lossless JPEG"),
        (1, 0xC5, "hierarchical JPEG"),
        (1, 0xCB, "lossless JPEG"),
        (1, 0xF7, "JPEG-LS"),
        (4, 12, "12-bit JPEG"),
        (4, 16, "16-bit JPEG"),
        (9, 2, "2 channels"),
        (9, 5, "5 channels"),
    ],
)
def test_variants_that_browsers_do_not_show_are_named(at: int, value: int, name: str) -> None:
    frame = WHOLE.index(b"\xff\xc0") + at
    with pytest.raises(photo.UnsupportedPhoto, match=name):
        photo.open_photo(WHOLE[:frame] + bytes([value]) + WHOLE[frame + 1 :])


@pytest.mark.parametrize(
    ("marker", "at", "value"),
    [(0xC0, 2, b"\0\0"), (0xC0, 2, b"\xff\xff"), (0xC4, 2, b"\0\1"), (0xDB, 2, b"\xff\xff"),
     (0xDA, 2, b"\0\0"), (0xC0, 5, b"\0\0")],
)  # fmt: skip
def test_wrong_lengths_and_no_rows_are_refused(marker: int, at: int, value: bytes) -> None:
    position = WHOLE.index(bytes([0xFF, marker])) + at
    with pytest.raises(photo.NotAPhoto):
        photo.decode(WHOLE[:position] + value + WHOLE[position + 2 :])
