"""Networks in Keras 3: uint8 RGB in, logits for the categories out at input size.

`contract.py` says what every architecture keeps to. One that joins an encoder to a head is a line
here (`encoders/`, `heads/`, joined by `encoder_decoder.py`); any other is a file of its own.
"""

import keras

from function_app.vision.categories import CATEGORIES
from training.config import ConfigError
from training.models.contract import Constructor
from training.models.encoder_decoder import EncoderDecoder
from training.models.encoders.efficientnet_lite import LITE0
from training.models.encoders.mobilenet_v2 import MOBILENET_V2
from training.models.fast_scnn import fast_scnn
from training.models.heads.deeplabv3plus import deeplabv3plus
from training.models.heads.fpn import fpn
from training.models.heads.lraspp import lraspp
from training.models.unet import unet

ARCHITECTURES: dict[str, Constructor] = {
    "unet": unet,
    "fast_scnn": fast_scnn,
    "lite0_fpn": EncoderDecoder("lite0_fpn", LITE0, fpn),
    "lite0_lraspp": EncoderDecoder("lite0_lraspp", LITE0, lraspp),
    "lite0_deeplabv3plus": EncoderDecoder("lite0_deeplabv3plus", LITE0, deeplabv3plus),
    "mobilenetv2_fpn": EncoderDecoder("mobilenetv2_fpn", MOBILENET_V2, fpn),
    "mobilenetv2_lraspp": EncoderDecoder("mobilenetv2_lraspp", MOBILENET_V2, lraspp),
    "mobilenetv2_deeplabv3plus": EncoderDecoder(
        "mobilenetv2_deeplabv3plus", MOBILENET_V2, deeplabv3plus
    ),
}


def build(
    architecture: str,
    input_size: tuple[int, int],
    categories: int = len(CATEGORIES),
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
    return ARCHITECTURES[architecture](input_size, categories, encoder_weights)
