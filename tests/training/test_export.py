"""Export: the same model in ONNX, its parity gate, and the shipped graph."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest

from function_app.vision.model_package import ModelRef
from function_app.vision.photo import fit
from tests.training.tiny import tiny_config
from training.config import TrainingConfig
from training.data import READERS, Scene
from training.evaluator import load_package
from training.export import ExportError, export, to_onnx, without_logits
from training.trainer import build_model

pytestmark = pytest.mark.training

REF = ModelRef("tiny", "1.0.0")


@pytest.fixture(scope="module")
def config() -> TrainingConfig:
    return tiny_config()


@pytest.fixture(scope="module")
def scenes(synthetic_scenes: Path) -> list[Scene]:
    return READERS["cityscapes"](synthetic_scenes, "val")[:3]


@pytest.fixture(scope="module")
def weights(config: TrainingConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a network nobody trained, with batch statistics that are not the initial ones."""
    keras.utils.set_random_seed(3)
    model = build_model(config, config.crop_size, pretrained=False)
    photos = np.random.default_rng(0).integers(0, 256, (4, *config.crop_size, 3), np.uint8)
    for _ in range(3):
        model(photos, training=True)
    path = tmp_path_factory.mktemp("weights") / "w.weights.h5"
    model.save_weights(path)
    return path


def test_export_is_the_same_model(
    config: TrainingConfig, weights: Path, scenes: list[Scene], tmp_path: Path
) -> None:
    package = export(config, weights, REF, scenes, tmp_path)
    assert sorted(p.name for p in package.iterdir()) == ["manifest.json", "model.onnx"]
    segmenter = load_package(package)
    manifest = segmenter.manifest
    assert (manifest.ref, manifest.height, manifest.width) == (REF, 64, 128)
    assert manifest.lineage["config"]["name"] == "tiny"
    parity = manifest.lineage["parity"]
    assert parity["photos"] == len(scenes)
    assert parity["agreement"] > 0.9995
    assert parity["max_logit_difference"] < 1e-3
    model = build_model(config, config.input_size, pretrained=False)
    model.load_weights(weights)
    canvas = fit(scenes[0].load()[0], 64, 128).canvas
    logits = np.asarray(model(canvas[None]))[0].astype(np.float64)
    found = segmenter.segment(canvas, confidence=True)
    assert (found.mask == logits.argmax(-1)).mean() > 0.9995
    softmax = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    assert found.confidence is not None
    assert np.abs(found.confidence - softmax.max(-1) * 255).max() <= 1


def test_the_same_weights_serve_another_input_size(
    config: TrainingConfig, weights: Path, scenes: list[Scene], tmp_path: Path
) -> None:
    package = export(config, weights, REF, scenes, tmp_path, input_size=(96, 192), notes=["Why."])
    manifest = load_package(package).manifest
    assert (manifest.height, manifest.width) == (96, 192)
    assert manifest.lineage["config"]["input_size"] == [64, 128], "what it was trained for"
    assert manifest.lineage["notes"] == ["Why."]
    assert manifest.max_stretch > 1
    with pytest.raises(ExportError, match=r"tiny:1\.0\.0 exists"):
        export(config, weights, REF, scenes, tmp_path)


def test_the_shipped_graph_holds_nothing_it_does_not_need(config: TrainingConfig) -> None:
    shipped_one = dataclasses.replace(config, architecture="lite0_fpn")
    graph = to_onnx(build_model(shipped_one, config.input_size, pretrained=False), REF)
    assert "logits" in {o.name for o in graph.graph.output}
    shipped = onnx.load_from_string(without_logits(graph))
    assert {o.name for o in shipped.graph.output} == {"mask", "confidence"}
    kinds = [node.op_type for node in shipped.graph.node]
    assert kinds.count("Transpose") <= 1
    assert "Softmax" not in kinds
    properties = {p.key: p.value for p in shipped.metadata_props}
    assert properties["model"] == "tiny:1.0.0"
    assert "0 void, 1 flat" in properties["categories"]


def test_export_that_disagrees_writes_nothing(
    config: TrainingConfig, weights: Path, scenes: list[Scene], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    other = build_model(config, config.input_size, pretrained=False)
    graph = to_onnx(other, REF)
    monkeypatch.setattr("training.export.to_onnx", lambda *_: graph)
    with pytest.raises(ExportError, match=r"tiny:1\.0\.0: agreement 0\."):
        export(config, weights, REF, scenes, tmp_path)
    assert list(tmp_path.iterdir()) == []
