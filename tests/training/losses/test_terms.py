"""What holds for every term: the slow reference's value and gradient, and ignored pixels."""

import numpy as np
import pytest
import tensorflow as tf

from tests.training.losses.reference import REFERENCES, meant
from training.losses import TERMS, build_loss

pytestmark = [pytest.mark.training, pytest.mark.parametrize("term", TERMS)]
WEIGHTS = {"object": 2.0, "human": 3.0, "void": 0.5, "vehicle": 0.0}
# lovasz sorts errors into steps, which costs next to nothing where few of them tie.
TOLERANCE = {"lovasz": 2e-5}


def value_and_gradient(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> tuple[float, np.ndarray]:
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = build_loss({term: 1.0}, WEIGHTS)(labels, variable)
    return float(loss), tape.gradient(loss, variable).numpy()


def right(labels: np.ndarray, certainty: float) -> np.ndarray:
    logits = np.zeros((*labels.shape, 20), np.float32)
    for where in np.ndindex(labels.shape):
        logits[where][meant(int(labels[where]))[:1]] = certainty
    return logits


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_the_value_is_the_reference_s(
    term: str, scale: float, labels: np.ndarray, logits: np.ndarray
) -> None:
    loss = float(build_loss({term: 1.0}, WEIGHTS)(labels, logits * scale))
    expected = REFERENCES[term](labels, logits * scale, WEIGHTS)
    assert loss == pytest.approx(expected, rel=2e-6, abs=TOLERANCE.get(term))


def test_the_gradient_is_the_reference_s_finite_difference(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    _, gradient = value_and_gradient(term, labels, logits)
    step, logits = 1e-5, logits.astype(np.float64)
    rng = np.random.default_rng(2)
    chosen = [tuple(rng.integers(0, logits.shape)) for _ in range(12)]
    expected = []
    for where in chosen:
        moved = []
        for sign in (1, -1):
            shifted = logits.copy()
            shifted[where] += sign * step
            moved.append(REFERENCES[term](labels, shifted, WEIGHTS))
        expected.append((moved[0] - moved[1]) / (2 * step))
    assert np.abs(expected).max() > 1e-4
    ours = np.array([gradient[where] for where in chosen])
    np.testing.assert_allclose(ours, expected, rtol=2e-3, atol=2e-7)


def test_logits_of_ignored_pixels_change_nothing(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    ignored = np.vectorize(lambda label: not meant(int(label)))(labels)
    assert ignored.sum() > 20
    loss, gradient = value_and_gradient(term, labels, logits)
    assert (gradient[ignored] == 0).all()
    changed = logits.copy()
    changed[ignored] = np.random.default_rng(3).normal(0, 1e4, (ignored.sum(), 20))
    other_loss, other_gradient = value_and_gradient(term, labels, changed)
    assert other_loss == pytest.approx(loss, rel=1e-6)
    np.testing.assert_allclose(other_gradient, gradient, rtol=1e-5, atol=1e-9)


def test_nothing_but_ignored_pixels_is_no_loss(term: str, logits: np.ndarray) -> None:
    loss, gradient = value_and_gradient(term, np.full((2, 9, 12), 255, np.uint8), logits)
    assert loss == 0
    assert (gradient == 0).all()


def test_the_better_the_prediction_the_less_loss(
    term: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    losses = [
        value_and_gradient(term, labels, logits + right(labels, certainty))[0]
        for certainty in (-20, -2, 0, 1, 2, 4, 8, 16)
    ]
    assert (np.diff(losses) < 0).all()
    assert losses[-1] < 1e-4


@pytest.mark.parametrize("wrong", [-1e4, 1e4])
def test_certain_predictions_stay_finite(term: str, wrong: float, labels: np.ndarray) -> None:
    loss, gradient = value_and_gradient(term, labels, right(labels, wrong))
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()


def test_a_diverged_model_s_loss_is_nan(term: str, labels: np.ndarray, logits: np.ndarray) -> None:
    assert np.isnan(value_and_gradient(term, labels, np.full_like(logits, np.nan))[0])
