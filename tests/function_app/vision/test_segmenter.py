"""Models that are loaded, or refused with a reason; and what they say of every pixel."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from function_app.vision.model_package import Manifest, ModelRef, PackageError
from function_app.vision.photo import fit, resize_mask
from function_app.vision.segmenter import load_package
from tests.function_app.vision.echo import SIZE, echo_segmenter
from tests.function_app.vision.photo.files import street
from tests.helpers.packages import onnx_model, write_package

REF = ModelRef("a", "1.0.0")
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"


def changed(change: Callable[[onnx.ModelProto], object]) -> bytes:
    model = onnx.load_from_string(onnx_model())
    change(model)
    data: bytes = model.SerializeToString()
    return data


def newer_ir(model: onnx.ModelProto) -> None:
    model.ir_version = 99


def newer_opset(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 99


def external_data(model: onnx.ModelProto) -> None:
    constant = model.graph.initializer[0]
    constant.ClearField("int64_data")
    constant.data_location = TensorProto.EXTERNAL
    location = constant.external_data.add()
    location.key, location.value = "location", "weights.bin"


def unknown_operation(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "Nonsense"


def reason(folder: Path, model: bytes | None = None, ref: ModelRef = REF) -> str:
    document = (folder / "manifest.json").read_bytes()
    stored = (folder / "model.onnx").read_bytes()
    with pytest.raises(PackageError) as caught:
        load_package(ref, document, stored if model is None else model)
    return str(caught.value)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (changed(newer_ir), r"its IR version is 99, at most \d+ is supported"),
        (changed(newer_opset), r"it is of opset 99 of ai.onnx, at most \d+ is supported"),
        (changed(external_data), "its weights are in files of their own"),
        (changed(unknown_operation), "it has an operation that is not supported"),
        (onnx_model()[:-20], "it is truncated, damaged or not an ONNX file"),
        (b"<html>Not found</html>", "it is truncated, damaged or not an ONNX file"),
        (b"", "it is empty"),
        (LFS, "model.onnx is a Git LFS pointer, not the model: run git lfs pull"),
        (onnx_model(element_type=TensorProto.INT64), "tensors"),
        (onnx_model(fails=True), "cannot be loaded: ONNX Runtime refuses it"),
    ],
    ids=["IR version", "opset", "external data", "operation", "truncated", "a web page", "empty",
         "Git LFS pointer", "tensors", "fails when run"],
)  # fmt: skip
def test_why_a_model_cannot_be_loaded(tmp_path: Path, model: bytes, said: str) -> None:
    message = reason(write_package(tmp_path, "a:1.0.0", data=model))
    assert message.startswith("a:1.0.0: ")
    assert re.search(said, message), message
    assert "/" not in message.replace("ai.onnx", ""), "no path of this machine"


def test_another_file_than_the_manifest_describes(tmp_path: Path) -> None:
    folder = write_package(tmp_path, "a:1.0.0")
    model = onnx_model()
    assert "truncated, damaged or another model" in reason(folder, model[:-1])
    assert "truncated, damaged or another model" in reason(folder, onnx_model(category=1))
    assert "Git LFS pointer" in reason(folder, LFS)
    assert "holds the manifest of a:1.0.0" in reason(folder, ref=ModelRef("a", "1.0.1"))
    (folder / "manifest.json").write_bytes(b"{}")
    assert "manifest.json cannot be used" in reason(folder)


def test_a_package_that_can_be_loaded(tmp_path: Path) -> None:
    folder = write_package(tmp_path, "a:1.0.0", category=3)
    document, model = (folder / "manifest.json").read_bytes(), (folder / "model.onnx").read_bytes()
    segmenter = load_package(REF, document, model)
    assert segmenter.manifest == Manifest.from_json(document)


PHOTO = street(*SIZE)


def test_the_model_sees_red_green_and_blue_in_this_order() -> None:
    segmenter = echo_segmenter()
    result = segmenter.segment(PHOTO, confidence=True)
    assert np.array_equal(result.mask, PHOTO[..., 0])
    assert result.confidence is not None
    assert np.array_equal(result.confidence, PHOTO[..., 2])
    assert result.mean_confidence == pytest.approx(PHOTO[..., 2].mean() / 255)
    assert np.array_equal(segmenter.segment(PHOTO, void=False).mask, PHOTO[..., 1])
    assert segmenter.segment(PHOTO).confidence is None


@pytest.mark.parametrize("size", [(64, 128), (31, 61), (90, 40), (7, 200)])
def test_masks_have_the_photo_s_size_and_no_padding(size: tuple[int, int]) -> None:
    segmenter = echo_segmenter(max_stretch=1.5)
    rgb = street(*size)
    fitted = fit(rgb, *SIZE, 1.5)
    result = segmenter.segment(rgb, confidence=True)
    seen = fitted.canvas[: fitted.height, : fitted.width]
    assert np.array_equal(result.mask, resize_mask(seen[..., 0], *size))
    assert result.confidence is not None
    assert np.array_equal(result.confidence, resize_mask(seen[..., 2], *size))
    assert result.mean_confidence == pytest.approx(seen[..., 2].mean() / 255)
