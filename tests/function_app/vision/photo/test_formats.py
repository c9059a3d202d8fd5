"""What is not accepted is named, with what to send instead."""

import struct

import pytest
from PIL import Image

from function_app.vision import photo
from tests.function_app.vision.photo.files import encoded


def box(*brands: bytes) -> bytes:
    body = brands[0] + bytes(4) + b"".join(brands[1:])
    return struct.pack(">I", 8 + len(body)) + b"ftyp" + body + bytes(64)


def pillow(format: str, **options: object) -> bytes:
    return encoded(Image.new("RGB", (32, 32)), format, **options)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
DECLARED = b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
NAMED = {
    "GIF": [encoded(Image.new("P", (8, 8)), "GIF")],
    "PDF": [b"%PDF-1.7\n"],
    "Photoshop": [b"8BPS\0\1" + bytes(20)],
    "BigTIFF": [b"II+\0\x08\0\0\0" + bytes(60), b"MM\0+\0\x08\0\0" + bytes(60)],
    "JPEG XL": [b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(60), b"\xff\x0a" + bytes(60)],
    "JPEG 2000": [pillow("JPEG2000"), pillow("JPEG2000", no_jp2=True)],
    "JPEG XR": [b"II\xbc\1" + bytes(60)],
    **{name: [pillow(name)] for name in ("ICO", "ICNS", "DDS", "SGI", "PCX", "EPS", "QOI", "PPM")},
    "AVIF": [pillow("AVIF"), box(b"avis", b"mif1", b"avis"), box(b"mif1", b"mif1", b"avif")],
    "HEIC .*iPhone": [box(b"heic", b"mif1", b"heic"), box(b"mif1", b"mif1", b"heic"),
                      box(b"heix"), box(b"hevc", b"mif1", b"hevc"), box(b"heim")],
    "HEIF": [box(b"msf1", b"mif1", b"msf1"), box(b"mif1", b"miaf")],
    r"raw photo \(CR3\)": [box(b"crx ", b"crx ", b"isom")],
    r"raw photo \(ORF\)": [b"IIRO\x08\0\0\0"],
    r"raw photo \(RW2\)": [b"IIU\0\x18\0\0\0"],
    r"raw photo \(RAF\)": [b"FUJIFILMCCD-RAW 0201"],
    "video": [box(b"isom", b"isom", b"avc1"), box(b"qt  "), b"\0\0\0\x08wide\0\0\0\0mdat",
              b"\x1a\x45\xdf\xa3" + bytes(30), b"RIFF\0\0\0\0AVI LIST"],
    "SVG": [SVG, DECLARED + b"<!-- drawn -->\n" + SVG, b"\xef\xbb\xbf  <!DOCTYPE svg>" + SVG,
            b"<!-- " + b"long " * 200 + b"-->" + SVG, (DECLARED + SVG).decode().encode("utf-16"),
            b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>'],
}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "name"), [(data, name) for name, files in NAMED.items() for data in files]
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
