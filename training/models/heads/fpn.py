"""A light feature pyramid (Lin et al., CVPR 2017)."""

from typing import Any

import keras

from training.models.contract import logits
from training.models.layers import conv_bn, separable_bn, upsample
from training.models.lite0 import Features

PYRAMID_CHANNELS = 96
DETAIL_CHANNELS = 32


def fpn(features: Features, image: Any, categories: int) -> Any:
    """Features of stride 32, 16, 8 and 4 meet top-down, each smoothed by a separable convolution.

    A narrow step of stride 2 gives poles and people their outline.

    Args:
        features: of the encoder.
        image: (batch, height, width, 3) uint8.
        categories: channels of the result.

    Returns:
        Logits (batch, height, width, categories) float32.
    """
    taps = features(image)
    x = conv_bn(taps[32], PYRAMID_CHANNELS, name="lateral32")
    for stride in (16, 8, 4):
        x = upsample(x, 2, f"up{stride}")
        lateral = conv_bn(taps[stride], PYRAMID_CHANNELS, name=f"lateral{stride}")
        x = keras.layers.Add(name=f"merge{stride}")([x, lateral])
        x = separable_bn(x, PYRAMID_CHANNELS, f"smooth{stride}")
    x = separable_bn(x, PYRAMID_CHANNELS, "head")
    x = conv_bn(x, DETAIL_CHANNELS, name="reduce2")
    x = upsample(x, 2, "up2")
    x = keras.layers.Add(name="merge2")([x, conv_bn(taps[2], DETAIL_CHANNELS, name="lateral2")])
    x = separable_bn(x, DETAIL_CHANNELS, "smooth2")
    return logits(x, categories, stride=2)
