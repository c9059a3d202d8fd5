"""EfficientNet-Lite0 encoder with a light feature pyramid (Lin et al., CVPR 2017)."""

import keras

from function_app.categories import CATEGORIES
from training.config import ConfigError
from training.models.efficientnet_lite import lite0_encoder, load_imagenet_weights
from training.models.layers import conv_bn, separable_bn

PYRAMID_CHANNELS = 96
DETAIL_CHANNELS = 32


def lite0_fpn(height: int, width: int, encoder_weights: str | None = "imagenet") -> keras.Model:
    """Build the network.

    Features of stride 32, 16, 8 and 4 meet top-down; a narrow step of stride 2 gives poles and
    people their outline; logits of stride 2 are brought up to input size bilinearly.

    Args:
        height: input rows, a multiple of 32.
        width: input columns, a multiple of 32.
        encoder_weights: "imagenet", or None to start from scratch.

    Returns:
        A model from (batch, height, width, 3) uint8 RGB to (batch, height, width, 8) float logits.

    Raises:
        ConfigError: height or width is no multiple of 32.
    """
    if height % 32 or width % 32:
        raise ConfigError(f"input {height} x {width}: both must be multiples of 32")
    image = keras.Input((height, width, 3), dtype="uint8", name="image")
    taps = lite0_encoder(image)
    x = conv_bn(taps[32], PYRAMID_CHANNELS, name="lateral32")
    for stride in (16, 8, 4):
        x = keras.layers.UpSampling2D(2, interpolation="bilinear", name=f"up{stride}")(x)
        lateral = conv_bn(taps[stride], PYRAMID_CHANNELS, name=f"lateral{stride}")
        x = keras.layers.Add(name=f"merge{stride}")([x, lateral])
        x = separable_bn(x, PYRAMID_CHANNELS, f"smooth{stride}")
    x = separable_bn(x, PYRAMID_CHANNELS, "head")
    x = conv_bn(x, DETAIL_CHANNELS, name="reduce2")
    x = keras.layers.UpSampling2D(2, interpolation="bilinear", name="up2")(x)
    x = keras.layers.Add(name="merge2")([x, conv_bn(taps[2], DETAIL_CHANNELS, name="lateral2")])
    x = separable_bn(x, DETAIL_CHANNELS, "smooth2")
    x = keras.layers.Conv2D(len(CATEGORIES), 1, name="logits")(x)
    x = keras.layers.UpSampling2D(2, interpolation="bilinear", name="logits_full")(x)
    model = keras.Model(image, x, name="lite0_fpn")
    if encoder_weights == "imagenet":
        load_imagenet_weights(model)
    return model
