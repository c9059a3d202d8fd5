"""Networks in Keras 3: uint8 RGB in, logits for the classes out at input size.

An architecture is a function from the input to the logits, and a line here. `contract.py` says
what all have in common.
"""

from collections.abc import Callable
from typing import Any

import keras

from training.errors import ConfigError
from training.models.contract import image_input
from training.models.fast_scnn import fast_scnn
from training.models.heads import deeplabv3plus, fpn, lraspp
from training.models.lite0 import load_imagenet_weights
from training.models.unet import unet

IMAGENET = "imagenet"

ARCHITECTURES: dict[str, Callable[[Any], Any]] = {
    "unet": unet,
    "fast_scnn": fast_scnn,
    "lite0_fpn": fpn,
    "lite0_lraspp": lraspp,
    "lite0_deeplabv3plus": deeplabv3plus,
}
"""Name -> function from the input, (batch, height, width, 3) uint8 RGB, to the logits."""


def build(
    architecture: str, input_size: tuple[int, int], encoder_weights: str | None = None
) -> keras.Model:
    """Build the named network.

    Args:
        architecture: a name in ARCHITECTURES.
        input_size: (height, width) of the input, multiples of 32.
        encoder_weights: "imagenet", or None to start from scratch.

    Raises:
        ConfigError: there is no such architecture; a side is no multiple of 32; weights that are
            unknown, that the architecture does not have, or that cannot be had here.
    """
    if architecture not in ARCHITECTURES:
        raise ConfigError(
            f"no architecture '{architecture}': choose from {', '.join(ARCHITECTURES)}"
        )
    pretrained = [IMAGENET] if architecture.startswith("lite0_") else []
    if encoder_weights not in (None, *pretrained):
        raise ConfigError(
            f"{architecture} has no weights '{encoder_weights}': set encoder_weights to "
            f"{' or '.join([*pretrained, 'null'])}"
        )
    image = image_input(input_size)
    model = keras.Model(image, ARCHITECTURES[architecture](image), name=architecture)
    if encoder_weights:
        load_imagenet_weights(model)
    return model
