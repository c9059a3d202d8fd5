"""Which pixels the re-weighted cross-entropies look at."""

import numpy as np
import pytest
import tensorflow as tf

from training.losses import build_loss

pytestmark = pytest.mark.training
ROAD, SIDEWALK, SKY, IGNORED = 7, 8, 23, 255


def looked_at(labels: np.ndarray) -> np.ndarray:
    """(h, w) bool: where the boundary term of one image has a gradient."""
    logits = tf.Variable(tf.zeros((1, *labels.shape, 20)))
    with tf.GradientTape() as tape:
        loss = build_loss({"boundary": 1.0}, {})(labels[None], logits)
    return np.abs(tape.gradient(loss, logits).numpy()[0]).sum(-1) > 0


@pytest.fixture
def halves() -> np.ndarray:
    labels = np.full((10, 20), ROAD, np.uint8)
    labels[:, 10:] = SKY
    return labels


def test_boundary_looks_three_pixels_to_either_side(halves: np.ndarray) -> None:
    for labels in (halves, halves.T):
        found = looked_at(labels)
        expected = np.zeros((10, 20), bool)
        expected[:, 7:13] = True
        assert np.array_equal(found, expected if labels is halves else expected.T)


def test_ignored_pixels_and_labels_of_one_category_make_no_border(halves: np.ndarray) -> None:
    halves[:, 10:] = SIDEWALK
    halves[2:5, 3:6] = IGNORED
    assert not looked_at(halves).any()


def test_a_border_under_ignored_pixels_is_seen_from_as_far_as_it_is_known(
    halves: np.ndarray,
) -> None:
    halves[:, 9:11] = IGNORED
    expected = np.zeros((10, 20), bool)
    expected[:, [8, 11]] = True
    assert np.array_equal(looked_at(halves), expected)
    halves[:, 8:11] = IGNORED
    assert not looked_at(halves).any()


def test_focal_cares_less_for_what_is_nearly_right() -> None:
    labels = np.full((1, 4, 4), ROAD, np.uint8)
    for certainty in (0.0, 3.0, 6.0):
        logits = np.zeros((1, 4, 4, 20), np.float32)
        logits[..., 1] = certainty
        focal, plain = (
            float(build_loss({t: 1.0}, {})(labels, logits)) for t in ("focal", "cross_entropy")
        )
        p = np.exp(certainty) / (np.exp(certainty) + 19)
        assert focal / plain == pytest.approx((1 - p) ** 2, rel=1e-4)
