"""Fast-SCNN (Poudel, Liwicki, Cipolla, BMVC 2019): two branches that share their first layers.

A shallow branch of stride 8 keeps outlines, a deep one of stride 32 finds context; built for
training from scratch, which its authors found to be as good as pretraining. Left out: dropout,
and the losses on inner layers.
"""

from typing import Any

import keras

from training.models.contract import logits
from training.models.layers import (
    FusedBatchNorm,
    conv_bn,
    depthwise_bn,
    inverted_residual,
    upsample,
)

# (filters, repeats, stride) of the deep branch's bottlenecks
BOTTLENECKS = ((64, 3, 2), (96, 3, 2), (128, 3, 1))
CHANNELS = 128
POOLS = (1, 2, 3, 6)


def fast_scnn(image: Any) -> Any:
    """Build both branches, fuse them, and classify at stride 8."""
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(image)
    x = conv_bn(x, 32, 3, "downsample1", stride=2, cap=None)
    x = _separable(x, 48, "downsample2", stride=2)
    shallow = _separable(x, 64, "downsample3", stride=2)
    x = _fuse(shallow, _context(shallow))
    x = _separable(x, CHANNELS, "classify1")
    x = _separable(x, CHANNELS, "classify2")
    return logits(x, stride=8)


def _separable(x: Any, filters: int, name: str, stride: int = 1) -> Any:
    """Depthwise 3x3 and pointwise convolution with nothing rectified between (the paper, 3.2.1)."""
    return conv_bn(depthwise_bn(x, name, stride=stride), filters, 1, name, cap=None)


def _context(x: Any) -> Any:
    for stage, (filters, repeats, stride) in enumerate(BOTTLENECKS, 1):
        for repeat in range(repeats):
            name = f"bottleneck{stage}_{repeat + 1}_{{}}".format
            x = inverted_residual(x, filters, name, stride=1 if repeat else stride, cap=None)
    height, width = x.shape[1:3]
    levels = [x]
    for cells in POOLS:
        y = _pool(x, cells)
        # Not normalised: a batch holds too few pooled values for statistics.
        y = keras.layers.Conv2D(CHANNELS // len(POOLS), 1, activation="relu", name=f"pool{cells}")(
            y
        )
        levels.append(keras.ops.image.resize(y, (height, width), interpolation="bilinear"))
    return conv_bn(keras.layers.Concatenate(name="pools")(levels), CHANNELS, 1, "pools", cap=None)


def _pool(x: Any, cells: int) -> Any:
    """Average over a grid of `cells` x `cells`, or as many as there are pixels."""
    height, width = x.shape[1:3]
    rows, columns = min(cells, height), min(cells, width)
    step = (height // rows, width // columns)
    # The last window ends with the map; windows overlap where the grid does not divide it.
    window = (height - (rows - 1) * step[0], width - (columns - 1) * step[1])
    return keras.layers.AveragePooling2D(window, step)(x)


def _fuse(shallow: Any, deep: Any) -> Any:
    """Feature fusion (the paper's table 3)."""
    deep = upsample(deep, 4, "fuse_up")
    deep = keras.layers.ReLU(name="fuse_dw_relu")(depthwise_bn(deep, "fuse", dilation=4))
    sums = [
        FusedBatchNorm(name=f"fuse_{name}_bn")(
            keras.layers.Conv2D(CHANNELS, 1, use_bias=False, name=f"fuse_{name}")(x)
        )
        for name, x in (("shallow", shallow), ("deep", deep))
    ]
    return keras.layers.ReLU(name="fuse_relu")(keras.layers.Add(name="fuse_sum")(sums))
