"""What a step does to weights: rates over a run, decay, clipping, the encoder, the average."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.tiny import tiny_config
from training.config import TrainingConfig
from training.optimizer import CLIP_NORM, MovingAverage, WarmupStableDecay, build_optimizer

pytestmark = pytest.mark.training


@pytest.fixture
def model() -> keras.Model:
    """One layer of an encoder, by its name, and one that is not."""
    image = keras.Input((1,))
    x = keras.layers.Dense(1, name="_stem")(image)
    return keras.Model(image, keras.layers.Dense(1, name="head")(x))


def config(**changes: object) -> TrainingConfig:
    """Constant from the first step on: 100 epochs of one step."""
    plain = dataclasses.replace(
        tiny_config(), photos_per_epoch=2, batch_size=2, epochs=100, warmup_steps=0,
        decay_epochs=0, learning_rate=0.01, weight_decay=0.0, encoder_rate=1.0,
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def step(model: keras.Model, config: TrainingConfig, gradients: list[float]) -> list[float]:
    """Set kernels to 1 and biases to 1, take one step; how far each variable has moved."""
    for variable in model.trainable_variables:
        variable.assign(tf.ones_like(variable))
    optimizer = build_optimizer(config, model)
    optimizer.apply([tf.fill(v.shape, g) for v, g in zip(model.trainable_variables, gradients,
                                                         strict=True)])  # fmt: skip
    return [float(np.ravel(v.numpy())[0]) - 1 for v in model.trainable_variables]


def test_the_rate_warms_up_stays_and_falls_to_zero() -> None:
    rate = WarmupStableDecay(peak=2.0, warmup=4, decay=10, steps=40)
    at = {s: float(rate(s)) for s in (0, 1, 3, 4, 20, 30, 32, 35, 39, 40, 50)}
    half = 1 - np.cos(np.pi * np.array([8, 5, 1]) / 10)
    assert at == pytest.approx({
        0: 0.5, 1: 1.0, 3: 2.0, 4: 2.0, 20: 2.0, 30: 2.0,
        32: half[0], 35: half[1], 39: half[2], 40: 0.0, 50: 0.0,
    })  # fmt: skip


def test_a_run_s_rate_follows_its_configuration(model: keras.Model) -> None:
    run = config(photos_per_epoch=8, epochs=5, decay_epochs=2, warmup_steps=2)
    rate = build_optimizer(run, model)._learning_rate
    assert [float(rate(s)) for s in (0, 1, 11, 12, 16, 20)] == pytest.approx(
        [0.005, 0.01, 0.01, 0.01, 0.005, 0.0]
    )


def test_decay_shrinks_kernels_by_rate_times_weight_decay_and_no_biases(
    model: keras.Model,
) -> None:
    moved = step(model, config(weight_decay=0.5), [0.0] * 4)
    assert moved == pytest.approx([-0.005, 0.0, -0.005, 0.0], abs=1e-6)


def test_an_encoder_learns_at_its_own_rate(model: keras.Model) -> None:
    # Adam's first step is the rate, whatever the size of the gradient.
    moved = step(model, config(encoder_rate=0.25), [0.1] * 4)
    assert moved == pytest.approx([-0.0025, -0.0025, -0.01, -0.01], rel=1e-3)


def test_gradients_are_clipped_by_the_norm_of_all_of_them(model: keras.Model) -> None:
    for variable in model.trainable_variables:
        variable.assign(tf.ones_like(variable))
    optimizer = build_optimizer(config(), model)
    gradients = [30.0, 0.0, 40.0, 0.0]
    optimizer.apply([tf.fill(v.shape, g) for v, g in zip(model.trainable_variables, gradients,
                                                         strict=True)])  # fmt: skip
    first_moments = [float(np.ravel(m.numpy())[0]) for m in optimizer._momentums]
    # 0.1 of the clipped gradient: 3/5 and 4/5 of the norm, not each clipped by itself.
    assert first_moments == pytest.approx([0.06 * CLIP_NORM, 0, 0.08 * CLIP_NORM, 0], rel=1e-5)


def test_the_average_follows_all_weights_and_starts_short(model: keras.Model) -> None:
    average = keras.models.clone_model(model)
    average.set_weights([np.zeros_like(w) for w in model.get_weights()])
    model.compile(build_optimizer(config(), model), "mse")
    callback = MovingAverage(average, 0.5)
    callback.set_model(model)
    expected = 0.0
    for taken, value in ((1, 4.0), (2, 8.0), (100, 2.0)):
        model.set_weights([np.full_like(w, value) for w in model.get_weights()])
        model.optimizer.iterations.assign(taken)
        callback.on_train_batch_end(0)
        keep = min(0.5, (1 + taken) / (10 + taken))
        expected = keep * expected + (1 - keep) * value
        for weight in average.get_weights():
            assert weight == pytest.approx(np.full_like(weight, expected))
