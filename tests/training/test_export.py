"""Export: the same model in ONNX, its parity gate, and the shipped graph."""

import dataclasses
import re
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest

from function_app.vision.categories import LABELS, NAMES
from function_app.vision.model_package import CONFIDENCE, MASK, ModelRef, PackageError
from function_app.vision.photo import fit
from tests.training.tiny import tiny_config
from training.config import TrainingConfig
from training.data import READERS, Scene
from training.evaluator import load_package
from training.export import Parity, check_parity, export
from training.graph import LOGITS, to_onnx, without_logits
from training.lineage import code_version
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


@pytest.fixture(scope="module")
def graph(config: TrainingConfig, weights: Path) -> onnx.ModelProto:
    model = build_model(config, config.input_size, pretrained=False)
    model.load_weights(weights)
    return to_onnx(model, REF)


def expected(config: TrainingConfig, weights: Path, canvas: np.ndarray) -> tuple[np.ndarray, ...]:
    """Logits of the categories and confidence of a U-Net, whose logits have input size."""
    model = build_model(config, config.input_size, pretrained=False)
    model.load_weights(weights)
    of_classes = np.asarray(model(canvas[None]))[0].astype(np.float64)
    of_category = [0, *(NAMES.index(label.category) for label in LABELS if label.evaluated)]
    raised = np.exp(of_classes)
    sums = np.stack([raised[..., np.equal(of_category, c)].sum(-1) for c in range(8)], -1)
    return np.log(sums), sums.max(-1) / sums.sum(-1)


def test_export_is_the_same_model(
    config: TrainingConfig, weights: Path, scenes: list[Scene], tmp_path: Path
) -> None:
    trained = {"git_commits": ["a", "b-dirty"]}
    package = export(config, weights, REF, scenes, tmp_path, training=trained)
    assert sorted(p.name for p in package.iterdir()) == ["manifest.json", "model.onnx"]
    segmenter = load_package(package)
    manifest = segmenter.manifest
    assert (manifest.ref, manifest.height, manifest.width) == (REF, 64, 128)
    assert manifest.lineage["config"]["name"] == "tiny"
    assert manifest.lineage["git_commit"] == "b-dirty", "of the training"
    assert manifest.lineage["exported_by"] == code_version()
    parity = manifest.lineage["parity"]
    assert parity["photos"] == len(scenes)
    assert min(parity["agreement"], parity["confident"]) > 0.9995
    assert parity["max_logit_difference"] < 1e-3
    canvas = fit(scenes[0].load()[0], 64, 128).canvas
    logits, confidence = expected(config, weights, canvas)
    found = segmenter.segment(canvas, confidence=True)
    assert (found.mask == logits.argmax(-1)).mean() > 0.9995
    without = segmenter.segment(canvas, void=False).mask
    assert (without == logits[..., 1:].argmax(-1) + 1).mean() > 0.9995
    assert found.confidence is not None
    assert np.abs(found.confidence - confidence * 255).max() <= 1


def test_the_same_weights_serve_another_input_size(
    config: TrainingConfig, weights: Path, scenes: list[Scene], tmp_path: Path
) -> None:
    package = export(config, weights, REF, scenes, tmp_path, input_size=(96, 192), notes=["Why."])
    manifest = load_package(package).manifest
    assert (manifest.height, manifest.width) == (96, 192)
    assert manifest.lineage["config"]["input_size"] == [64, 128], "what it was trained for"
    assert manifest.lineage["notes"] == ["Why."]
    assert manifest.max_stretch > 1
    with pytest.raises(PackageError, match=r"tiny:1\.0\.0 exists"):
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


def altered(graph: onnx.ModelProto, kind: str) -> onnx.ModelProto:
    """A graph whose confidence, logits or masks are not the network's any more."""
    graph = onnx.ModelProto.FromString(graph.SerializeToString())
    name = {"confidence": CONFIDENCE, "logits": LOGITS, "mask": MASK}[kind]
    (node,) = (node for node in graph.graph.node if name in node.output)
    node.output[list(node.output).index(name)] = "before"
    change = onnx.numpy_helper.from_array(
        {"confidence": np.array(5, np.uint8), "logits": np.array(0.02, np.float32),
         "mask": np.array(1, np.uint8)}[kind], "change",
    )  # fmt: skip
    graph.graph.initializer.append(change)
    kind_of_node = "BitwiseXor" if kind == "mask" else "Add"
    place = list(graph.graph.node).index(node) + 1
    graph.graph.node.insert(
        place, onnx.helper.make_node(kind_of_node, ["before", "change"], [name])
    )
    return graph


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("mask", "agreement 0"),
        ("confidence", "confidence agrees on 0"),
        ("logits", "logits differ"),
    ],
)
def test_a_graph_that_is_not_the_network_is_not_written(
    config: TrainingConfig, weights: Path, scenes: list[Scene], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, graph: onnx.ModelProto, kind: str, said: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("training.export.to_onnx", lambda *_: altered(graph, kind))
    with pytest.raises(PackageError, match=rf"tiny:1\.0\.0: {said}"):
        export(config, weights, REF, scenes, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_is_the_shipped_graph_that_is_checked(
    config: TrainingConfig, weights: Path, scenes: list[Scene], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, graph: onnx.ModelProto,
) -> None:  # fmt: skip
    """A fault in leaving out the logits shows: the graph before it was right."""
    monkeypatch.setattr("training.export.to_onnx", lambda *_: graph)
    broken = lambda graph: without_logits(altered(graph, "mask"))  # noqa: E731
    monkeypatch.setattr("training.export.without_logits", broken)
    with pytest.raises(PackageError, match=r"agreement 0"):
        export(config, weights, REF, scenes, tmp_path)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Parity(0.9994, 1.0, 0.0), "agreement 0.999400 is below 0.9995"),
        (Parity(1.0, 0.9994, 0.0), "confidence agrees on 0.999400 of the pixels, below 0.9995"),
        (Parity(1.0, 1.0, 0.011), "logits differ by 0.011, more than 0.01"),
        (Parity(1.0, 1.0, float("nan")), "logits differ by nan"),
    ],
)
def test_where_the_gate_is(found: Parity, said: str) -> None:
    with pytest.raises(PackageError, match=re.escape(said)):
        check_parity(REF, found)
    check_parity(REF, Parity(0.9996, 0.9996, 0.009))
