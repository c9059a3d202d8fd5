"""A published package back in Keras: the same network, ready to train on."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from function_app.vision.model_package import ModelRef
from function_app.vision.photo import fit
from tests.conftest import PROJECT
from tests.training.tiny import tiny_config
from training.data import READERS
from training.errors import ConfigError
from training.evaluator import load_package
from training.export import export
from training.models import build
from training.models.contract import category_logits
from training.models.package_weights import load_package_weights

pytestmark = pytest.mark.training
SIZE = (64, 128)


@pytest.fixture(scope="module")
def photos(synthetic_scenes: Path) -> np.ndarray:
    scenes = READERS["cityscapes"](synthetic_scenes, "val")[:4]
    return np.stack([fit(scene.load()[0], *SIZE).canvas for scene in scenes])


@pytest.fixture(scope="module", params=["lite0_lraspp", "unet"])
def trained(request: pytest.FixtureRequest, photos: np.ndarray) -> keras.Model:
    """A network with statistics of photos and scales that are not the initial ones."""
    keras.utils.set_random_seed(1)
    model = build(request.param, SIZE)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.gamma.assign(np.random.default_rng(0).uniform(0.5, 2, layer.gamma.shape))
            layer.momentum = 0.0
    model.get_layer("logits").bias.assign(np.linspace(-1, 1, 20))
    model(photos, training=True)
    return model


def test_a_package_gives_back_the_network_it_was_made_of(
    trained: keras.Model, photos: np.ndarray, synthetic_scenes: Path, tmp_path: Path
) -> None:
    trained.save_weights(tmp_path / "w.weights.h5")
    config = dataclasses.replace(tiny_config(), architecture=trained.name)
    scenes = READERS["cityscapes"](synthetic_scenes, "val")[:1]
    package = export(config, tmp_path / "w.weights.h5", ModelRef("t", "1.0.0"), scenes, tmp_path)
    again = build(trained.name, SIZE)
    load_package_weights(again, package, photos)
    before, after = (
        np.asarray(category_logits(m(photos, training=False))) for m in (trained, again)
    )
    assert np.abs(before - after).max() < 1e-3 * np.abs(before).max()
    mask = load_package(package).segment(photos[0]).mask
    assert (mask == after[0].argmax(-1)).mean() > 0.99
    # Statistics are those of the photos: training starts from the same network too.
    training = np.asarray(category_logits(again(photos, training=True)))
    assert np.corrcoef(training.ravel(), before.ravel())[0, 1] > 0.99


def test_what_does_not_fit_is_named(photos: np.ndarray, package: Path, tmp_path: Path) -> None:
    float_one = next((PROJECT / "models" / "lite0-fpn").iterdir())
    for model, folder, said in (
        ("unet", float_one, "not of unet"),
        ("lite0_fpn", package, "8-bit package; give the float one"),
        ("lite0_fpn", tmp_path, "initial_weights: .* is not a complete model package"),
    ):
        with pytest.raises(ConfigError, match=said):
            load_package_weights(build(model, SIZE), folder, photos)
