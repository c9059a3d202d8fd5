"""Sums of terms as a configuration names them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from function_app.vision.categories import NAMES
from tests.training.losses.reference import REFERENCES
from training.config import ConfigError
from training.losses import TERMS, build_loss

pytestmark = pytest.mark.training
WEIGHTS = {"object": 2.0, "human": 3.0, "void": 0.5}
ALL = {"cross_entropy": 0.3, "focal": 2.0, "dice": 0.7, "lovasz": 0.25}


@pytest.mark.parametrize(
    "terms", [{"cross_entropy": 1.0, "dice": 0.5}, {"focal": 2.0, "lovasz": 0.5}, {"dice": 3}]
)
def test_a_sum_is_the_sum_of_the_references(
    terms: dict[str, float], labels: np.ndarray, logits: np.ndarray
) -> None:
    expected = sum(w * REFERENCES[name](labels, logits, WEIGHTS) for name, w in terms.items())
    assert float(build_loss(terms, WEIGHTS)(labels, logits)) == pytest.approx(expected, rel=2e-5)


def test_a_term_of_weight_zero_is_left_out(labels: np.ndarray, logits: np.ndarray) -> None:
    with_zero = build_loss({"dice": 1.0, "lovasz": 0.0}, {})(labels, logits)
    assert float(with_zero) == float(build_loss({"dice": 1.0}, {})(labels, logits))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_logits_are_judged_in_float32(
    dtype: str, labels: np.ndarray, logits: np.ndarray
) -> None:
    assert ALL.keys() == TERMS.keys()
    loss = build_loss(ALL, WEIGHTS)
    rounded = tf.Variable(tf.cast(logits, dtype))
    with tf.GradientTape() as tape:
        value = loss(labels, rounded)
    assert value.dtype == tf.float32
    assert float(value) == float(loss(labels, tf.cast(rounded, tf.float32)))
    gradient = tape.gradient(value, rounded)
    assert gradient.dtype == dtype
    assert np.isfinite(tf.cast(gradient, tf.float32).numpy()).all()


def test_a_graph_of_unknown_batch_and_size_gives_the_same(
    labels: np.ndarray, logits: np.ndarray
) -> None:
    loss = build_loss(ALL, WEIGHTS)
    graph = tf.function(
        loss,
        input_signature=[
            tf.TensorSpec((None, None, None), tf.uint8),
            tf.TensorSpec((None, None, None, 20), tf.float32),
        ],
    )
    assert float(graph(labels, logits)) == pytest.approx(float(loss(labels, logits)), rel=1e-6)


def test_it_is_stored_and_read_back(labels: np.ndarray, logits: np.ndarray) -> None:
    loss = build_loss(ALL, WEIGHTS)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config()
    assert float(again(labels, logits)) == float(loss(labels, logits))


@pytest.mark.parametrize(
    ("terms", "category_weights", "message"),
    [
        ({"lovas": 1.0}, {}, "no loss term 'lovas': choose from cross_entropy, .*, lovasz"),
        ({"dice": 1.0}, {"cat": 1.0}, "no category 'cat': choose from void, flat, .*, vehicle"),
        ({"dice": -0.5}, {}, "loss term 'dice' is -0.5: give a number from 0 on"),
        ({"dice": "much"}, {}, "loss term 'dice' is 'much'"),
        ({"dice": True}, {}, "loss term 'dice' is True"),
        ({"dice": float("nan")}, {}, "loss term 'dice' is nan"),
        ({"dice": 1.0}, {"human": -1.0}, "category 'human' is -1.0"),
        ({"dice": 1.0}, {"human": float("inf")}, "category 'human' is inf"),
        ({"dice": 0.0, "focal": 0}, {}, "no loss term has a weight above 0"),
        ({}, {}, "no loss term has a weight above 0"),
        ({"dice": 1.0}, dict.fromkeys(NAMES, 0), "every category has weight 0"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    terms: dict[str, float], category_weights: dict[str, float], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        build_loss(terms, category_weights)
