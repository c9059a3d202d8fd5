"""Heads on the EfficientNet-Lite0 encoder: from the image to logits at input size."""

from typing import Any

import keras

from training.models.contract import logits
from training.models.layers import FusedBatchNorm, conv_bn, separable_bn, upsample
from training.models.lite0 import lite0_features

PYRAMID_CHANNELS = 96

CONTEXT_CHANNELS = 128
LRASPP_SKIP_CHANNELS = {8: 64, 4: 32}

DEEPLAB_CHANNELS = 128
DEEPLAB_SKIP_CHANNELS = 48
DILATIONS = (3, 6, 9)
"""Half the paper's 6, 12, 18, as photos here have about half the sides of its 513 x 513 crops."""


def fpn(image: Any) -> Any:
    """A light feature pyramid (Lin et al., CVPR 2017).

    Features of stride 32, 16, 8 and 4 meet top-down, each smoothed by a separable convolution. It
    ends at stride 4: a further step of stride 2 takes a third of the network's time, which a
    larger input uses better.
    """
    taps = lite0_features(image)
    x = conv_bn(taps[32], PYRAMID_CHANNELS, name="lateral32")
    for stride in (16, 8, 4):
        x = upsample(x, 2, f"up{stride}")
        lateral = conv_bn(taps[stride], PYRAMID_CHANNELS, name=f"lateral{stride}")
        x = keras.layers.Add(name=f"merge{stride}")([x, lateral])
        x = separable_bn(x, PYRAMID_CHANNELS, f"smooth{stride}")
    x = separable_bn(x, PYRAMID_CHANNELS, "head")
    return logits(x, stride=4)


def lraspp(image: Any) -> Any:
    """LR-ASPP, for the small and fast: Howard et al., Searching for MobileNetV3 (ICCV 2019), 6.4.

    Features of stride 16, gated by a summary of the whole photo, meet those of stride 8 and 4.
    Three departures from the paper: the encoder ends with its features of stride 16, where the
    deeper stages hold most of the weights; the summary is pooled over the whole input instead of
    49 x 49 windows, which serves any input size; and skips are merged as features and smoothed
    instead of added as logits, with one more at stride 4 for thin things.
    """
    taps = lite0_features(image, output_stride=16)
    summary = keras.layers.GlobalAveragePooling2D(keepdims=True, name="context_pool")(taps[16])
    gate = keras.layers.Conv2D(
        CONTEXT_CHANNELS, 1, use_bias=False, activation="sigmoid", name="context_gate"
    )(summary)
    x = conv_bn(taps[16], CONTEXT_CHANNELS, name="context")
    x = keras.layers.Multiply(name="context_gated")([x, gate])
    for stride, channels in LRASPP_SKIP_CHANNELS.items():
        x = conv_bn(x, channels, name=f"reduce{stride}")  # before enlarging, where it is cheap
        x = upsample(x, 2, f"up{stride}")
        skip = conv_bn(taps[stride], channels, name=f"skip{stride}")
        x = keras.layers.Add(name=f"merge{stride}")([x, skip])
        x = separable_bn(x, channels, f"smooth{stride}")
    return logits(x, stride=4)


def deeplabv3plus(image: Any) -> Any:
    """DeepLabv3+ (Chen et al., ECCV 2018) with separable convolutions, at 128 channels.

    Context of several scales at stride 16, outlines from features of stride 4.
    """
    taps = lite0_features(image, output_stride=16, dilate=True)
    x = upsample(_spatial_pyramid(taps[16]), 4, "up4")
    skip = conv_bn(taps[4], DEEPLAB_SKIP_CHANNELS, name="skip4")
    x = keras.layers.Concatenate(name="merge4")([x, skip])
    x = separable_bn(x, DEEPLAB_CHANNELS, "decode1")
    x = separable_bn(x, DEEPLAB_CHANNELS, "decode2")
    return logits(x, stride=4)


def _spatial_pyramid(x: Any) -> Any:
    branches = [conv_bn(x, DEEPLAB_CHANNELS, name="aspp1")]
    branches += [separable_bn(x, DEEPLAB_CHANNELS, f"aspp_d{d}", dilation=d) for d in DILATIONS]
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True, name="aspp_pool")(x)
    # Not normalised: a batch holds one pooled value a photo, too few for statistics.
    pooled = keras.layers.Conv2D(DEEPLAB_CHANNELS, 1, activation="relu6", name="aspp_pool_conv")(
        pooled
    )
    # Projecting the constant branch by itself and adding it is to concatenate it, without tiling.
    sums = [
        keras.layers.Conv2D(DEEPLAB_CHANNELS, 1, use_bias=False, name="aspp_project_local")(
            keras.layers.Concatenate(name="aspp_merge")(branches)
        ),
        keras.layers.Conv2D(DEEPLAB_CHANNELS, 1, use_bias=False, name="aspp_project_pool")(pooled),
    ]
    x = FusedBatchNorm(name="aspp_bn")(keras.layers.Add(name="aspp_sum")(sums))
    return keras.layers.ReLU(6.0, name="aspp_relu")(x)
