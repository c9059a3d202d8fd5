"""EXIF orientation: imperfect blocks are read as browsers read them."""

import base64
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from function_app.vision import photo
from tests.function_app.vision.photo.files import chunk, encoded, gradient, png, segment

RGB = gradient()
JPEG = encoded(RGB, "JPEG", quality=95)
PADDING = (0xEA1C, 7, 4, bytes(4))

Tag = tuple[int, int, int, bytes]


def orientation(order: str, value: int = 6, kind: int = 3, count: int = 1) -> Tag:
    code = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}.get(kind, "H")
    return 274, kind, count, struct.pack(order + code, value).ljust(4, b"\0")


def directory(order: str, *tags: Tag, count: int | None = None) -> bytes:
    entries = b"".join(struct.pack(order + "HHI", *tag[:3]) + tag[3] for tag in tags)
    return struct.pack(order + "H", len(tags) if count is None else count) + entries + bytes(4)


def block(order: str, *tags: Tag, count: int | None = None, start: int = 8) -> bytes:
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return head + bytes(max(0, start - 8)) + directory(order, *tags, count=count)


def with_exif(*blocks: bytes, head: bytes = b"Exif\0\0", jpeg: bytes = JPEG) -> bytes:
    return jpeg[:2] + b"".join(segment(0xE1, head + each) for each in blocks) + jpeg[2:]


def cases(order: str) -> Iterator[tuple[str, bytes, int]]:
    """Name, EXIF block and the orientation that Chromium sees in it."""
    six, pointer = orientation(order), lambda at: (0x8769, 4, 1, struct.pack(order + "I", at))
    for value in range(10):
        yield f"value {value}", block(order, orientation(order, value)), max(value % 9, 1)
    yield "padding twice", block(order, six, PADDING, PADDING), 6
    yield "padding twice before", block(order, PADDING, PADDING, six), 6
    yield "other tag points out", block(order, (0xEA1C, 7, 2060, b"\xff" * 4), six), 6
    for first, second, seen in ((6, 1, 6), (1, 6, 1), (0, 6, 6), (9, 6, 6), (8, 6, 8)):
        twice = block(order, orientation(order, first), orientation(order, second))
        yield f"twice, {first} and {second}", twice, seen
    for kind in (1, 2, 4, 6, 7, 8, 9, 13, 99):
        yield f"type {kind}", block(order, orientation(order, kind=kind)), 1
        yield f"type {kind}, then 6", block(order, orientation(order, 8, kind), six), 6
    for count in (0, 2, 3):
        yield f"{count} values", block(order, orientation(order, count=count)), 1
    yield "more entries declared", block(order, six, count=20), 6
    yield "65,535 entries declared", block(order, six, count=65_535), 6
    yield "no entries declared", block(order, six, count=0), 1
    yield "cut off after the entry", block(order, six)[:-4], 6
    yield "cut off in the value", block(order, six)[:-5], 1
    yield "second entry cut off", block(order, six, count=2)[:-4] + bytes(7), 6
    yield "600 tags before", block(order, *[(1000 + i, 3, 1, bytes(4)) for i in range(600)], six), 6
    yield "odd start", block(order, six, start=9), 6
    yield "start in the header", block(order, six)[:4] + bytes(4) + block(order, six)[8:], 1
    yield "start beyond the block", block(order)[:4] + b"\xff\xff\xff\xff", 1
    yield "header alone", block(order)[:8], 1
    for at, name in enumerate(("magic 0", "BigTIFF")):
        number = struct.pack(order + "H", (0, 43)[at])
        yield name, block(order, six)[:2] + number + block(order, six)[4:], 1
    below = directory(order, orientation(order, 8))
    yield "in the EXIF directory", block(order, pointer(26)) + below, 8
    yield "EXIF directory first", block(order, pointer(38), six) + below, 8
    yield "EXIF directory second", block(order, six, pointer(38)) + below, 6
    yield "EXIF directory beyond", block(order, pointer(99_999), six), 6
    yield "EXIF directory is the first", block(order, pointer(8), six), 6
    beyond_first = block(order, pointer(99_999), pointer(38)) + below
    yield "two EXIF directories, the first beyond", beyond_first, 1
    yield "GPS directory", block(order, (0x8825, 4, 1, pointer(26)[3])) + below, 1
    yield "thumbnail's directory", block(order)[:-4] + struct.pack(order + "I", 14) + below, 1


ALL = [pytest.param(data, seen, id=f"{order}{name}")
       for order in "<>" for name, data, seen in cases(order)]  # fmt: skip


@pytest.mark.parametrize(("data", "seen"), ALL)
def test_the_first_usable_orientation_counts(data: bytes, seen: int) -> None:
    opened = photo.open_photo(with_exif(data))
    assert np.array_equal(opened.rgb(), turned(photo.decode(JPEG), seen))


def turned(rgb: np.ndarray, orientation: int) -> np.ndarray:
    """By the definition: which corner of the stored pixels is the upright photo's top left."""
    rows_become_columns = orientation > 4
    upside_down, mirrored = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
    if rows_become_columns:
        rgb = rgb.swapaxes(0, 1)
    rgb = rgb[::-1] if upside_down else rgb
    return rgb[:, ::-1] if mirrored else rgb


@pytest.mark.parametrize("head", [b"Exif\0\0", b"Exif\0\xff", b"Exif\0x"])
def test_the_byte_after_exif_may_be_any(head: bytes) -> None:
    assert photo.open_photo(with_exif(block(">", orientation(">")), head=head)).width == 48


@pytest.mark.parametrize("head", [b"exif\0\0", b"EXIF\0\0", b"Exif\0", b"Exif\0\0\0\0", b"Exif  "])
def test_other_headers_are_no_exif(head: bytes) -> None:
    assert photo.open_photo(with_exif(block(">", orientation(">")), head=head)).width == 64


XMP = (
    b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
)


def test_a_later_segment_counts_where_the_first_gives_nothing() -> None:
    six, one = block("<", orientation("<")), block(">", orientation(">", 1))
    nothing = (b"", b"\xff" * 40, block(">"), block(">", orientation(">", 0)), six[:12])
    for first in nothing:
        assert photo.open_photo(with_exif(first, six)).width == 48, first
    assert photo.open_photo(with_exif(*nothing, six, one)).width == 48
    assert photo.open_photo(with_exif(one, six)).width == 64


def test_xmp_is_no_exif() -> None:
    xmp = JPEG[:2] + segment(0xE1, XMP) + JPEG[2:]
    assert photo.open_photo(xmp).width == 64
    assert photo.open_photo(with_exif(block("<", orientation("<")), jpeg=xmp)).width == 48
    both = JPEG[:2] + segment(0xE1, XMP) + with_exif(block("<", orientation("<")))[2:]
    assert photo.open_photo(both).width == 48


def test_exif_counts_anywhere_before_the_pixels() -> None:
    six = segment(0xE1, b"Exif\0\0" + block("<", orientation("<")))
    for marker in (b"\xff\xdb", b"\xff\xc0", b"\xff\xc4", b"\xff\xda"):
        at = JPEG.index(marker)
        assert photo.open_photo(JPEG[:at] + six + JPEG[at:]).width == 48
    assert photo.open_photo(JPEG[:-2] + six + JPEG[-2:]).width == 64
    assert photo.open_photo(JPEG + six).width == 64


def test_png_and_webp_read_the_same_blocks() -> None:
    damaged = block("<", orientation("<"), PADDING, PADDING, count=99)
    assert photo.open_photo(png(RGB, chunk(b"eXIf", damaged))).width == 48
    assert photo.open_photo(png(RGB, chunk(b"eXIf", damaged, checksum=1))).width == 64
    assert photo.open_photo(encoded(RGB, "WEBP", exif=b"Exif\0\0" + damaged)).width == 48
    assert photo.open_photo(encoded(RGB, "WEBP", exif=damaged)).width == 48


SIZES = """async files => Promise.all(files.map(async base64 => {
    const image = new Image();
    image.src = `data:image/jpeg;base64,${base64}`;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
}))"""


def test_chromium_sees_the_same(chromium: str) -> None:
    files = [base64.b64encode(with_exif(case.values[0])).decode() for case in ALL]  # type: ignore[arg-type]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            sizes = browser.new_page().evaluate(SIZES, files)
        finally:
            browser.close()
    for case, size in zip(ALL, sizes, strict=True):
        turned_sideways = int(str(case.values[1])) > 4
        assert size == ([48, 64] if turned_sideways else [64, 48]), case.id
