"""The loss against a slow reference, pixel by pixel."""

import numpy as np
import pytest

from function_app.categories import CATEGORIES, LABEL_TO_CATEGORY
from training.losses import CrossEntropyDice

pytestmark = pytest.mark.training
WEIGHTS = {"object": 2.0, "human": 3.0, "void": 0.5}


@pytest.fixture
def labels() -> np.ndarray:
    labels = np.random.default_rng(0).integers(0, 34, (2, 6, 7)).astype(np.uint8)
    labels[0, :2] = 255
    labels[1, 3, 3] = 40  # no such label
    return labels


@pytest.fixture
def logits() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 2, (2, 6, 7, 8)).astype(np.float32)


def reference(labels: np.ndarray, logits: np.ndarray, dice_weight: float) -> float:
    exp = np.exp(logits.astype(np.float64))
    probability = exp / exp.sum(-1, keepdims=True)
    loss = weight_sum = 0.0
    overlap, area, predicted = np.zeros(8), np.zeros(8), np.zeros(8)
    for where in np.ndindex(labels.shape):
        category = LABEL_TO_CATEGORY[labels[where]]
        if category == 255:
            continue
        weight = WEIGHTS.get(CATEGORIES[category].name, 1.0)
        loss -= weight * np.log(probability[where][category])
        weight_sum += weight
        overlap[category] += probability[where][category]
        area[category] += 1
        predicted += probability[where]
    dice = (2 * overlap / (area + predicted))[area > 0].mean()
    return loss / weight_sum + dice_weight * (1 - dice)


@pytest.mark.parametrize("dice_weight", [0.0, 0.7])
def test_loss_is_the_reference(labels: np.ndarray, logits: np.ndarray, dice_weight: float) -> None:
    loss = float(CrossEntropyDice(WEIGHTS, dice_weight)(labels, logits))
    assert loss == pytest.approx(reference(labels, logits, dice_weight), rel=1e-5)


def test_ignored_pixels_have_no_gradient(labels: np.ndarray, logits: np.ndarray) -> None:
    import tensorflow as tf

    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = CrossEntropyDice(WEIGHTS)(labels, variable)
    gradient = np.abs(tape.gradient(loss, variable).numpy()).sum(-1)
    ignored = LABEL_TO_CATEGORY[labels] == 255
    assert (gradient[ignored] == 0).all()
    assert (gradient[~ignored] > 0).all()


def test_nothing_but_ignored_pixels_is_no_nan(logits: np.ndarray) -> None:
    loss = float(CrossEntropyDice(WEIGHTS)(np.full((2, 6, 7), 255, np.uint8), logits))
    assert np.isfinite(loss)


def test_right_logits_have_little_loss(labels: np.ndarray) -> None:
    right = 20.0 * np.eye(8, dtype=np.float32)[np.minimum(LABEL_TO_CATEGORY[labels], 7)]
    assert float(CrossEntropyDice(WEIGHTS)(labels, right)) < 1e-3


def test_unknown_category_is_named() -> None:
    with pytest.raises(ValueError, match="no such category: cat"):
        CrossEntropyDice({"cat": 1.0})
