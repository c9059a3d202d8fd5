"""Scores of real files against the official implementation on the same files."""

import copy
from pathlib import Path

import cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling as official  # noqa: N813
import numpy as np
import pytest
from PIL import Image

from function_app.vision.categories import CATEGORIES, IGNORE, LABEL_TO_EVALUATED
from function_app.vision.segmenter import Segmenter
from tests.training.evaluator.reading import HEIGHT, WIDTH, scenes_of, write_scene
from training.data import Scene
from training.evaluator import evaluate
from training.evaluator.scoring import measure, worst_photos

LABEL_OF = [int(np.argmax(c.id == LABEL_TO_EVALUATED)) for c in CATEGORIES]
"""Category id -> the first evaluated labelId of it, as the official format wants predictions."""


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    """Photos of every label, with predictions that are right, wrong and void by chance."""
    root = tmp_path_factory.mktemp("cityscapes")
    rng = np.random.default_rng(3)
    for number, share in enumerate((0.1, 0.6, 0.3)):
        labels = rng.integers(0, 34, (HEIGHT, WIDTH))
        right = LABEL_TO_EVALUATED[labels]
        wrong = (rng.random(labels.shape) < share) | (right == IGNORE)
        prediction = np.where(wrong, rng.integers(0, 8, labels.shape), right)
        write_scene(root, f"town_{number:06}_000019", labels, prediction)
    return scenes_of(root)


def official_results(segmenter: Segmenter, scenes: list[Scene], folder: Path) -> dict[str, object]:
    """Write the model's masks as a benchmark submission, and have the official code score it."""
    predictions = []
    for scene in scenes:
        photo, _ = scene.load()
        mask = segmenter.segment(photo, void=False).mask
        predictions.append(str(folder / f"{scene.photo.stem}.png"))
        Image.fromarray(np.array(LABEL_OF, np.uint8)[mask]).save(predictions[-1])
    args = copy.copy(official.args)
    args.evalInstLevelScore, args.JSONOutput, args.quiet = False, False, True
    truths = [str(scene.labels) for scene in scenes]
    results: dict[str, object] = official.evaluateImgLists(predictions, truths, args)
    return results


def test_scores_of_files_are_the_official_ones(
    segmenter: Segmenter, scenes: list[Scene], tmp_path: Path
) -> None:
    theirs = official_results(segmenter, scenes, tmp_path)
    ours, _ = evaluate(segmenter, scenes, "town", "val")
    assert ours["mean_iou"] == pytest.approx(theirs["averageScoreCategories"], abs=1e-12)
    for name, iou in ours["iou"].items():
        assert iou == pytest.approx(theirs["categoryScores"][name], abs=1e-12)
    assert 0.3 < ours["mean_iou"] < 0.8


def test_a_photo_s_score_is_the_official_one_of_a_set_of_one(
    segmenter: Segmenter, scenes: list[Scene], tmp_path: Path
) -> None:
    rows = worst_photos(measure(segmenter, scenes, "town"), "town", "val")
    by_id = {row["id"]: row for row in rows}
    for scene in scenes:
        theirs = official_results(segmenter, [scene], tmp_path)
        assert by_id[scene.id]["mean_iou"] == pytest.approx(theirs["averageScoreCategories"])
