"""Layers and blocks that the architectures share.

Activations are ReLU, capped at 6 unless said otherwise: the cap keeps the range of values small
for INT8, and both run in ONNX Runtime's blocked layout.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


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


def conv_bn(
    x: Any, filters: int, kernel: int = 1, name: str = "", *, stride: int = 1, cap: float | None = 6
) -> Any:
    """Convolution, batch normalisation, ReLU (up to `cap`)."""
    x = keras.layers.Conv2D(
        filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv"
    )(x)
    return keras.layers.ReLU(cap, name=f"{name}_relu")(FusedBatchNorm(name=f"{name}_bn")(x))


def depthwise_bn(x: Any, name: str, *, stride: int = 1, dilation: int = 1) -> Any:
    """Depthwise 3x3 and batch normalisation."""
    x = keras.layers.DepthwiseConv2D(
        3, stride, padding="same", dilation_rate=dilation, use_bias=False, name=f"{name}_dw"
    )(x)
    return FusedBatchNorm(name=f"{name}_dw_bn")(x)


def separable_bn(x: Any, filters: int, name: str, *, dilation: int = 1) -> Any:
    """Depthwise 3x3 then pointwise convolution, each normalised and rectified."""
    x = depthwise_bn(x, name, dilation=dilation)
    x = keras.layers.ReLU(6.0, name=f"{name}_dw_relu")(x)
    return conv_bn(x, filters, 1, name)


def upsample(x: Any, factor: int, name: str) -> Any:
    """Enlarge height and width bilinearly."""
    return keras.layers.UpSampling2D(factor, interpolation="bilinear", name=name)(x)


def inverted_residual(
    x: Any,
    filters: int,
    name: Callable[[str], str],
    *,
    kernel: int = 3,
    stride: int = 1,
    expansion: int = 6,
    dilation: int = 1,
    cap: float | None = 6,
) -> Any:
    """Expand, filter depthwise, project linearly; add the input where it has the same shape.

    Sandler et al., MobileNetV2 (CVPR 2018).

    Args:
        x: (batch, height, width, channels).
        filters: channels of the result.
        name: part -> name of its layer; the parts are "expand", "depthwise", "project", and each
            with "_bn".
        kernel: side of the depthwise kernel.
        stride: of the depthwise convolution.
        expansion: factor on the channels; 1 leaves the expansion out.
        dilation: of the depthwise convolution.
        cap: where ReLU ends; None for nowhere.
    """
    inputs = x
    if expansion != 1:
        x = keras.layers.Conv2D(
            x.shape[-1] * expansion, 1, padding="same", use_bias=False, name=name("expand")
        )(x)
        x = FusedBatchNorm(epsilon=1e-3, name=name("expand_bn"))(x)
        x = keras.layers.ReLU(cap)(x)
    x = keras.layers.DepthwiseConv2D(
        kernel,
        stride,
        padding="same",
        dilation_rate=dilation,
        use_bias=False,
        name=name("depthwise"),
    )(x)
    x = keras.layers.ReLU(cap)(FusedBatchNorm(epsilon=1e-3, name=name("depthwise_bn"))(x))
    x = keras.layers.Conv2D(filters, 1, use_bias=False, name=name("project"))(x)
    x = FusedBatchNorm(epsilon=1e-3, name=name("project_bn"))(x)
    if stride == 1 and inputs.shape[-1] == filters:
        x = keras.layers.Add()([inputs, x])
    return x
