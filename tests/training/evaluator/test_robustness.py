"""Scores of corrupted photos."""

from pathlib import Path

import numpy as np

from function_app.vision.segmenter import Segmenter
from tests.training.evaluator.reading import scenes_of
from training.data.corruptions import KINDS, STRENGTHS
from training.evaluator import evaluate
from training.evaluator.results import Rows
from training.evaluator.robustness import evaluate_robustness
from training.evaluator.scoring import measure, total


def rows_of(segmenter: Segmenter, root: Path) -> Rows:
    scenes = scenes_of(root)[::2]
    clean = total(measure(segmenter, scenes, "far"), "official")
    return evaluate_robustness(segmenter, scenes, clean, "far", "val")


def test_a_clean_row_and_one_for_every_kind_and_strength(
    segmenter: Segmenter, data_root: Path
) -> None:
    rows = rows_of(segmenter, data_root / "far")
    expected = [("clean", 0), *((kind, strength) for kind in KINDS for strength in STRENGTHS)]
    assert [(row["kind"], row["strength"]) for row in rows] == expected
    assert len(rows) == 13
    assert {(r["data"], r["split"], r["protocol"], r["photos"]) for r in rows} == {
        ("far", "val", "official", 1)
    }
    official, _ = evaluate(segmenter, scenes_of(data_root / "far")[::2], "far", "val")
    assert rows[0]["iou"] == official["iou"]
    assert rows[0]["mean_iou"] == official["mean_iou"]
    assert len({row["mean_iou"] for row in rows}) > 4, "the model must see corrupted photos"


def test_every_model_meets_the_same_corrupted_photos(segmenter: Segmenter, data_root: Path) -> None:
    first, second = (rows_of(segmenter, data_root / "far") for _ in range(2))
    assert first == second
    noisy = [row["mean_iou"] for row in first if row["kind"] == "noise"]
    assert np.ptp(noisy) > 0, "strengths differ"
