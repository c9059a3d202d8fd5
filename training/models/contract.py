"""What all architectures have in common: input, output, and their sums by category.

A network goes from (batch, height, width, 3) uint8 RGB to (batch, height, width, classes) float32
logits of `training.data.classes`, whatever the dtype policy.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from function_app.vision.categories import CATEGORIES
from training.data.classes import CLASS_CATEGORIES, CLASSES
from training.errors import ConfigError

MULTIPLE = 32
"""Sides are multiples of it, so that features of every stride up to 32 meet without cropping."""

LOGITS = "logits"
"""Name of the layer that classifies; what follows it only enlarges."""

CATEGORY_SUMS = np.eye(len(CATEGORIES), dtype=np.float32)[list(CLASS_CATEGORIES)]
"""(classes, 8) float32: 1.0 where a class is of a category."""


def image_input(input_size: tuple[int, int]) -> Any:
    """Return the input (batch, height, width, 3) uint8.

    Raises:
        ConfigError: a side is no positive multiple of 32.
    """
    height, width = input_size
    if height % MULTIPLE or width % MULTIPLE or min(input_size) < MULTIPLE:
        raise ConfigError(f"input {height} x {width}: both must be multiples of {MULTIPLE}")
    return keras.Input((height, width, 3), dtype="uint8", name="image")


def logits(x: Any, stride: int) -> Any:
    """Classify features of `stride`: logits (batch, height, width, classes) at input size.

    Float32 under mixed precision too: bfloat16 keeps 8 bits, too few to tell close logits apart.
    """
    x = keras.layers.Conv2D(len(CLASSES), 1, name=LOGITS, dtype="float32")(x)
    if stride == 1:
        return x
    return keras.layers.UpSampling2D(
        stride, interpolation="bilinear", name="logits_full", dtype="float32"
    )(x)


def category_logits(x: Any) -> Any:
    """Logits of the 8 categories from those of the classes: (n, h, w, classes) to (n, h, w, 8).

    A category's logit is the logsumexp of its classes' logits: its softmax is the sum of theirs.
    """
    highest = ops.max(x, axis=-1, keepdims=True)
    # A convolution, and a vector where a scalar would do: tf2onnx keeps both channels-first.
    sums = ops.conv(ops.exp(x - highest), ops.convert_to_tensor(CATEGORY_SUMS[None, None]))
    least = np.full(len(CATEGORIES), 1e-30, np.float32)  # keeps log finite
    return ops.log(sums + least) + highest
