"""What is not accepted is named, with what to send instead."""

import struct

import pytest
from PIL import Image

from function_app.vision import photo
from tests.function_app.vision.photo.files import encoded


def box(*brands: bytes) -> bytes:
    body = brands[0] + bytes(4) + b"".join(brands[1:])
    return struct.pack(">I", 8 + len(body)) + b"ftyp" + body + bytes(64)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
DECLARED = b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (encoded(Image.new("P", (8, 8)), "GIF"), "GIF"),
        (b"%PDF-1.7\n", "PDF"),
        (b"8BPS\0\1" + bytes(20), "Photoshop"),
        (b"II+\0\x08\0\0\0" + bytes(60), "BigTIFF"),
        (b"MM\0+\0\x08\0\0" + bytes(60), "BigTIFF"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(60), "JPEG XL"),
        (b"\xff\x0a" + bytes(60), "JPEG XL"),
        (encoded(Image.new("RGB", (64, 64)), "JPEG2000"), "JPEG 2000"),
        (encoded(Image.new("RGB", (64, 64)), "JPEG2000", no_jp2=True), "JPEG 2000"),
        (b"II\xbc\1" + bytes(60), "JPEG XR"),
        (encoded(Image.new("RGB", (32, 32)), "ICO"), "ICO"),
        (encoded(Image.new("RGB", (32, 32)), "ICNS"), "ICNS"),
        (encoded(Image.new("RGB", (32, 32)), "DDS"), "DDS"),
        (encoded(Image.new("RGB", (32, 32)), "SGI"), "SGI"),
        (encoded(Image.new("RGB", (32, 32)), "PCX"), "PCX"),
        (encoded(Image.new("RGB", (32, 32)), "EPS"), "EPS"),
        (encoded(Image.new("RGB", (32, 32)), "QOI"), "QOI"),
        (encoded(Image.new("RGB", (32, 32)), "PPM"), "PPM"),
        (encoded(Image.new("RGB", (32, 32)), "AVIF"), "AVIF"),
        (box(b"heic", b"mif1", b"heic"), "HEIC .*iPhone"),
        (box(b"mif1", b"mif1", b"heic"), "HEIC"),
        (box(b"heix"), "HEIC"),
        (box(b"hevc", b"mif1", b"hevc"), "HEIC"),
        (box(b"heim"), "HEIC"),
        (box(b"msf1", b"mif1", b"msf1"), "HEIF"),
        (box(b"mif1", b"miaf"), "HEIF"),
        (box(b"avis", b"mif1", b"avis"), "AVIF"),
        (box(b"mif1", b"mif1", b"avif"), "AVIF"),
        (box(b"crx ", b"crx ", b"isom"), r"raw photo \(CR3\)"),
        (box(b"isom", b"isom", b"avc1"), "video"),
        (box(b"qt  "), "video"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "video"),
        (b"\x1a\x45\xdf\xa3" + bytes(30), "video"),
        (b"RIFF\0\0\0\0AVI LIST", "video"),
        (b"IIRO\x08\0\0\0", r"raw photo \(ORF\)"),
        (b"IIU\0\x18\0\0\0", r"raw photo \(RW2\)"),
        (b"FUJIFILMCCD-RAW 0201", r"raw photo \(RAF\)"),
        (SVG, "SVG"),
        (DECLARED + b"<!-- drawn -->\n" + SVG, "SVG"),
        (b"\xef\xbb\xbf  <!DOCTYPE svg>" + SVG, "SVG"),
        (b"<!-- " + b"long " * 200 + b"-->" + SVG, "SVG"),
        ((DECLARED + SVG).decode().encode("utf-16"), "SVG"),
        (b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>', "SVG"),
    ],
)
def test_other_formats_are_named(data: bytes, name: str) -> None:
    with pytest.raises(photo.UnsupportedPhoto, match=name) as refusal:
        photo.open_photo(data)
    assert "send" in str(refusal.value)


@pytest.mark.parametrize(
    "data", [b"", b"hello", bytes(5000), b"{\0\1\2", b"\xff\xd8", b"[" + bytes(99)]
)
def test_bytes_that_look_like_nothing_are_no_picture(data: bytes) -> None:
    with pytest.raises(photo.NotAPhoto, match=f"These {len(data):,} bytes are no picture"):
        photo.open_photo(data)
