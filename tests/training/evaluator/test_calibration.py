"""Confidence against hand-counted pixels."""

import numpy as np
import pytest

from function_app.vision.categories import IGNORE
from training.evaluator.calibration import calibration_row, count_by_confidence


def test_a_row_counted_by_hand() -> None:
    truth = np.array([[1, 1, 2, IGNORE]], np.uint8)
    mask = np.array([[1, 0, 2, 3]], np.uint8)
    confidence = np.array(
        [[255, 153, 102, 255]], np.uint8
    )  # 1.0, 0.6, 0.4; the last counts nowhere
    photo = count_by_confidence(truth, mask, confidence)
    (row,) = calibration_row([photo, photo], "streets", "val")
    assert (row["data"], row["split"]) == ("streets", "val")
    third = pytest.approx(1 / 3)
    assert row["at_least"] == {
        "0.5": {"share": pytest.approx(2 / 3), "right": 0.5},
        "0.7": {"share": third, "right": 1.0},
        "0.9": {"share": third, "right": 1.0},
    }
    assert [b["from"] for b in row["bins"] if b["share"]] == [0.4, 0.6, 0.9]
    # |1 - 0.4| and |0 - 0.6| on a third of the pixels each, and the sure one was right.
    assert row["ece"] == pytest.approx(0.4)


def test_nothing_to_count_is_no_row() -> None:
    nothing = np.full((2, 2), IGNORE, np.uint8)
    counts = count_by_confidence(nothing, nothing, nothing)
    assert calibration_row([counts], "streets", "val") == []
