"""MobileNetV2 encoder (Sandler et al., CVPR 2018), width 1.0, with keras.applications' weights.

Built here rather than there, for the fused batch normalisation, features of every stride and
dilation; layer names are those of keras.applications, by which the weights find their place.
"""

from typing import Any

import keras

from training.config import ConfigError
from training.models.encoders.encoder import Encoder, Stage, run_stages
from training.models.layers import FusedBatchNorm

STAGES = (
    Stage(repeats=1, kernel=3, stride=1, expansion=1, filters=16),
    Stage(repeats=2, kernel=3, stride=2, expansion=6, filters=24),
    Stage(repeats=3, kernel=3, stride=2, expansion=6, filters=32),
    Stage(repeats=4, kernel=3, stride=2, expansion=6, filters=64),
    Stage(repeats=3, kernel=3, stride=1, expansion=6, filters=96),
    Stage(repeats=3, kernel=3, stride=2, expansion=6, filters=160),
    Stage(repeats=1, kernel=3, stride=1, expansion=6, filters=320),
)
STEM_FILTERS = 32


def mobilenet_v2_features(
    image: Any, output_stride: int = 32, *, dilate: bool = False
) -> dict[int, Any]:
    """Build the encoder as `encoder.Features` says; channels 16, 24, 32, 96, 320."""
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(image)
    x = keras.layers.Conv2D(STEM_FILTERS, 3, 2, padding="same", use_bias=False, name="Conv1")(x)
    x = keras.layers.ReLU(6.0)(FusedBatchNorm(epsilon=1e-3, name="bn_Conv1")(x))
    return run_stages(x, STAGES, _name, output_stride, dilate=dilate)


def load_imagenet_weights(model: keras.Model) -> None:
    """Copy the ImageNet weights into the encoder layers of `model`; downloads them once.

    Raises:
        ConfigError: the download failed.
    """
    try:
        donor = keras.applications.MobileNetV2(
            input_shape=(224, 224, 3), include_top=False, weights="imagenet"
        )
    except Exception as error:  # keras.utils.get_file raises nothing more special
        raise ConfigError(
            f"the ImageNet weights of MobileNetV2 could not be downloaded ({error}): allow network "
            "access to storage.googleapis.com, or set encoder_weights to null, or choose a lite0_* "
            "architecture, whose weights come from the package index"
        ) from error
    copy_weights(donor, model)


def copy_weights(donor: keras.Model, model: keras.Model) -> None:
    """Copy the weights of keras.applications' MobileNetV2 into the layers of the same names."""
    weights = {layer.name: layer.get_weights() for layer in donor.layers if layer.weights}
    for layer in model.layers:
        if layer.name in weights:
            layer.set_weights(weights[layer.name])


def _name(block: int, part: str) -> str:
    prefix = f"block_{block}_" if block else "expanded_conv_"
    return prefix + part.replace("bn", "BN")


MOBILENET_V2 = Encoder(mobilenet_v2_features, load_imagenet_weights)
