"""From a photo's bytes to the answer's bytes: every pixel and every number."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from function_app.vision import photo
from function_app.vision.categories import CATEGORIES
from function_app.vision.prediction import Timings, predict, predict_with_and_without_void, render
from tests.function_app.vision.echo import SIZE, echo_segmenter
from tests.function_app.vision.photo.files import encoded, turned

IDS = np.arange(SIZE[0] * SIZE[1]).reshape(SIZE) * 7 % 8
RGB = np.stack([IDS, 7 - IDS, 30 * IDS], -1).astype(np.uint8)
"""A photo whose red channel, which the echo calls its mask, holds category ids."""

PNG = encoded(RGB, "PNG")
LIMIT = 1_000_000


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_the_mask_is_that_of_the_upright_photo() -> None:
    segmenter = echo_segmenter(SIZE[::-1])
    data = encoded(RGB, "PNG", exif=turned(6))
    assert np.array_equal(predict(data, segmenter, max_pixels=LIMIT).mask, np.rot90(IDS, -1))


def test_both_masks_of_one_decoding() -> None:
    timings = Timings()
    mask, without_void = predict_with_and_without_void(
        PNG, echo_segmenter(), max_pixels=LIMIT, timings=timings
    )
    assert np.array_equal(mask, IDS)
    assert np.array_equal(without_void, 7 - IDS)
    assert set(timings.stages) == {"decode", "infer"}


def test_masks_and_colours() -> None:
    prediction = predict(PNG, echo_segmenter(), max_pixels=LIMIT, confidence=True)
    assert np.array_equal(pixels(render(prediction, "mask", 0.5, "png").body), IDS)
    colors = np.array([category.color for category in CATEGORIES])
    assert np.array_equal(pixels(render(prediction, "color", 0.5, "png").body), colors[IDS])
    assert np.array_equal(pixels(render(prediction, "confidence", 0.5, "png").body), 30 * IDS)


def test_json_counts_every_pixel() -> None:
    prediction = predict(PNG, echo_segmenter(), max_pixels=LIMIT)
    document = json.loads(render(prediction, "json", 0.5, "png").body)
    assert (document["width"], document["height"], document["model"]) == (64, 32, "echo:1.0.0")
    counts = np.bincount(IDS.ravel(), minlength=8).tolist()
    assert [row["pixels"] for row in document["categories"]] == counts
    assert [row["share"] for row in document["categories"]] == [n / IDS.size for n in counts]
    assert [row["name"] for row in document["categories"]] == [c.name for c in CATEGORIES]
    assert document["mean_confidence"] == round(30 * IDS.mean() / 255, 4)
    assert np.array_equal(pixels(base64.b64decode(document["mask"]["data"])), IDS)
    runs = json.loads(render(prediction, "json", 0.5, "rle").body)["mask"]
    assert (runs["encoding"], runs["size"]) == ("coco-rle", [32, 64])
    assert [segment["id"] for segment in runs["segments"]] == list(range(8))


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 1.0])
def test_an_overlay_mixes_photo_and_colours_by_alpha(alpha: float) -> None:
    rgb = np.full((32, 64, 3), 250, np.uint8)
    mask = np.full((32, 64), 7, np.uint8)
    mask[:, 32:] = 0
    laid = pixels(photo.encode_overlay(rgb, mask, alpha)).astype(float)
    mixed = (1 - alpha) * rgb[0, 0] + alpha * np.array(CATEGORIES[7].color)
    assert np.abs(laid[:, :16] - mixed).max() <= 4
    assert np.abs(laid[:, 48:] - 250).max() <= 4, "void stays clear"


def test_shares_of_a_log_line_come_from_every_fourth_row_and_column() -> None:
    prediction = predict(PNG, echo_segmenter(), max_pixels=LIMIT)
    sample = IDS[::4, ::4]
    for category in CATEGORIES:
        expected = (sample == category.id).mean()
        assert prediction.shares()[category.name] == pytest.approx(expected, abs=1e-4)


def test_timings_add_up() -> None:
    timings = Timings({"decode": 1.234, "infer": 2.0})
    assert timings.to_dict() == {"decode": 1.23, "infer": 2.0, "total": 3.23}
    assert timings.header() == "decode;dur=1.23, infer;dur=2.0, total;dur=3.23"
    with timings.measure("infer"):
        pass
    assert timings.stages["infer"] >= 2.0
    assert list(timings.stages) == ["decode", "infer"]
