"""Layers that the architectures share."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("future_vision")
class FusedBatchNorm(keras.layers.BatchNormalization):  # type: ignore[misc]
    """BatchNormalization through TensorFlow's fused kernel while training.

    Keras 3 computes moments and scaling as separate operations, which dominates a training step
    on a CPU. Inference, variables and export are those of the base class.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise (batch, height, width, channels)."""
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            tf.cast(inputs, tf.float32),
            tf.convert_to_tensor(self.gamma),
            tf.convert_to_tensor(self.beta),
            epsilon=self.epsilon,
            is_training=True,
        )
        keep = self.momentum
        self.moving_mean.assign(self.moving_mean * keep + mean * (1 - keep))
        self.moving_variance.assign(self.moving_variance * keep + variance * (1 - keep))
        return tf.cast(outputs, inputs.dtype)


def conv_bn(x: Any, filters: int, kernel: int = 1, name: str = "") -> Any:
    """Convolution, batch normalisation, ReLU6; spatial size kept."""
    x = keras.layers.Conv2D(filters, kernel, padding="same", use_bias=False, name=f"{name}_conv")(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(FusedBatchNorm(name=f"{name}_bn")(x))


def separable_bn(x: Any, filters: int, name: str) -> Any:
    """Depthwise 3x3 then pointwise convolution, each normalised and rectified."""
    x = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{name}_dw")(x)
    x = keras.layers.ReLU(6.0, name=f"{name}_dw_relu")(FusedBatchNorm(name=f"{name}_dw_bn")(x))
    return conv_bn(x, filters, 1, name)
