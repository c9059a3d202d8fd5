"""Networks in Keras 3: uint8 RGB in, logits for the classes out at input size.

`contract.py` says what every architecture has in common. One that joins the Lite0 encoder to a
head is a line here and a file of `heads/`; any other is a file of its own.
"""

from functools import partial

import keras

from training.config import ConfigError
from training.data.classes import CLASSES
from training.models.contract import Constructor
from training.models.fast_scnn import fast_scnn
from training.models.heads.deeplabv3plus import deeplabv3plus
from training.models.heads.fpn import fpn
from training.models.heads.lraspp import lraspp
from training.models.lite0 import lite0
from training.models.unet import unet

ARCHITECTURES: dict[str, Constructor] = {
    "unet": unet,
    "fast_scnn": fast_scnn,
    "lite0_fpn": partial(lite0, "lite0_fpn", fpn),
    "lite0_lraspp": partial(lite0, "lite0_lraspp", lraspp),
    "lite0_deeplabv3plus": partial(lite0, "lite0_deeplabv3plus", deeplabv3plus),
}


def build(
    architecture: str,
    input_size: tuple[int, int],
    classes: int = len(CLASSES),
    encoder_weights: str | None = None,
) -> keras.Model:
    """Build the named network; arguments, result and errors as in `contract.Constructor`.

    Raises:
        ConfigError: there is no such architecture, or what its constructor refuses.
    """
    if architecture not in ARCHITECTURES:
        raise ConfigError(
            f"no architecture '{architecture}': choose from {', '.join(ARCHITECTURES)}"
        )
    return ARCHITECTURES[architecture](input_size, classes, encoder_weights)
