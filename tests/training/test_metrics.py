"""The Keras metric and function_app.vision.evaluation give the same number on the same masks."""

import numpy as np
import pytest
import tensorflow as tf

from function_app.vision.categories import LABEL_TO_EVALUATED, LABELS, NAMES
from function_app.vision.evaluation import OFFICIAL, confusion_matrix, score
from training.metrics import CategoryIoU

pytestmark = pytest.mark.training
SKY, SKY_CHANNEL = 23, 11
EVERY_LABEL = [*range(34), 60, 255]
OF_CATEGORY = [0, *(NAMES.index(x.category) for x in LABELS if x.evaluated)]


def official(batches: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Score labels and logits as the evaluation does."""
    matrix = np.zeros((8, 8), np.int64)
    for labels, logits in batches:
        raised = np.exp(logits.astype(np.float64))
        sums = np.stack([raised[..., np.equal(OF_CATEGORY, c)].sum(-1) for c in range(8)], -1)
        mask = (sums[..., 1:].argmax(-1) + 1).astype(np.uint8)
        matrix += confusion_matrix(LABEL_TO_EVALUATED[labels], mask)
    mean = score(matrix, OFFICIAL).mean_iou
    assert mean is not None
    return mean


def batch(rng: np.random.Generator, known: list[int], dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels and logits that are right more often than not, void above all."""
    labels = rng.choice(known, (2, 20, 30)).astype(np.uint8)
    logits = rng.normal(size=(2, 20, 30, 20))
    logits += 1.5 * np.equal.outer(LABEL_TO_EVALUATED[labels], OF_CATEGORY)
    logits[..., 0] += 2
    return labels, tf.cast(logits, dtype).numpy()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_metric_is_the_official_score_over_all_batches(dtype: str) -> None:
    rng = np.random.default_rng(0)
    metric, seen = CategoryIoU(), []
    assert metric.name == "category_iou"
    for _ in range(3):
        seen.append(batch(rng, EVERY_LABEL, dtype))
        metric.update_state(*seen[-1])
        as_float = [(labels, logits.astype(np.float32)) for labels, logits in seen]
        assert float(metric.result()) == pytest.approx(official(as_float), rel=1e-6)
    assert 0.2 < float(metric.result()) < 0.8
    metric.reset_state()
    assert float(metric.result()) == 0


@pytest.mark.parametrize("predicted", [True, False])
def test_a_category_the_truth_has_not_counts_only_where_predicted(predicted: bool) -> None:
    labels, logits = batch(
        np.random.default_rng(1), [label for label in EVERY_LABEL if label != SKY], "float32"
    )
    if not predicted:
        logits[..., SKY_CHANNEL] = -100
    metric = CategoryIoU()
    metric.update_state(labels, logits)
    assert float(metric.result()) == pytest.approx(official([(labels, logits)]), rel=1e-6)


def test_ignored_pixels_count_nowhere() -> None:
    labels, logits = batch(np.random.default_rng(2), EVERY_LABEL, "float32")
    metric, changed = CategoryIoU(), CategoryIoU()
    metric.update_state(labels, logits)
    ignored = LABEL_TO_EVALUATED[labels] == 255
    assert ignored.mean() > 0.2
    logits[ignored] = np.random.default_rng(3).normal(size=(ignored.sum(), 20))
    changed.update_state(labels, logits)
    assert float(changed.result()) == float(metric.result())
    nothing = CategoryIoU()
    nothing.update_state(np.full_like(labels, 255), logits)
    assert float(nothing.result()) == 0


def test_every_fourth_row_and_column_is_enough_for_a_curve() -> None:
    labels, logits = batch(np.random.default_rng(4), EVERY_LABEL, "float32")
    metric = CategoryIoU(every=4)
    metric.update_state(labels, logits)
    expected = official([(labels[:, ::4, ::4], logits[:, ::4, ::4])])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-6)


def test_an_epoch_of_many_pixels_is_counted_to_the_last() -> None:
    # 2^24 + 1 is the first whole number a float32 cannot hold.
    metric = CategoryIoU()
    counts = np.zeros((8, 8), np.int64)
    counts[1, 1] = 2**24
    metric.matrix.assign(counts)
    right = np.zeros((1, 1, 1, 20), np.float32)
    right[..., 1] = 10
    metric.update_state(np.full((1, 1, 1), 7, np.uint8), right)
    assert int(metric.matrix[1, 1]) == 2**24 + 1
