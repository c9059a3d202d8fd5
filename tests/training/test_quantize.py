"""The 8-bit form of the bundled float model: what it is, what it loses, and when it is refused."""

import logging
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest

from function_app.vision.model_package import MODEL_FILE, ModelRef, PackageError
from synthetic import write_dataset
from tests.conftest import PROJECT
from training.__main__ import main
from training.data import READERS, Scene
from training.evaluator import load_package
from training.graph import to_onnx, without_logits
from training.models import build
from training.quantize import (
    MAX_LOSS,
    official_iou,
    quantize,
    quantize_graph,
)

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def float_package() -> Path:
    manifests = (PROJECT / "models" / "lite0-fpn").glob("*/manifest.json")
    versions = [path.parent for path in manifests]
    return max(versions, key=lambda path: ModelRef("lite0-fpn", path.name))


@pytest.fixture(scope="module")
def scenes(synthetic_scenes: Path) -> list[Scene]:
    return READERS["cityscapes"](synthetic_scenes, "val")


@pytest.fixture(scope="module")
def made(
    float_package: Path, scenes: list[Scene], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    heard = logging.getLogger().level
    root = tmp_path_factory.mktemp("quantized")
    package = quantize(float_package, "small", scenes[:4], {"drawn": scenes[4:]}, root)
    assert logging.getLogger().level == heard, "it speaks for itself alone"
    return package


def test_the_8_bit_model_is_a_third_and_nearly_as_good(
    float_package: Path, scenes: list[Scene], made: Path
) -> None:
    before, after = load_package(float_package), load_package(made)
    assert after.manifest.ref == ModelRef("small", before.manifest.ref.version)
    assert (made / MODEL_FILE).stat().st_size < 0.35 * (float_package / MODEL_FILE).stat().st_size
    stated = after.manifest.lineage["quantization"]
    assert stated["from"] == {
        "model": str(before.manifest.ref), "sha256": before.manifest.sha256,
    }  # fmt: skip
    lost = official_iou(before, scenes[4:]) - official_iou(after, scenes[4:])
    assert stated["category_iou_lost"]["drawn"] == pytest.approx(lost, abs=1e-4)
    photo, _ = scenes[0].load()
    same = before.segment(photo).mask == after.segment(photo).mask
    assert same.mean() > 0.97


@pytest.fixture(scope="module")
def new_graph() -> onnx.ModelProto:
    """Of a network that sums its classes to categories, 8-bit."""
    keras.utils.set_random_seed(0)
    ref = ModelRef("small", "0.0.0")
    model = without_logits(to_onnx(build("lite0_lraspp", (64, 128)), ref))
    photos = np.random.default_rng(0).integers(0, 256, (2, 64, 128, 3), np.uint8)
    return onnx.load_from_string(quantize_graph(model, ref, photos))


def test_convolutions_are_8_bit_and_argmax_is_not(made: Path, new_graph: onnx.ModelProto) -> None:
    for proto in (onnx.load(made / MODEL_FILE), new_graph):
        check_bits(proto.graph)
        properties = {entry.key: entry.value for entry in proto.metadata_props}
        assert properties["model"].startswith("small:")


def check_bits(graph: onnx.GraphProto) -> None:
    makes = {output: node for node in graph.node for output in node.output}
    found = [node for node in graph.node if node.op_type == "Conv"]
    if makes[found[-1].input[0]].op_type == "Exp":
        found.pop()  # sums of classes
    *convolutions, logits = found
    assert Counter(makes[c.input[0]].op_type for c in convolutions) == {
        "DequantizeLinear": len(convolutions)
    }
    weights = {i.name: i for i in graph.initializer}
    kinds = {weights[makes[c.input[1]].input[0]].data_type for c in convolutions}
    assert kinds == {onnx.TensorProto.INT8}
    # CPUs without VNNI add pairs of products in 16 bits: more than 7 bits would overflow them.
    widest = {True: 0, False: 0}
    for convolution in convolutions:
        depthwise = any(a.name == "group" and a.i > 1 for a in convolution.attribute)
        values = onnx.numpy_helper.to_array(weights[makes[convolution.input[1]].input[0]])
        widest[depthwise] = max(widest[depthwise], int(np.abs(values.astype(int)).max()))
    assert widest == {True: 127, False: 64}
    assert weights[logits.input[1]].data_type == onnx.TensorProto.FLOAT
    winner = next(node for node in graph.node if node.op_type == "ArgMax")
    passed = []
    while winner is not logits:
        winner = makes[winner.input[0]]
        passed.append(winner.op_type)
    assert "DequantizeLinear" not in passed


def test_a_model_that_loses_too_much_is_refused(
    float_package: Path, scenes: list[Scene], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([0.8, 0.8 - MAX_LOSS - 0.001])
    monkeypatch.setattr("training.quantize.official_iou", lambda *_: next(scores))
    with pytest.raises(PackageError, match=r"small:.* loses 0\.0060 .* on drawn"):
        quantize(float_package, "small", scenes[:1], {"drawn": scenes[:1]}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_calibrates_on_training_photos_and_judges_by_validation_ones(
    float_package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset(tmp_path / "cityscapes_exact", 2, "train")
    write_dataset(tmp_path / "cityscapes_exact", 2, "val")
    seen: list[list[Scene]] = []

    def note(
        _: Path, __: str, calibration: list[Scene], gate: dict[str, list[Scene]], *___: object
    ):
        seen.extend([calibration, *gate.values()])

    monkeypatch.setattr("training.quantize.quantize", note)
    arguments = ["training", "quantize", str(float_package), "--data-root", str(tmp_path)]
    monkeypatch.setattr("sys.argv", arguments)
    assert main() == 0
    parts = [{scene.photo.parent.parent.name for scene in scenes} for scenes in seen]
    assert parts == [{"train"}, {"val"}]
