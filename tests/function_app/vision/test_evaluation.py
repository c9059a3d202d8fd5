"""Scores against the official implementation and a slow reference."""

import cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling as official  # noqa: N813
import numpy as np
import pytest

from function_app.vision.categories import IGNORE, LABEL_TO_CATEGORY, LABEL_TO_EVALUATED
from function_app.vision.evaluation import ALL, OFFICIAL, confusion_matrix, score


@pytest.fixture(scope="module")
def label_maps() -> tuple[np.ndarray, np.ndarray]:
    """True labelIds with every label, and a prediction of evaluated labels that is mostly right."""
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 34, (40, 300)).astype(np.uint8)
    wrong = rng.random(truth.shape) < 0.3
    evaluated = np.flatnonzero(LABEL_TO_EVALUATED[:34] != IGNORE).astype(np.uint8)
    usable = LABEL_TO_EVALUATED[truth] != IGNORE
    prediction = np.where(wrong | ~usable, rng.choice(evaluated, truth.shape), truth)
    return truth, prediction.astype(np.uint8)


def test_official_score_is_that_of_cityscapesscripts(
    label_maps: tuple[np.ndarray, np.ndarray],
) -> None:
    truth, prediction = label_maps
    args = official.args
    official.generateMatrix(args)
    matrix = np.zeros((34, 34), np.ulonglong)
    np.add.at(matrix, (truth.ravel(), prediction.ravel()), 1)
    ours = score(
        confusion_matrix(LABEL_TO_EVALUATED[truth], LABEL_TO_CATEGORY[prediction]), OFFICIAL
    )
    for name, iou in ours.iou.items():
        assert iou == pytest.approx(official.getIouScoreForCategory(name, matrix, args))
    categories = {name: official.getIouScoreForCategory(name, matrix, args) for name in ours.iou}
    assert ours.mean_iou == pytest.approx(np.mean(list(categories.values())))
    assert 0.4 < ours.mean_iou < 0.95


def test_score_with_void_against_set_arithmetic(label_maps: tuple[np.ndarray, np.ndarray]) -> None:
    truth, mask = (LABEL_TO_CATEGORY[m] for m in label_maps)
    result = score(confusion_matrix(truth, mask), ALL)
    for category, iou in enumerate(result.iou.values()):
        a, b = truth == category, mask == category
        assert iou == pytest.approx((a & b).sum() / (a | b).sum())


def test_ignored_pixels_count_nowhere() -> None:
    truth = np.array([1, 1, IGNORE, IGNORE], np.uint8)
    matrix = confusion_matrix(truth, np.array([1, 2, 3, 4], np.uint8))
    assert matrix.sum() == 2
    assert score(matrix, OFFICIAL).iou == {
        "flat": 0.5, "construction": 0.0, "object": None, "nature": None, "sky": None,
        "human": None, "vehicle": None,
    }  # fmt: skip


def test_nothing_to_score() -> None:
    assert score(np.zeros((8, 8), np.int64), ALL).mean_iou is None


@pytest.mark.parametrize(
    ("truth", "mask"), [([0, 1], [0]), ([0], [8]), ([9], [0])], ids=["shape", "mask", "truth"]
)
def test_what_is_no_mask(truth: list[int], mask: list[int]) -> None:
    with pytest.raises(ValueError, match="mask"):
        confusion_matrix(np.array(truth, np.uint8), np.array(mask, np.uint8))
