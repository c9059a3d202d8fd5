"""Tiny real packages: an ONNX graph that gives every pixel the same category."""

import hashlib
from pathlib import Path

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

HEIGHT = WIDTH = 32
METRICS = (
    {"data": "camvid", "split": "val", "protocol": "official", "mean_iou": 0.8125},
    {"data": "camvid", "split": "val", "protocol": "with_void", "mean_iou": 0.7},
)


def onnx_model(category: int) -> bytes:
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.UINT8, [1, HEIGHT, WIDTH])
        for name in (MASK, CONFIDENCE)
    ]
    graph = helper.make_graph(
        [helper.make_node("Expand", ["category", "shape"], [out.name]) for out in outputs],
        "constant",
        [
            helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, [1, HEIGHT, WIDTH, 3]),
            helper.make_tensor_value_info(ALLOW_VOID, TensorProto.BOOL, []),
        ],
        outputs,
        [
            helper.make_tensor("shape", TensorProto.INT64, [3], [1, HEIGHT, WIDTH]),
            helper.make_tensor("category", TensorProto.UINT8, [1], [category]),
        ],
    )
    opset = [helper.make_opsetid("", 18)]
    data: bytes = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    return data


def write_package(root: Path, model: str, category: int = 0, data: bytes | None = None) -> Path:
    """Write `root`/name/version/ whose model is `data`, or one that always says `category`."""
    ref = ModelRef.parse(model)
    data = onnx_model(category) if data is None else data
    manifest = Manifest(
        ref, hashlib.sha256(data).hexdigest(), HEIGHT, WIDTH, "2026-01-02T03:04:05+00:00", "free",
        METRICS,
    )  # fmt: skip
    folder = root / ref.prefix
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(data)
    (folder / MANIFEST_FILE).write_bytes(manifest.to_json())
    return folder
