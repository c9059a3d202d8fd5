"""Decoding through `open_photo` and `decode`: every format, and the same pixels as Pillow."""

import io
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageOps

from function_app.vision import photo
from tests.function_app.vision.photo.files import encoded, gradient, pillow, street, turned


@pytest.mark.parametrize("size", [(1, 1), (3, 1000), (97, 61), (360, 480)])
def test_rgb_png_is_returned_as_it_is(size: tuple[int, int]) -> None:
    rgb = street(*size)
    assert np.array_equal(photo.decode(encoded(rgb, "PNG")), rgb)


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_pixels_are_pillow_s(subsampling: str, progressive: bool) -> None:
    data = encoded(
        street(121, 203), "JPEG", quality=90, subsampling=subsampling, progressive=progressive
    )
    assert np.array_equal(photo.decode(data), pillow(data))


def test_transparency_is_laid_over_white() -> None:
    clear = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    assert (photo.decode(encoded(clear, "PNG")) == 255).all()
    half = Image.new("LA", (8, 8), (100, 51))
    assert (photo.decode(encoded(half, "PNG")) == 224).all()
    keyed = encoded(Image.new("RGB", (8, 8), (200, 0, 0)), "PNG", transparency=(200, 0, 0))
    assert (photo.decode(keyed) == 255).all()


def test_sixteen_bit_grey_keeps_its_range() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, 0)
    decoded = photo.decode(encoded(ramp, "PNG"))
    assert np.abs(decoded[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_thirty_two_bit_samples_are_refused() -> None:
    with pytest.raises(photo.UnsupportedPhoto, match="32-bit"):
        photo.decode(encoded(Image.new("F", (8, 8)), "TIFF"))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_rotation_is_applied(orientation: int, format: str) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    data = encoded(gradient(), format, exif=turned(orientation), **options)
    with Image.open(io.BytesIO(data)) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    opened = photo.open_photo(data)
    assert (opened.height, opened.width) == upright.shape[:2]
    assert np.array_equal(opened.rgb(), upright)


@pytest.mark.parametrize("format", ["WEBP", "TIFF", "PNG", "MPO"])
def test_of_several_pictures_the_first_counts(format: str) -> None:
    frames = [Image.new("RGB", (32, 8), color) for color in ("red", "blue")]
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:])
    opened = photo.open_photo(data)
    assert opened.format == {"MPO": "JPEG"}.get(format, format)
    red, _, blue = opened.rgb()[0, 0]
    assert red > 200
    assert blue < 50


def test_nothing_is_decoded_before_the_pixels_are_asked_for() -> None:
    whole = encoded(street(240, 320), "JPEG")
    opened = photo.open_photo(whole[: len(whole) // 2])
    assert (opened.format, opened.height, opened.width) == ("JPEG", 240, 320)
    for pixels in (opened.rgb, lambda: opened.fitted(256, 512), lambda: opened.fitted(64, 128)):
        with pytest.raises(photo.NotAPhoto, match="truncated"):
            pixels()


def test_pixels_are_decoded_once() -> None:
    opened = photo.open_photo(encoded(gradient(), "PNG"))
    assert opened.rgb() is opened.rgb()


@pytest.mark.parametrize("format", photo.FORMATS)
def test_pixels_are_counted_before_decoding(format: str) -> None:
    data = encoded(Image.new("RGB", (1001, 1000)), format)
    with pytest.raises(photo.TooManyPixels, match="1001 x 1000"):
        photo.open_photo(data, max_pixels=1_000_000)
    assert photo.open_photo(data, max_pixels=1_001_000).width == 1001


@pytest.mark.parametrize("format", [format for format in photo.FORMATS if format != "JPEG"])
def test_what_is_decoded_in_full_has_a_limit_of_its_own(format: str) -> None:
    data = encoded(Image.new("1" if format != "WEBP" else "RGB", (4001, 4000)), format)
    with pytest.raises(photo.TooManyPixels, match=r"4001 x 4000 .* 16,000,000 .* JPEG .* 50,000"):
        photo.open_photo(data)


def test_a_large_jpeg_has_a_mask_and_no_overlay() -> None:
    opened = photo.open_photo(encoded(Image.new("L", (4001, 4000)), "JPEG"))
    assert opened.fitted(256, 512).size == (4000, 4001)
    with pytest.raises(photo.TooManyPixels, match="16,000,000"):
        opened.rgb()


def test_photos_of_phones_are_decoded_in_full() -> None:
    data = encoded(Image.new("RGB", (4032, 3024)), "PNG", exif=turned(6))
    assert photo.decode(data).shape == (4032, 3024, 3)


def test_the_header_alone_says_too_many() -> None:
    header_only = encoded(Image.new("1", (7000, 8000)), "PNG")[:60]
    with pytest.raises(photo.TooManyPixels, match="7000 x 8000"):
        photo.decode(header_only)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" * 9, b"BM", b"BMxx", b"II*\0",
        b"MM\0*\0\0\0\x08", b"RIFF\0\0\0\0WEBP", b"RIFF\x10\0\0\0WEBPVP8X" + bytes(9),
    ],
)  # fmt: skip
def test_a_beginning_makes_no_picture(data: bytes) -> None:
    with pytest.raises(photo.NotAPhoto):
        photo.decode(data)


@pytest.mark.parametrize("format", photo.FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_truncated_files(format: str, share: float) -> None:
    whole = encoded(Image.effect_noise((320, 240), 80).convert("RGB"), format)
    with pytest.raises(photo.NotAPhoto):
        photo.decode(whole[: int(len(whole) * share)])


def bmp(header: int, bits: int, compression: int, pixels: bytes, alpha: int = 0xFF << 24) -> bytes:
    """A BMP of 2 x 1 pixels whose masks, if it has any, are those of BGRA."""
    masks = (0xFF0000, 0xFF00, 0xFF, alpha)
    info = struct.pack(
        "<IiiHHI20x4I", header, 2, 1, 1, bits, compression, *masks
    ).ljust(header, b"\0")[:header]  # fmt: skip
    start = 14 + len(info)
    return struct.pack("<2sI4xI", b"BM", start + len(pixels), start) + info + pixels


@pytest.mark.parametrize("header", [56, 108, 124])
def test_bmp_whose_alpha_is_0_everywhere_is_opaque(header: int) -> None:
    assert photo.decode(bmp(header, 32, 3, b"\1\2\3\0\4\5\6\0")).tolist() == [
        [[3, 2, 1], [6, 5, 4]]
    ]
    clear = photo.decode(bmp(header, 32, 3, b"\1\2\3\0\4\5\6\xff"))
    assert clear.tolist() == [[[255, 255, 255], [6, 5, 4]]]


@pytest.mark.parametrize(
    ("bits", "compression", "name"), [(0, 4, "JPEG"), (0, 5, "PNG"), (64, 0, "64 bits")]
)
def test_rare_kinds_of_bmp_are_named(bits: int, compression: int, name: str) -> None:
    with pytest.raises(photo.UnsupportedPhoto, match=name):
        photo.open_photo(bmp(40, bits, compression, bytes(16)))


def test_several_threads_decode_at_once() -> None:
    rgb = street(300, 400)
    files = [encoded(rgb, format) for format in ("PNG", "JPEG", "WEBP")] * 20
    with ThreadPoolExecutor(4) as pool:
        decoded = list(pool.map(photo.decode, files))
    assert all(map(np.array_equal, decoded, [photo.decode(data) for data in files[:3]] * 20))
