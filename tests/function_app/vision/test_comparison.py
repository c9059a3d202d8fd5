"""Masks beside truths: pictures of errors, and scores."""

import io

import numpy as np
import pytest
from PIL import Image

from function_app.vision.categories import IGNORE
from function_app.vision.comparison import RIGHT, WRONG, encode_errors, evaluate
from function_app.vision.labels import LabelError, Truth

IDS = np.array([[0, 1, 1, 7], [2, IGNORE, 5, 5]], np.uint8)
OFFICIAL = np.array([[IGNORE, 1, 1, 7], [2, IGNORE, 5, IGNORE]], np.uint8)
TRUTH = Truth("truth/a.png", IDS, OFFICIAL)
MASK = np.array([[0, 1, 2, 7], [2, 3, 0, 5]], np.uint8)
WITHOUT_VOID = np.array([[1, 1, 2, 7], [2, 3, 5, 5]], np.uint8)


def test_errors_are_right_wrong_or_not_evaluated() -> None:
    image = Image.open(io.BytesIO(encode_errors(TRUTH, MASK, void=True)))
    assert image.mode == "P"
    expected = [[RIGHT, RIGHT, WRONG, RIGHT], [RIGHT, IGNORE, WRONG, RIGHT]]
    assert np.asarray(image).tolist() == expected
    rgba = np.asarray(image.convert("RGBA"))
    assert rgba[1, 1, 3] == 0, "what is not evaluated is transparent"
    assert (rgba[IDS != IGNORE][:, 3] == 255).all()
    assert not np.array_equal(rgba[0, 0], rgba[0, 2])


def test_errors_without_void_leave_out_what_the_official_score_does() -> None:
    image = Image.open(io.BytesIO(encode_errors(TRUTH, WITHOUT_VOID, void=False)))
    expected = [[IGNORE, RIGHT, WRONG, RIGHT], [RIGHT, IGNORE, RIGHT, IGNORE]]
    assert np.asarray(image).tolist() == expected


def test_a_mask_of_another_shape_is_not_scored() -> None:
    turned = np.zeros((4, 2), np.uint8)
    with pytest.raises(LabelError, match=r"truth/a\.png: .* EXIF"):
        encode_errors(TRUTH, turned, void=True)
    with pytest.raises(LabelError, match=r"truth/a\.png: .* EXIF"):
        evaluate(TRUTH, turned, turned)


def test_errors_of_every_pixel_ignored() -> None:
    nothing = np.full((3, 2), IGNORE, np.uint8)
    truth = Truth("a.png", nothing, nothing)
    image = Image.open(io.BytesIO(encode_errors(truth, np.zeros((3, 2), np.uint8), void=True)))
    assert (np.asarray(image) == IGNORE).all()


def test_a_mask_of_another_size_is_brought_to_the_truths() -> None:
    large = np.kron(MASK, np.ones((3, 3), np.uint8))
    assert encode_errors(TRUTH, large, void=True) == encode_errors(TRUTH, MASK, void=True)
    assert evaluate(TRUTH, large, large) == evaluate(TRUTH, MASK, MASK)


def test_scores_of_both_protocols() -> None:
    scores = evaluate(TRUTH, MASK, WITHOUT_VOID)
    official, with_void = scores["official"], scores["with_void"]
    assert official["pixels"] == 5
    assert official["iou"] == {
        "flat": 1 / 2, "construction": 1 / 2, "object": None, "nature": None, "sky": 1.0,
        "human": None, "vehicle": 1.0,
    }  # fmt: skip
    assert official["mean_iou"] == 3 / 4
    assert with_void["pixels"] == 7
    assert with_void["iou"]["void"] == 1 / 2
    assert with_void["confusion"][5] == [1, 0, 0, 0, 0, 1, 0, 0], "rows are true"
    assert sum(map(sum, with_void["confusion"])) == 7
