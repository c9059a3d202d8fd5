"""Keras weights to a model package, which must be the same network on real photos."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import onnx
import onnxruntime as ort
import tensorflow as tf
from tqdm import tqdm

from function_app.vision.categories import VOID
from function_app.vision.model_package import (
    ALLOW_VOID,
    CONFIDENCE,
    IMAGE,
    MASK,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.vision.photo import MAX_STRETCH, fit
from training.config import TrainingConfig
from training.data.scene import Scene
from training.graph import LOGITS, split_at_logits, to_onnx, without_logits
from training.lineage import code_version, libraries
from training.models.contract import category_logits
from training.packages import now, refuse_existing, write_package
from training.trainer import build_model

MIN_AGREEMENT = 0.9995
"""Share of pixels on which Keras and ONNX must give the same category."""

MIN_CONFIDENT = 0.9995
"""Share of pixels on which their confidences must not differ by more than one of 255 steps."""

MAX_LOGIT_DIFFERENCE = 0.01
"""How far any logit of a category may be off."""


def export(
    config: TrainingConfig,
    weights: Path,
    ref: ModelRef,
    scenes: list[Scene],
    root: Path,
    *,
    input_size: tuple[int, int] | None = None,
    training: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
) -> Path:
    """Convert, check parity on `scenes`, and write `{root}/{name}/{version}/`.

    Args:
        config: of the run.
        weights: its Keras weights.
        ref: of the package.
        scenes: photos of the parity check.
        root: folder of packages.
        input_size: (height, width) of the graph; being convolutional, the network may be exported
            at another size than the configured one.
        training: what the run came to, for the manifest and the card.
        notes: sentences for the manifest and the card.

    Raises:
        PackageError: ONNX and Keras differ by more than `check_parity` allows, the conversion left
            stray Transposes, or the version exists; nothing is written.
    """
    refuse_existing(root, ref)
    height, width = input_size or config.input_size
    model = build_model(config, (height, width), pretrained=False)
    model.load_weights(weights)
    graph = to_onnx(model, ref, config.license)
    data = without_logits(graph)
    same = parity(model, graph, data, scenes)
    print(f"Keras and ONNX on {len(scenes)} photos: {same}")
    check_parity(ref, same)
    manifest = Manifest(
        ref=ref,
        sha256=hashlib.sha256(data).hexdigest(),
        height=height,
        width=width,
        max_stretch=MAX_STRETCH,
        created=now(),
        license=config.license,
        lineage={
            "config": config.to_dict(),
            "training": dict(training or {}),
            "git_commit": ((training or {}).get("git_commits") or [None])[-1],
            "exported_by": code_version(),
            **libraries(),
            "parameters": model.count_params(),
            "parity": {"photos": len(scenes), **same._asdict()},
            "notes": list(notes),
        },
    )
    return write_package(root, manifest, data)


class Parity(NamedTuple):
    """How near ONNX comes to Keras.

    Attributes:
        agreement: share of input pixels of the same category, with void and without (the lower).
        confident: share of input pixels whose confidence is the same or one of 255 steps off.
        max_logit_difference: largest absolute difference of a category's logit.
    """

    agreement: float
    confident: float
    max_logit_difference: float


def parity(
    model: keras.Model, graph: onnx.ModelProto, shipped: bytes, scenes: list[Scene]
) -> Parity:
    """Compare a model with the graph `to_onnx` made of it: logits, and what is shipped of it.

    Raises:
        PackageError: there is no scene to compare on.
    """
    if not scenes:
        raise PackageError("no photo to check parity on")
    _, height, width, _ = model.input_shape
    whole, served = (
        ort.InferenceSession(data, providers=["CPUExecutionProvider"])
        for data in (graph.SerializeToString(), shipped)
    )
    network, enlarge = split_at_logits(model)
    equal, near, difference = np.zeros(2, np.int64), 0, 0.0
    for scene in tqdm(scenes, desc="parity", unit="photo"):
        canvas = fit(scene.load()[0], height, width).canvas[None]
        low = category_logits(network(canvas, training=False))
        logits = np.asarray(enlarge(low), np.float32)
        certain = np.asarray(enlarge(tf.reduce_max(tf.nn.softmax(low), -1, keepdims=True)))[..., 0]
        (found,) = whole.run([LOGITS], {IMAGE: canvas, ALLOW_VOID: np.array(True)})
        inputs = [{IMAGE: canvas, ALLOW_VOID: np.array(void)} for void in (True, False)]
        mask, confidence = served.run([MASK, CONFIDENCE], inputs[0])
        (without,) = served.run([MASK], inputs[1])
        masks = logits.argmax(-1), logits[..., VOID + 1 :].argmax(-1) + VOID + 1
        equal += [int((a == b).sum()) for a, b in zip(masks, (mask, without), strict=True)]
        near += int((np.abs(certain * 255 - confidence) <= 1.5).sum())
        difference = max(difference, float(np.abs(found.transpose(0, 2, 3, 1) - logits).max()))
    pixels = len(scenes) * height * width
    return Parity(float(equal.min()) / pixels, near / pixels, difference)


def check_parity(ref: ModelRef, same: Parity) -> None:
    """Raise PackageError for a graph that is not the network it was made of."""
    if same.agreement < MIN_AGREEMENT:
        raise PackageError(f"{ref}: agreement {same.agreement:.6f} is below {MIN_AGREEMENT}")
    if same.confident < MIN_CONFIDENT:
        raise PackageError(
            f"{ref}: confidence agrees on {same.confident:.6f} of the pixels, below {MIN_CONFIDENT}"
        )
    if not same.max_logit_difference <= MAX_LOGIT_DIFFERENCE:
        raise PackageError(
            f"{ref}: logits differ by {same.max_logit_difference:.2g}, more than "
            f"{MAX_LOGIT_DIFFERENCE}"
        )
