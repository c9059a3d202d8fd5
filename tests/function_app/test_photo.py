"""Decoding, fitting and encoding, through their public functions."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from function_app import photo
from function_app.categories import CATEGORIES


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def gradient(height: int = 48, width: int = 64) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 4, y * 5, x + y], -1).clip(0, 255).astype(np.uint8)


def test_rgb_png_is_returned_as_it_is() -> None:
    rgb = gradient()
    assert np.array_equal(photo.decode(encoded(Image.fromarray(rgb), "PNG")), rgb)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "LA", "RGBA"])
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_every_common_mode_becomes_rgb(mode: str, format: str) -> None:
    if (mode, format) == ("CMYK", "PNG"):
        format = "JPEG"
    decoded = photo.decode(encoded(Image.fromarray(gradient()).convert(mode), format))
    assert (decoded.shape, decoded.dtype) == ((48, 64, 3), np.uint8)


def test_transparency_is_laid_over_white() -> None:
    clear = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    assert (photo.decode(encoded(clear, "PNG")) == 255).all()


def test_sixteen_bit_grey_keeps_its_range() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, 0)
    decoded = photo.decode(encoded(Image.fromarray(ramp), "PNG"))
    assert np.abs(decoded[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_thirty_two_bit_samples_are_refused() -> None:
    with pytest.raises(photo.UnsupportedPhoto, match="32-bit"):
        photo.decode(encoded(Image.new("F", (8, 8)), "TIFF"))


@pytest.mark.parametrize(
    ("orientation", "red_corner"), [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))]
)
def test_exif_rotation_is_applied(orientation: int, red_corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (60, 40))
    image.paste((255, 0, 0), (0, 0, 12, 12))
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = photo.decode(encoded(image, "JPEG", exif=exif, quality=95))
    assert decoded.shape == ((40, 60, 3) if orientation in (1, 3) else (60, 40, 3))
    assert decoded[red_corner][0] > 200


def test_of_an_animation_the_first_picture_counts() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert photo.decode(data)[0, 0].tolist() == [255, 0, 0]


def test_pixels_are_counted_before_decoding() -> None:
    header_only = encoded(Image.new("1", (7000, 8000)), "PNG")[:60]
    with pytest.raises(photo.TooManyPixels, match="7000 x 8000"):
        photo.decode(header_only)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" * 9, bytes(5000)]
)
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(photo.NotAPhoto):
        photo.decode(data)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
def test_truncated_files(format: str) -> None:
    whole = encoded(Image.effect_noise((320, 240), 80).convert("RGB"), format)
    with pytest.raises(photo.NotAPhoto):
        photo.decode(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"GIF89a" + bytes(20), "GIF"),
        (b"\0\0\0\x18ftypheic" + bytes(9), "HEIC"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_known_but_unaccepted_formats_are_named(data: bytes, name: str) -> None:
    with pytest.raises(photo.UnsupportedPhoto, match=name):
        photo.decode(data)


@pytest.mark.parametrize(
    ("size", "inner"),
    [
        ((512, 1024), (256, 512)),
        ((100, 200), (256, 512)),
        # stretched by 1.5 and 1.66: all of the input shows photo
        ((360, 480), (256, 512)),
        ((375, 1242), (256, 512)),
        # beyond 5/3 the rest is padded: squares, upright phones, panoramas
        ((300, 300), (256, 427)),
        ((4000, 3000), (256, 320)),
        ((200, 2000), (85, 512)),
        ((1, 9000), (1, 512)),
    ],
)
def test_fit_stretches_a_little_and_pads_grey(
    size: tuple[int, int], inner: tuple[int, int]
) -> None:
    fitted = photo.fit(np.full((*size, 3), 200, np.uint8), 256, 512)
    assert fitted.canvas.shape == (256, 512, 3)
    assert (fitted.height, fitted.width) == inner
    assert (fitted.canvas[: inner[0], : inner[1]] == 200).all()
    assert (fitted.canvas[inner[0] :] == photo.PAD_VALUE).all()
    assert (fitted.canvas[:, inner[1] :] == photo.PAD_VALUE).all()


def test_whole_number_reduction_is_the_box_average() -> None:
    # The golden tensor of preprocessing: what training, evaluation and service all see.
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (1024, 2048, 3), np.uint8)
    average = rgb.reshape(256, 4, 512, 4, 3).mean((1, 3))
    assert np.abs(photo.fit(rgb, 256, 512).canvas - average).max() <= 1


def test_masks_are_resized_without_inventing_ids() -> None:
    mask = np.array([[0, 7], [5, 255]], np.uint8)
    resized = photo.resize_mask(mask, 50, 70)
    assert resized.shape == (50, 70)
    assert set(np.unique(resized)) == {0, 5, 7, 255}


def test_encode_mask_round_trip() -> None:
    mask = np.arange(8, dtype=np.uint8).repeat(6).reshape(6, 8)
    image = Image.open(io.BytesIO(photo.encode_mask(mask)))
    assert image.mode == "P"
    assert np.array_equal(np.asarray(image), mask)
    assert image.convert("RGB").getpixel((7, 5)) == CATEGORIES[7].color


def test_overlay_leaves_void_clear() -> None:
    rgb = np.full((32, 32, 3), 90, np.uint8)
    mask = np.zeros((32, 32), np.uint8)
    mask[:, 16:] = 6
    laid = np.asarray(Image.open(io.BytesIO(photo.encode_overlay(rgb, mask, 1.0))))
    assert np.abs(laid[8, 2].astype(int) - 90).max() < 8
    assert np.abs(laid[8, 30].astype(int) - CATEGORIES[6].color).max() < 8
