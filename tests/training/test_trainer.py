"""Training end to end on a handful of synthetic scenes: checkpoints, resume, export, scores."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from function_app.model_package import ModelRef
from function_app.photo import fit
from training.config import ConfigError, TrainingConfig, read_config
from training.data import READERS
from training.evaluator import load_package
from training.export import ExportError, export, parity
from training.trainer import BEST, CONFIG, CURVES, LAST, STATE, build_model, train

pytestmark = pytest.mark.training

CONFIG_TEXT = """
name: tiny
architecture: lite0_fpn
encoder_weights: null
input_size: [64, 128]
crop_size: [64, 64]
batch_size: 2
photos_per_epoch: 4
epochs: 2
warmup_steps: 1
train: [{reader: cityscapes, path: ., split: val}]
validation: [{reader: cityscapes, path: ., split: val, every: 3}]
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    path = tmp_path_factory.mktemp("config") / "tiny.yaml"
    path.write_text(CONFIG_TEXT)
    return read_config(path)


@pytest.fixture(scope="module")
def finished(
    config: TrainingConfig, synthetic_scenes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    run = tmp_path_factory.mktemp("run")
    train(config, synthetic_scenes, run)
    return run


def weights(path: Path, config: TrainingConfig) -> list[np.ndarray]:
    model = build_model(config, config.crop_size, pretrained=False)
    model.load_weights(path)
    return [np.asarray(w) for w in model.get_weights()]


def distance(ours: list[np.ndarray], theirs: list[np.ndarray]) -> float:
    return float(sum(np.abs(a - b).sum() for a, b in zip(ours, theirs, strict=True)))


def test_a_run_leaves_weights_curves_state_and_its_configuration(
    config: TrainingConfig, finished: Path
) -> None:
    state = json.loads((finished / STATE).read_text())
    assert state["epoch"] == 2
    assert 0 <= state["best"] <= 1
    assert read_config(finished / CONFIG) == config
    header, *rows = (finished / CURVES).read_text().splitlines()
    assert "val_category_iou" in header
    assert len(rows) == 2
    assert {p.name for p in finished.iterdir()} == {BEST, LAST, STATE, CONFIG, CURVES}


def test_an_interrupted_run_goes_on_where_it_was(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def interrupt(_: object, epoch: int, logs: object = None) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("training.trainer._Checkpoint.on_epoch_begin", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(config, synthetic_scenes, tmp_path)
    assert json.loads((tmp_path / STATE).read_text())["epoch"] == 1
    copied = Path(shutil.copy(tmp_path / LAST, tmp_path / "one.weights.h5"))
    train(config, synthetic_scenes, tmp_path)
    after_one = weights(copied, config)
    resumed, straight = weights(tmp_path / LAST, config), weights(finished / LAST, config)
    # Sums over threads come in any order, so the last digits differ; an epoch makes far more.
    assert distance(resumed, straight) < 0.2 * distance(after_one, straight)


def test_a_run_of_another_configuration_is_not_touched(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path
) -> None:
    before = (finished / CONFIG).read_bytes()
    with pytest.raises(ConfigError, match="another configuration"):
        train(dataclasses.replace(config, seed=9), synthetic_scenes, finished)
    assert (finished / CONFIG).read_bytes() == before


def test_export_is_the_same_model(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    scenes = READERS["cityscapes"](synthetic_scenes, "val")
    ref = ModelRef("tiny", "1.0.0")
    package = export(config, finished / BEST, ref, scenes, tmp_path)
    assert sorted(p.name for p in package.iterdir()) == ["manifest.json", "model.onnx"]
    segmenter = load_package(package)
    manifest = segmenter.manifest
    assert (manifest.ref, manifest.height, manifest.width) == (ref, 64, 128)
    assert manifest.lineage["config"]["name"] == "tiny"
    assert manifest.lineage["parity"]["photos"] == len(scenes)
    assert manifest.lineage["parity"]["agreement"] > 0.9995
    model = build_model(config, config.input_size, pretrained=False)
    model.load_weights(finished / BEST)
    assert parity(model, segmenter, scenes) > 0.9995
    canvas = fit(scenes[0].load()[0], 64, 128).canvas
    logits = np.asarray(model(canvas[None]))[0].astype(np.float64)
    softmax = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    confidence = segmenter.segment(canvas, confidence=True).confidence
    assert confidence is not None
    assert np.abs(confidence - softmax.max(-1) * 255).max() <= 1


def test_export_that_disagrees_writes_nothing(
    config: TrainingConfig, finished: Path, synthetic_scenes: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    scenes = READERS["cityscapes"](synthetic_scenes, "val")[:1]
    nonsense = np.full((64, 128), 9, np.uint8)
    monkeypatch.setattr("training.export._keras_masks", lambda *_: [nonsense, nonsense])
    with pytest.raises(ExportError, match=r"tiny:1\.0\.0: agreement 0\.0"):
        export(config, finished / BEST, ModelRef("tiny", "1.0.0"), scenes, tmp_path)
    assert list(tmp_path.iterdir()) == []
