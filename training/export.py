"""Keras weights to a model package: one ONNX graph from uint8 pixels to uint8 category ids."""

import datetime
import hashlib
import importlib.metadata
import platform
import subprocess
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from numpy.typing import NDArray

from function_app.categories import VOID
from function_app.model_package import (
    CONFIDENCE,
    INPUT,
    MANIFEST_FILE,
    MASK,
    MASK_WITHOUT_VOID,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.photo import fit
from function_app.segmenter import Segmenter
from training.config import TrainingConfig
from training.data.scene import Scene
from training.files import write_atomically
from training.trainer import build_model

OPSET = 18
"""tf2onnx's highest."""

MIN_AGREEMENT = 0.9995
"""Share of pixels on which Keras and ONNX must give the same category."""

LICENSE = (
    "Weights for research and non-commercial use: learned from Cityscapes, KITTI (CC BY-NC-SA 3.0) "
    "and CamVid. Code: Apache-2.0."
)


class ExportError(PackageError):
    """An export that is not the model it came from; nothing was written."""


def export(
    config: TrainingConfig, weights: Path, ref: ModelRef, scenes: list[Scene], root: Path
) -> Path:
    """Convert, check parity on `scenes`, and write `{root}/{name}/{version}/`.

    Raises:
        ExportError: ONNX and Keras disagree on more pixels than MIN_AGREEMENT allows.
    """
    model = build_model(config, config.input_size, pretrained=False)
    model.load_weights(weights)
    data = to_onnx(model, ref)
    height, width = config.input_size
    manifest = Manifest(
        ref=ref,
        sha256=hashlib.sha256(data).hexdigest(),
        height=height,
        width=width,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        license=LICENSE,
        lineage={**_lineage(config), "parameters": model.count_params()},
    )
    agreement = parity(model, Segmenter(data, manifest), scenes)
    manifest.lineage["parity"] = {"photos": len(scenes), "agreement": agreement}
    print(f"Keras and ONNX agree on {agreement:.6f} of the pixels of {len(scenes)} photos")
    if agreement < MIN_AGREEMENT:
        raise ExportError(f"{ref}: agreement {agreement:.6f} is below {MIN_AGREEMENT}")
    package = root / ref.prefix
    write_atomically(package / MODEL_FILE, data)
    write_atomically(package / MANIFEST_FILE, manifest.to_json())
    print(f"{package}: {len(data) / 1e6:.1f} MB, {model.count_params():,} parameters")
    return package


def to_onnx(model: keras.Model, ref: ModelRef) -> bytes:
    """Convert a model of logits to a graph with the tensors of `function_app.model_package`."""
    _, height, width, channels = model.input_shape
    signature = [tf.TensorSpec((1, height, width, channels), tf.uint8, name=INPUT)]

    @tf.function(input_signature=signature)  # type: ignore[untyped-decorator]
    def serve(image: Any) -> dict[str, Any]:
        logits = model(image, training=False)
        probability = tf.reduce_max(tf.nn.softmax(logits), axis=-1)
        others = tf.argmax(logits[..., VOID + 1 :], axis=-1, output_type=tf.int32) + VOID + 1
        return {
            MASK: tf.cast(tf.argmax(logits, axis=-1, output_type=tf.int32), tf.uint8),
            MASK_WITHOUT_VOID: tf.cast(others, tf.uint8),
            CONFIDENCE: tf.cast(tf.round(probability * 255), tf.uint8),
        }

    proto, _ = tf2onnx.convert.from_function(serve, input_signature=signature, opset=OPSET)
    onnx.helper.set_model_props(proto, {"model": str(ref), "input": "uint8 RGB 0..255, NHWC"})
    onnx.checker.check_model(proto, full_check=True)
    data: bytes = proto.SerializeToString()
    return data


def parity(model: keras.Model, segmenter: Segmenter, scenes: list[Scene]) -> float:
    """Share of input pixels on which Keras and ONNX agree, with void and without (the lower)."""
    height, width = segmenter.manifest.height, segmenter.manifest.width
    equal = np.zeros(2, np.int64)
    for scene in scenes:
        canvas = fit(scene.load()[0], height, width).canvas
        masks = segmenter.run(canvas, [MASK, MASK_WITHOUT_VOID])
        equal += [
            int((a == b).sum()) for a, b in zip(_keras_masks(model, canvas), masks, strict=True)
        ]
    return float(equal.min()) / (len(scenes) * height * width)


def _keras_masks(model: keras.Model, canvas: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    logits = np.asarray(model(canvas[None], training=False), np.float32)[0]
    return [
        logits.argmax(-1).astype(np.uint8),
        (logits[..., VOID + 1 :].argmax(-1) + VOID + 1).astype(np.uint8),
    ]


def _lineage(config: TrainingConfig) -> dict[str, Any]:
    packages = ("keras", "tensorflow", "tf2onnx", "onnx", "numpy", "pillow")
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return {
        "config": config.to_dict(),
        "git_commit": commit.stdout.strip() or None,
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in packages},
    }
