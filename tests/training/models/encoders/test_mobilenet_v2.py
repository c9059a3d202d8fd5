"""The encoder is keras.applications' MobileNetV2; its weights come from there or not at all."""

import keras
import numpy as np
import pytest

from training.config import ConfigError
from training.models import build
from training.models.encoders.mobilenet_v2 import copy_weights, mobilenet_v2_features

pytestmark = pytest.mark.training

LAYERS = {
    2: "expanded_conv_project_BN",
    4: "block_2_add",
    8: "block_5_add",
    16: "block_12_add",
    32: "block_16_project_BN",
}
"""Where keras.applications has the features of each stride."""


def test_features_are_those_of_keras_applications() -> None:
    size = (64, 96, 3)
    donor = keras.applications.MobileNetV2(input_shape=size, include_top=False, weights=None)
    random = np.random.default_rng(0)
    for layer in donor.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    image = keras.Input(size, dtype="uint8")
    encoder = keras.Model(image, mobilenet_v2_features(image))
    copy_weights(donor, encoder)
    photos = random.integers(0, 256, (2, *size), np.uint8)
    theirs = keras.Model(donor.input, {s: donor.get_layer(n).output for s, n in LAYERS.items()})(
        keras.applications.mobilenet_v2.preprocess_input(photos.astype(np.float32))
    )
    ours = encoder(photos)
    assert ours.keys() == theirs.keys() == LAYERS.keys()
    for stride in LAYERS:
        np.testing.assert_allclose(ours[stride], theirs[stride], rtol=1e-3, atol=1e-4)


def test_a_download_that_fails_says_what_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_file(*_: object, **__: object) -> None:
        raise Exception("URL fetch failure on https://storage.googleapis.com/x.h5: None -- refused")  # noqa: TRY002

    monkeypatch.setattr("keras.applications.MobileNetV2", get_file)
    with pytest.raises(ConfigError, match=r"fetch failure.*refused.*encoder_weights.*lite0_"):
        build("mobilenetv2_lraspp", (32, 32), encoder_weights="imagenet")
