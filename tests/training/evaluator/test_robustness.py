"""Scores of corrupted photos."""

from pathlib import Path

import numpy as np

from function_app.vision.segmenter import Segmenter
from tests.training.evaluator.reading import scenes_of
from training.data.corruptions import KINDS, STRENGTHS
from training.evaluator import evaluate
from training.evaluator.robustness import evaluate_robustness
from training.evaluator.scoring import measure, total


def test_a_clean_row_and_one_for_every_kind_and_strength(
    segmenter: Segmenter, data_root: Path
) -> None:
    scenes = scenes_of(data_root / "far")[::2]
    clean = total(measure(segmenter, scenes, "far"), "official")
    rows, again = (evaluate_robustness(segmenter, scenes, clean, "far", "val") for _ in range(2))
    assert rows == again, "every model meets the same corrupted photos"
    expected = [("clean", 0), *((kind, strength) for kind in KINDS for strength in STRENGTHS)]
    assert [(row["kind"], row["strength"]) for row in rows] == expected
    assert {(r["data"], r["split"], r["protocol"], r["photos"]) for r in rows} == {
        ("far", "val", "official", 1)
    }
    official, _ = evaluate(segmenter, scenes, "far", "val")
    assert (rows[0]["iou"], rows[0]["mean_iou"]) == (official["iou"], official["mean_iou"])
    assert len({row["mean_iou"] for row in rows}) > 4, "the model must see corrupted photos"
    noisy = [row["mean_iou"] for row in rows if row["kind"] == "noise"]
    assert np.ptp(noisy) > 0, "strengths differ"
