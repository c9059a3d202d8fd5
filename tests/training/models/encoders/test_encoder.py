"""Features of every stride, and the two ways to end at stride 16."""

import keras
import pytest

from training.models.encoders.efficientnet_lite import LITE0
from training.models.encoders.encoder import Encoder
from training.models.encoders.mobilenet_v2 import MOBILENET_V2

pytestmark = pytest.mark.training

encoders = pytest.mark.parametrize(
    ("encoder", "channels"),
    [
        (LITE0, {2: 16, 4: 24, 8: 40, 16: 112, 32: 320}),
        (MOBILENET_V2, {2: 16, 4: 24, 8: 32, 16: 96, 32: 320}),
    ],
    ids=["lite0", "mobilenetv2"],
)


@encoders
@pytest.mark.parametrize("ending", ["whole", "short", "dilated"])
def test_features_have_their_strides(
    encoder: Encoder, channels: dict[int, int], ending: str
) -> None:
    image = keras.Input((64, 96, 3), dtype="uint8")
    taps = encoder.features(image, 32 if ending == "whole" else 16, dilate=ending == "dilated")
    expected = {s: (None, 64 // s, 96 // s, c) for s, c in channels.items()}
    if ending != "whole":
        deepest = expected.pop(32)
    if ending == "dilated":
        expected[16] = (None, 64 // 16, 96 // 16, deepest[-1])
    assert {stride: tap.shape for stride, tap in taps.items()} == expected


@encoders
def test_dilation_makes_up_for_the_stride(encoder: Encoder, channels: dict[int, int]) -> None:
    """The same weights fit; all depthwise kernels after the one that had the stride are wider."""
    image = keras.Input((64, 96, 3), dtype="uint8")
    dense = keras.Model(image, encoder.features(image, 16, dilate=True)[16])
    plain = keras.Model(image, encoder.features(image)[32])
    shapes = [[w.shape for w in model.weights] for model in (dense, plain)]
    assert shapes[0] == shapes[1]
    depthwise = [x for x in plain.layers if isinstance(x, keras.layers.DepthwiseConv2D)]
    last = max(i for i, layer in enumerate(depthwise) if layer.strides == (2, 2))
    for number, layer in enumerate(depthwise):
        rate = 2 if number > last else 1
        assert dense.get_layer(layer.name).dilation_rate == (rate, rate), layer.name
