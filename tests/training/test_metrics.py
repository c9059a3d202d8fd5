"""The Keras metric and function_app.evaluation give the same number on the same masks."""

import numpy as np
import pytest

from function_app.categories import LABEL_TO_EVALUATED
from function_app.evaluation import OFFICIAL, confusion_matrix, score
from training.metrics import CategoryIoU

pytestmark = pytest.mark.training


def test_metric_is_the_official_score() -> None:
    rng = np.random.default_rng(0)
    metric = CategoryIoU()
    matrix = np.zeros((8, 8), np.int64)
    for _ in range(3):
        labels = rng.choice([*range(34), 255], (2, 40, 50)).astype(np.uint8)
        logits = rng.normal(size=(2, 40, 50, 8)).astype(np.float32)
        metric.update_state(labels, logits)
        mask = (logits[..., 1:].argmax(-1) + 1).astype(np.uint8)
        matrix += confusion_matrix(LABEL_TO_EVALUATED[labels], mask)
    assert float(metric.result()) == pytest.approx(score(matrix, OFFICIAL).mean_iou, rel=1e-6)
    metric.reset_state()
    assert float(metric.result()) == 0
