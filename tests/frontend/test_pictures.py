import io

import pictures
import pytest
from canned_api import png
from future_vision import Picture
from PIL import Image

EVIL = '"><script>alert(1)</script>'
MASK = Picture("image/png", png())


def test_layers_tell_the_viewer_what_they_are() -> None:
    html = pictures.layer(MASK, "prediction", "a_0", "official", '{"width": 8}')
    assert 'data-fv-layer="prediction" data-fv-title="a_0" data-fv-protocol="official"' in html
    assert 'data-fv-json="{&quot;width&quot;: 8}"' in html


def test_everything_is_escaped() -> None:
    picture = Picture(f"image/png{EVIL}", b"")
    html = pictures.layer(picture, "photo", EVIL, EVIL, EVIL) + pictures.thumbnail(picture, EVIL)
    html += pictures.overlap(EVIL, EVIL) + pictures.saved(EVIL, EVIL, EVIL, b"")
    assert "<script" not in html


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\xff\xd8\xff\xe1", "image/jpeg"),
        (png(), "image/png"),
        (b"RIFF\n\0\0\0WEBPVP8 ", "image/webp"),
        (b"BM\0\0", "image/bmp"),
    ],
)
def test_types_that_browsers_show(data: bytes, media_type: str) -> None:
    assert pictures.browser_picture(data) == Picture(media_type, data)


def photo(format: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 16), "teal").save(out, format, **options)
    return out.getvalue()


def rotation() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def needs_drawing(data: bytes) -> bool:
    picture = pictures.browser_picture(data)
    assert picture is not None
    return pictures.needs_drawing(picture)


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_rotations_that_browsers_may_ignore_are_drawn_by_the_api(format: str) -> None:
    assert not needs_drawing(photo(format))
    assert needs_drawing(photo(format, exif=rotation()))


def test_of_a_jpeg_browsers_ignore_a_second_exif_segment_only() -> None:
    turned = photo("JPEG", exif=rotation())
    assert not needs_drawing(photo("JPEG"))
    assert not needs_drawing(turned)
    assert not needs_drawing(turned + turned), "a preview behind the photo has EXIF data too"
    empty = b"\xff\xe1\0\x10Exif\0\0II*\0\x08\0\0\0"
    assert needs_drawing(turned[:2] + empty + turned[2:])
    for cut in range(len(turned)):
        pictures.needs_drawing(Picture("image/jpeg", turned[:cut]))


@pytest.mark.parametrize("data", [b"II*\0", b"", b"hello", b"<svg onload=alert(1)>"])
def test_types_that_browsers_do_not_show(data: bytes) -> None:
    assert pictures.browser_picture(data) is None
