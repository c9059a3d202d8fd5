"""How weights change in a step: AdamW, its learning rate over a run, and their moving average."""

import math
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from training.config import TrainingConfig

CLIP_NORM = 5.0
"""Gradients of all weights together are scaled down to this norm."""

ENCODER_PREFIX = "_"
"""What the layers of an encoder are called by: EfficientNet-Lite's published names."""


class WarmupStableDecay(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A linear warm-up, a constant rate, and a cosine to zero at the end.

    Unlike a cosine over the whole run, the run can be prolonged, or ended early, while the rate
    is constant (Hu et al., MiniCPM, 2024).
    """

    def __init__(self, peak: float, warmup: int, decay: int, steps: int) -> None:
        self.peak, self.warmup, self.decay, self.steps = peak, warmup, decay, steps

    def __call__(self, step: Any) -> Any:
        """Rate of a step, counted from 0."""
        step = ops.cast(step, "float32")
        up = ops.minimum((step + 1) / max(1, self.warmup), 1.0)
        left = ops.clip((self.steps - step) / max(1, self.decay), 0.0, 1.0)
        return self.peak * up * (1 - ops.cos(math.pi * left)) / 2


class EncoderAdamW(keras.optimizers.AdamW):  # type: ignore[misc]
    """AdamW with a smaller learning rate for a pretrained encoder.

    Decay is decoupled (Loshchilov and Hutter, ICLR 2019): a step shrinks kernels by learning rate
    times `weight_decay`; normalisations and biases are left alone.
    """

    encoder_rate = 1.0

    def build(self, variables: Any) -> None:
        """Remember which of the variables are an encoder's."""
        self.rates = [
            self.encoder_rate if v.path.startswith(ENCODER_PREFIX) else 1.0 for v in variables
        ]
        super().build(variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable."""
        rate = self.rates[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * rate)


def build_optimizer(config: TrainingConfig, model: keras.Model) -> keras.optimizers.Optimizer:
    """Build the configured optimizer for the weights of `model`."""
    per_epoch = config.photos_per_epoch // config.batch_size
    decay = config.epochs if config.decay_epochs is None else config.decay_epochs
    schedule = WarmupStableDecay(
        config.learning_rate, config.warmup_steps, decay * per_epoch, config.epochs * per_epoch
    )
    optimizer = EncoderAdamW(schedule, weight_decay=config.weight_decay, global_clipnorm=CLIP_NORM)
    optimizer.encoder_rate = config.encoder_rate
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    optimizer.build(model.trainable_variables)
    return optimizer


class MovingAverage(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the moving average of all weights, normalisation statistics too, in a second model.

    Polyak and Juditsky, SIAM J. Control Optim. 1992: the average is about as good as weights
    after a decay of the learning rate, at any time of a run. It starts short: after t steps the
    momentum is at most (1 + t) / (10 + t).

    Args:
        average: the same network, whatever its input size.
        momentum: 0.0 to below 1.0.
    """

    def __init__(self, average: keras.Model, momentum: float) -> None:
        super().__init__()
        self.average, self.momentum = average, momentum

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Move the average towards the weights."""
        steps = int(self.model.optimizer.iterations.numpy())
        self._move(tf.constant(1 - min(self.momentum, (1 + steps) / (10 + steps)), tf.float32))

    @tf.function  # type: ignore[untyped-decorator]
    def _move(self, part: Any) -> None:
        for mean, weight in zip(self.average.weights, self.model.weights, strict=True):
            mean.assign_add((weight - mean) * part)
