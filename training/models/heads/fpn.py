"""A light feature pyramid (Lin et al., CVPR 2017)."""

from typing import Any

import keras

from training.models.contract import logits
from training.models.layers import conv_bn, separable_bn, upsample
from training.models.lite0 import Features

PYRAMID_CHANNELS = 96


def fpn(features: Features, image: Any, classes: int) -> Any:
    """Features of stride 32, 16, 8 and 4 meet top-down, each smoothed by a separable convolution.

    It ends at stride 4: a further step of stride 2 takes a third of the network's time, which a
    larger input uses better.

    Args:
        features: of the encoder.
        image: (batch, height, width, 3) uint8.
        classes: channels of the result.

    Returns:
        Logits (batch, height, width, classes) float32.
    """
    taps = features(image)
    x = conv_bn(taps[32], PYRAMID_CHANNELS, name="lateral32")
    for stride in (16, 8, 4):
        x = upsample(x, 2, f"up{stride}")
        lateral = conv_bn(taps[stride], PYRAMID_CHANNELS, name=f"lateral{stride}")
        x = keras.layers.Add(name=f"merge{stride}")([x, lateral])
        x = separable_bn(x, PYRAMID_CHANNELS, f"smooth{stride}")
    x = separable_bn(x, PYRAMID_CHANNELS, "head")
    return logits(x, classes, stride=4)
