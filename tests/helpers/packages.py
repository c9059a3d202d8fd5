"""Tiny real packages: an ONNX graph that gives every pixel the same category."""

import hashlib
from pathlib import Path
from typing import Any

from onnx import TensorProto, helper

from function_app.vision.model_package import (
    ALLOW_VOID,
    CONFIDENCE,
    IMAGE,
    MANIFEST_FILE,
    MASK,
    MODEL_FILE,
    Manifest,
    ModelRef,
)

SIZE = (32, 32)
"""Height and width of their input."""

METRICS = (
    {"data": "camvid", "split": "val", "protocol": "official", "mean_iou": 0.8125},
    {"data": "camvid", "split": "val", "protocol": "with_void", "mean_iou": 0.7},
)


def onnx_model(
    category: int = 0,
    size: tuple[int, int] = SIZE,
    element_type: int = TensorProto.UINT8,
    *,
    fails: bool = False,
) -> bytes:
    """Return a graph with the agreed inputs and outputs.

    Args:
        category: of every pixel, and its confidence.
        size: height and width of the input.
        element_type: of the outputs; any but UINT8 is against the agreement.
        fails: whether it loads and then fails when it is run.
    """
    outputs = [
        helper.make_tensor_value_info(name, element_type, [1, *size]) for name in (MASK, CONFIDENCE)
    ]
    if fails:
        # Three values a pixel do not fit into the shape of one; known only at run time.
        nodes = [helper.make_node("Shape", [IMAGE], ["shape"], end=3)]
        nodes += [helper.make_node("Reshape", [IMAGE, "shape"], [out.name]) for out in outputs]
        constants = []
    else:
        nodes = [helper.make_node("Expand", ["category", "shape"], [out.name]) for out in outputs]
        constants = [
            helper.make_tensor("shape", TensorProto.INT64, [3], [1, *size]),
            helper.make_tensor("category", element_type, [1], [category]),
        ]
    inputs = [
        helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, [1, *size, 3]),
        helper.make_tensor_value_info(ALLOW_VOID, TensorProto.BOOL, []),
    ]
    graph = helper.make_graph(nodes, "constant", inputs, outputs, constants)
    opset = [helper.make_opsetid("", 18)]
    data: bytes = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    return data


def write_package(
    root: Path,
    model: str,
    category: int = 0,
    data: bytes | None = None,
    size: tuple[int, int] = SIZE,
    metrics: tuple[dict[str, Any], ...] = METRICS,
) -> Path:
    """Write `root`/name/version/ whose model is `data`, or one that always says `category`."""
    ref = ModelRef.parse(model)
    data = onnx_model(category, size) if data is None else data
    manifest = Manifest(
        ref, hashlib.sha256(data).hexdigest(), *size, "2026-01-02T03:04:05+00:00", "free", metrics
    )
    folder = root / ref.prefix
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(data)
    (folder / MANIFEST_FILE).write_bytes(manifest.to_json())
    return folder
