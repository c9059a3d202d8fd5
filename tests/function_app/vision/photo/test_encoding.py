"""Masks and pictures as PNG and JPEG files, read back by Pillow."""

import io

import numpy as np
import pytest
from PIL import Image

from function_app.vision import photo
from function_app.vision.categories import CATEGORIES
from tests.function_app.vision.photo.files import street


def reopened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (6, 8), (361, 479)])
def test_encode_mask_round_trip(size: tuple[int, int]) -> None:
    mask = np.random.default_rng(0).integers(0, 8, size, np.uint8)
    image = reopened(photo.encode_mask(mask))
    assert image.mode == "P"
    assert np.array_equal(np.asarray(image), mask)
    mask[-1, -1] = 7
    colored = reopened(photo.encode_mask(mask)).convert("RGB")
    assert colored.getpixel((size[1] - 1, size[0] - 1)) == CATEGORIES[7].color


def test_ignored_pixels_stand_in_the_palette_too() -> None:
    mask = np.full((4, 4), 255, np.uint8)
    assert reopened(photo.encode_mask(mask)).convert("RGB").getpixel((0, 0)) == (0, 0, 0)


def test_a_large_mask_is_a_small_file() -> None:
    small = np.random.default_rng(0).integers(0, 8, (8, 16), np.uint8).repeat(32, 0).repeat(32, 1)
    mask = photo.resize_mask(small, 1024, 2048)
    assert len(photo.encode_mask(mask)) < 40_000
    assert len(photo.encode_color(mask)) < 120_000


def test_color_and_grey_round_trip() -> None:
    mask = np.random.default_rng(0).integers(0, 8, (37, 53), np.uint8)
    color = reopened(photo.encode_color(mask))
    assert color.mode == "RGB"
    assert np.array_equal(np.asarray(color), photo.colorize(mask))
    grey = reopened(photo.encode_grey(street(37, 53)[..., 0]))
    assert grey.mode == "L"
    assert np.array_equal(np.asarray(grey), street(37, 53)[..., 0])


def test_a_thumbnail_is_a_small_jpeg() -> None:
    small = street(160, 320)
    data = photo.encode_thumbnail(small)
    image = reopened(data)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (320, 160))
    assert len(data) < 15_000
    assert np.abs(np.asarray(image).astype(int) - small).mean() < 4


def test_what_is_encoded_need_not_be_contiguous() -> None:
    mask = np.random.default_rng(0).integers(0, 8, (40, 40), np.uint8)[::2, ::-1]
    assert np.array_equal(np.asarray(reopened(photo.encode_mask(mask))), mask)


def test_an_overlay_longer_than_a_jpeg() -> None:
    mask = np.zeros((1, 65_501), np.uint8)
    with pytest.raises(photo.TooManyPixels, match="65,500"):
        photo.encode_overlay(np.zeros((1, 65_501, 3), np.uint8), mask, 0.5)
