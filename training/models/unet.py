"""U-Net (Ronneberger et al., MICCAI 2015), the baseline that starts from scratch."""

from typing import Any

import keras

from training.models.contract import logits
from training.models.layers import conv_bn, upsample

BASE_FILTERS = 16
LEVELS = 4


def unet(image: Any) -> Any:
    """The paper's graph with 16 filters at full resolution instead of 64.

    And batch normalisation, and "same" padding, so that nothing is cropped.
    """
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(image)
    skips = []
    for level in range(LEVELS):
        x = _two_convolutions(x, BASE_FILTERS << level, f"down{level}")
        skips.append(x)
        x = keras.layers.MaxPooling2D(2, name=f"pool{level}")(x)
    x = _two_convolutions(x, BASE_FILTERS << LEVELS, "bottom")
    for level in reversed(range(LEVELS)):
        x = upsample(x, 2, f"up{level}")
        x = conv_bn(x, BASE_FILTERS << level, 2, f"up{level}", cap=None)
        x = keras.layers.Concatenate(name=f"merge{level}")([skips[level], x])
        x = _two_convolutions(x, BASE_FILTERS << level, f"decode{level}")
    return logits(x, stride=1)


def _two_convolutions(x: Any, filters: int, name: str) -> Any:
    x = conv_bn(x, filters, 3, f"{name}_1", cap=None)
    return conv_bn(x, filters, 3, f"{name}_2", cap=None)
