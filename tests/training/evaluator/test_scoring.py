"""Whole-set rows, the worst photos and the account of a run, on masks made by hand."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from function_app.vision.categories import IGNORE
from function_app.vision.segmenter import Segmenter
from tests.training.evaluator.reading import HEIGHT, WIDTH, scenes_of, write_scene
from training.data import DataError
from training.evaluator import evaluate
from training.evaluator.scoring import measure, near_outlines, run_row, worst_photos

ROAD, CAR, SKY, UNLABELED = 7, 26, 23, 0
FLAT, VEHICLE = 1, 7
PIXELS = HEIGHT * WIDTH


def filled(value: int, **regions: tuple[slice, int]) -> np.ndarray:
    mask = np.full((HEIGHT, WIDTH), value)
    for columns, other in regions.values():
        mask[:, columns] = other
    return mask


def test_rows_of_a_set(segmenter: Segmenter, tmp_path: Path) -> None:
    left, right = slice(0, 16), slice(48, 64)
    labels = filled(ROAD, car=(left, CAR), void=(right, UNLABELED))
    write_scene(tmp_path, "a", labels, filled(FLAT, car=(left, VEHICLE), void=(right, 0)))
    write_scene(tmp_path, "b", labels, filled(FLAT))
    official, with_void = evaluate(segmenter, scenes_of(tmp_path), "town", "val")
    for row, protocol in ((official, "official"), (with_void, "with_void")):
        assert {k: row[k] for k in ("data", "split", "protocol", "photos", "input", "labels")} == {
            "data": "town", "split": "val", "protocol": protocol, "photos": 2,
            "input": "64x32", "labels": "64x32",
        }  # fmt: skip
    assert official["iou"]["flat"] == pytest.approx(64 / 80)
    assert official["iou"]["vehicle"] == pytest.approx(1 / 2)
    assert official["iou"]["sky"] is None
    assert official["mean_iou"] == pytest.approx((64 / 80 + 1 / 2) / 2)
    assert np.array(official["confusion_matrix"]).sum() == 2 * PIXELS * 3 // 4
    assert with_void["iou"]["void"] == pytest.approx(1 / 2)
    assert with_void["iou"]["flat"] == pytest.approx(64 / 96)
    assert np.array(with_void["confusion_matrix"]).sum() == 2 * PIXELS
    assert (official["counted"], with_void["counted"]) == (0.75, 1.0)


def test_an_interval_says_how_far_the_photos_carry_the_score(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    """Two photos, one right and one half wrong: a draw is both, or one of them twice."""
    labels = filled(ROAD, car=(slice(0, 32), CAR))
    write_scene(tmp_path, "right", labels, filled(FLAT, car=(slice(0, 32), VEHICLE)))
    write_scene(tmp_path, "wrong", labels, filled(FLAT, car=(slice(0, 16), VEHICLE)))
    official, with_void = evaluate(segmenter, scenes_of(tmp_path), "town", "val")
    assert official["interval"] == pytest.approx([(32 / 48 + 1 / 2) / 2, 1.0])
    assert "interval" not in with_void


def test_outlines_are_scored_by_themselves(segmenter: Segmenter, tmp_path: Path) -> None:
    """A car that reaches two pixels too far: half wrong within 3 pixels, a tenth within 10."""
    labels = filled(ROAD, car=(slice(0, 32), CAR))
    write_scene(tmp_path, "a", labels, filled(FLAT, car=(slice(0, 34), VEHICLE)))
    official, _ = evaluate(segmenter, scenes_of(tmp_path), "town", "val")
    near, far = official["outlines"]["3"], official["outlines"]["10"]
    assert near["iou"] == {**near["iou"], "flat": pytest.approx(1 / 3), "vehicle": 3 / 5}
    assert far["iou"]["flat"] == pytest.approx(8 / 10)
    assert near["mean_iou"] == pytest.approx((1 / 3 + 3 / 5) / 2)


@pytest.mark.parametrize("width", [1, 3, 10])
def test_the_band_around_outlines_is_what_is_near_another_category(width: int) -> None:
    truth = np.random.default_rng(width).choice([1, 1, 2, 7], (6, 8)).repeat(4, 0).repeat(5, 1)
    truth[5:9, 10:20] = IGNORE
    band = near_outlines(truth.astype(np.uint8), width)
    for y, x in np.ndindex(truth.shape):
        square = truth[max(0, y - width + 1) : y + width, max(0, x - width + 1) : x + width]
        edges = (
            (a != b) & (a != IGNORE) & (b != IGNORE)
            for a, b in ((square[1:], square[:-1]), (square[:, 1:], square[:, :-1]))
        )
        inside = any(edge.any() for edge in edges)
        assert not inside or band[y, x]
        wider = truth[max(0, y - width) : y + width + 1, max(0, x - width) : x + width + 1]
        if len(set(wider.flat) - {IGNORE}) < 2:
            assert not band[y, x]


def test_labels_finer_than_the_photo_are_scored_at_their_own_size(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    write_scene(tmp_path, "a", filled(ROAD), filled(FLAT))
    (scene,) = scenes_of(tmp_path)
    labels = np.full((4 * HEIGHT, 4 * WIDTH), ROAD, np.uint8)
    labels[:, 1] = CAR
    Image.fromarray(labels).save(scene.labels)
    official, _ = evaluate(segmenter, [scene], "town", "val")
    assert official["labels"] == "256x128"
    assert official["iou"]["flat"] == pytest.approx(255 / 256)


def test_worst_photos_come_first_with_what_is_wrong_in_them(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    half, quarter = slice(0, 32), slice(0, 16)
    labels = filled(ROAD, car=(half, CAR))
    right = filled(FLAT, car=(half, VEHICLE))
    write_scene(tmp_path, "right", labels, right, confidence=255)
    write_scene(tmp_path, "no-car", labels, filled(FLAT), confidence=51)
    write_scene(tmp_path, "some-car", labels, filled(FLAT, car=(quarter, VEHICLE)))
    write_scene(tmp_path, "also-no-car", labels, filled(FLAT))
    write_scene(tmp_path, "unlabeled", filled(UNLABELED), right)
    photos = list(measure(segmenter, scenes_of(tmp_path), "town"))
    rows = worst_photos(photos, "town", "val")
    assert [row["id"] for row in rows] == [
        "town/also-no-car", "town/no-car", "town/some-car", "town/right",
    ]  # fmt: skip
    assert rows[1] == {
        "data": "town", "split": "val", "id": "town/no-car", "iou": {"flat": 0.5, "vehicle": 0.0},
        "mean_iou": 0.25, "worst_category": "vehicle", "confidence": pytest.approx(0.2),
    }  # fmt: skip
    assert rows[3]["mean_iou"] == 1.0
    assert [row["id"] for row in worst_photos(photos, "town", "val", count=1)] == [
        "town/also-no-car"
    ]


def test_only_categories_present_in_the_truth_make_a_photo_s_score(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    """A thousandth of 2,048 pixels: 2 are crumbs, 3 are not; what is only predicted is neither."""
    labels, prediction = filled(ROAD), filled(FLAT, car=(slice(0, 8), VEHICLE))
    for scene, pixels in (("crumbs", 2), ("present", 3)):
        labels[-1, -pixels:] = SKY
        write_scene(tmp_path, scene, labels, prediction)
    rows = worst_photos(measure(segmenter, scenes_of(tmp_path), "town"), "town", "val")
    assert [(row["id"], [*row["iou"]]) for row in rows] == [
        ("town/present", ["flat", "sky"]),
        ("town/crumbs", ["flat"]),
    ]


def test_labels_with_nothing_to_score_are_refused(segmenter: Segmenter, tmp_path: Path) -> None:
    write_scene(tmp_path, "a", filled(IGNORE), filled(FLAT))
    with pytest.raises(DataError, match=r"town val: .* right reader"):
        evaluate(segmenter, scenes_of(tmp_path), "town", "val")


def test_a_run_says_how_sure_the_model_was(segmenter: Segmenter, data_root: Path) -> None:
    photos = list(measure(segmenter, scenes_of(data_root / "near"), "near"))
    row = run_row(photos, 1, "near", "val")
    assert row["confidence"] == pytest.approx(0.8)
    assert all(row["machine"].values())
