"""Photos into a model's input, masks back to the photo's size."""

import io
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from PIL import Image, ImageOps

from function_app.vision import photo
from tests.function_app.vision.photo.files import encoded, street, turned


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
        # rounded to the nearest: 84.91 rows, 94.81 rows, 284.44 and 284.59 columns
        ((199, 2000), (85, 512)),
        ((1000, 9000), (95, 512)),
        ((3000, 2000), (256, 284)),
        ((1999, 1333), (256, 285)),
    ],
)
@pytest.mark.parametrize("format", [None, "PNG", "JPEG"])
def test_fit_stretches_a_little_and_pads_grey(
    size: tuple[int, int], inner: tuple[int, int], format: str | None
) -> None:
    rgb = np.full((*size, 3), 200, np.uint8)
    if format is None:
        fitted = photo.fit(rgb, 256, 512)
    else:
        fitted = photo.open_photo(encoded(rgb, format)).fitted(256, 512)
    assert fitted.canvas.shape == (256, 512, 3)
    assert (fitted.height, fitted.width, fitted.size) == (*inner, size)
    assert (fitted.canvas[: inner[0], : inner[1]] == 200).all()
    assert (fitted.canvas[inner[0] :] == photo.PAD_VALUE).all()
    assert (fitted.canvas[:, inner[1] :] == photo.PAD_VALUE).all()


def test_whole_number_reduction_is_the_box_average() -> None:
    # The golden tensor of preprocessing: what training, evaluation and service all see.
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (1024, 2048, 3), np.uint8)
    average = rgb.reshape(256, 4, 512, 4, 3).mean((1, 3))
    assert np.abs(photo.fit(rgb, 256, 512).canvas - average).max() <= 1


@pytest.mark.parametrize(
    ("size", "tolerance"),
    [
        # whole numbers: only the 8-bit rounding and libjpeg's filter differ
        ((1024, 2048), 0.7),
        ((2048, 4096), 0.7),
        # else the last step is another one, an eighth photo pixel here and there
        ((1080, 1920), 1.5),
        ((751, 1533), 1.5),
        ((1500, 1125), 1.5),
        # not scaled at all
        ((360, 480), 0.0),
    ],
)
def test_scaled_jpeg_decoding_sees_the_same_photo(size: tuple[int, int], tolerance: float) -> None:
    opened = photo.open_photo(encoded(street(*size), "JPEG", quality=90))
    full, fast = photo.fit(opened.rgb(), 256, 512), opened.fitted(256, 512)
    assert full[1:] == fast[1:]
    difference = np.abs(full.canvas.astype(int) - fast.canvas)
    assert difference.mean() <= tolerance
    assert difference.max() <= 24 * tolerance


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_scaled_decoding_of_other_colours(mode: str) -> None:
    data = encoded(Image.fromarray(street(1024, 2048)).convert(mode), "JPEG", quality=90)
    opened = photo.open_photo(data)
    full, fast = photo.fit(opened.rgb(), 256, 512).canvas, opened.fitted(256, 512).canvas
    assert np.abs(full.astype(int) - fast).mean() < 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_scaled_photo_is_upright(orientation: int) -> None:
    data = encoded(street(512, 1024), "JPEG", quality=90, exif=turned(orientation))
    with Image.open(io.BytesIO(data)) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    fitted = photo.open_photo(data).fitted(256, 512)
    assert fitted.size == upright.shape[:2]
    assert np.abs(photo.fit(upright, 256, 512).canvas.astype(int) - fitted.canvas).mean() < 1.5


@pytest.mark.parametrize(
    ("size", "small"),
    [((512, 1024), (160, 320)), ((2000, 1500), (320, 240)), ((333, 500), (213, 320)),
     ((320, 320), (320, 320)), ((40, 64), (40, 64)), ((1, 9000), (1, 320))],
)  # fmt: skip
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_a_thumbnail_keeps_its_shape_and_never_grows(
    size: tuple[int, int], small: tuple[int, int], format: str
) -> None:
    rgb = street(*size)
    opened = photo.open_photo(encoded(rgb, format))
    thumbnail = opened.thumbnail()
    assert thumbnail.shape == (*small, 3)
    assert np.abs(photo.resize(opened.rgb(), *small).astype(int) - thumbnail).mean() < 3


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_thumbnail_is_upright(format: str, orientation: int) -> None:
    data = encoded(street(512, 1024), format, exif=turned(orientation))
    opened = photo.open_photo(data)
    assert (opened.height > opened.width) == (orientation > 1)
    expected = photo.resize(opened.rgb(), *((160, 320) if orientation == 1 else (320, 160)))
    assert np.abs(expected.astype(int) - opened.thumbnail()).mean() < 1.5


@pytest.mark.parametrize(
    ("have", "want"),
    [((256, 512), (1024, 2048)), ((256, 512), (361, 479)), ((85, 512), (200, 2000)),
     ((9, 7), (3, 2)), ((2, 2), (50, 70)), ((5, 5), (1, 1))],
)  # fmt: skip
def test_masks_take_the_pixel_under_each_centre(
    have: tuple[int, int], want: tuple[int, int]
) -> None:
    mask = np.random.default_rng(0).integers(0, 256, have, np.uint8)
    rows, columns = (
        [floor((i + Fraction(1, 2)) * n / m) for i in range(m)]
        for n, m in zip(have, want, strict=True)
    )
    assert np.array_equal(photo.resize_mask(mask, *want), mask[np.ix_(rows, columns)])
