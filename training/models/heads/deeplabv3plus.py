"""DeepLabv3+ (Chen et al., ECCV 2018) with separable convolutions, at 128 channels."""

from typing import Any

import keras

from training.models.contract import logits
from training.models.layers import FusedBatchNorm, conv_bn, separable_bn, upsample
from training.models.lite0 import Features

CHANNELS = 128
SKIP_CHANNELS = 48
DILATIONS = (3, 6, 9)
"""Half the paper's 6, 12, 18, as photos here have about half the sides of its 513 x 513 crops."""


def deeplabv3plus(features: Features, image: Any, classes: int) -> Any:
    """Context of several scales at stride 16, outlines from features of stride 4.

    Args:
        features: of the encoder.
        image: (batch, height, width, 3) uint8.
        classes: channels of the result.

    Returns:
        Logits (batch, height, width, classes) float32.
    """
    taps = features(image, output_stride=16, dilate=True)
    x = upsample(_spatial_pyramid(taps[16]), 4, "up4")
    skip = conv_bn(taps[4], SKIP_CHANNELS, name="skip4")
    x = keras.layers.Concatenate(name="merge4")([x, skip])
    x = separable_bn(x, CHANNELS, "decode1")
    x = separable_bn(x, CHANNELS, "decode2")
    return logits(x, classes, stride=4)


def _spatial_pyramid(x: Any) -> Any:
    branches = [conv_bn(x, CHANNELS, name="aspp1")]
    branches += [separable_bn(x, CHANNELS, f"aspp_d{d}", dilation=d) for d in DILATIONS]
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True, name="aspp_pool")(x)
    # Not normalised: a batch holds one pooled value a photo, too few for statistics.
    pooled = keras.layers.Conv2D(CHANNELS, 1, activation="relu6", name="aspp_pool_conv")(pooled)
    # Projecting the constant branch by itself and adding it is to concatenate it, without tiling.
    sums = [
        keras.layers.Conv2D(CHANNELS, 1, use_bias=False, name="aspp_project_local")(
            keras.layers.Concatenate(name="aspp_merge")(branches)
        ),
        keras.layers.Conv2D(CHANNELS, 1, use_bias=False, name="aspp_project_pool")(pooled),
    ]
    x = FusedBatchNorm(name="aspp_bn")(keras.layers.Add(name="aspp_sum")(sums))
    return keras.layers.ReLU(6.0, name="aspp_relu")(x)
