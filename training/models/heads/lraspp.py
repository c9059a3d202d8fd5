"""LR-ASPP, for the small and fast: Howard et al., Searching for MobileNetV3 (ICCV 2019), 6.4."""

from typing import Any

import keras

from training.models.contract import logits
from training.models.layers import conv_bn, separable_bn, upsample
from training.models.lite0 import Features

CONTEXT_CHANNELS = 128
SKIP_CHANNELS = {8: 64, 4: 32}


def lraspp(features: Features, image: Any, classes: int) -> Any:
    """Features of stride 16, gated by a summary of the whole photo, meet those of stride 8 and 4.

    Three departures from the paper: the encoder ends with its features of stride 16, where the
    deeper stages hold most of the weights; the summary is pooled over the whole input instead of
    49 x 49 windows, which serves any input size; and skips are merged as features and smoothed
    instead of added as logits, with one more at stride 4 for thin things.

    Args:
        features: of the encoder.
        image: (batch, height, width, 3) uint8.
        classes: channels of the result.

    Returns:
        Logits (batch, height, width, classes) float32.
    """
    taps = features(image, output_stride=16)
    summary = keras.layers.GlobalAveragePooling2D(keepdims=True, name="context_pool")(taps[16])
    gate = keras.layers.Conv2D(
        CONTEXT_CHANNELS, 1, use_bias=False, activation="sigmoid", name="context_gate"
    )(summary)
    x = conv_bn(taps[16], CONTEXT_CHANNELS, name="context")
    x = keras.layers.Multiply(name="context_gated")([x, gate])
    for stride, channels in SKIP_CHANNELS.items():
        x = conv_bn(x, channels, name=f"reduce{stride}")  # before enlarging, where it is cheap
        x = upsample(x, 2, f"up{stride}")
        skip = conv_bn(taps[stride], channels, name=f"skip{stride}")
        x = keras.layers.Add(name=f"merge{stride}")([x, skip])
        x = separable_bn(x, channels, f"smooth{stride}")
    return logits(x, classes, stride=4)
