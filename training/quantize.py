"""A float package to an 8-bit one: static INT8, calibrated on training photos, behind a gate."""

import hashlib
import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from tqdm import tqdm

from function_app.vision.model_package import (
    ALLOW_VOID,
    IMAGE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.vision.photo import fit
from function_app.vision.segmenter import Segmenter
from training.data import Scene
from training.evaluator import evaluate
from training.packages import now, read_package, refuse_existing, write_package

MAX_LOSS = 0.005
"""Category IoU that the 8-bit model may lose on any data set of the gate."""

RECIPE = (
    "static QDQ, QUInt8 activations, QInt8 weights per channel (7 bits where sums are long: in all "
    "but depthwise convolutions), min-max calibration"
)
"""U8S8 is the pair that x86 VNNI multiplies natively. CPUs without VNNI add two products in 16
bits, which 8-bit weights overflow; with 7 bits every CPU gives the same masks. Depthwise weights
keep 8: onnxruntime multiplies them one by one, and they are the ones that 7 bits would hurt."""


def quantize(
    package: Path,
    name: str,
    calibration: Sequence[Scene],
    gate: Mapping[str, Sequence[Scene]],
    root: Path,
) -> Path:
    """Quantise the package in `package` and write `{root}/{name}/{its version}/`.

    Args:
        package: folder of a float package.
        name: of the new one.
        calibration: training scenes whose activations set the ranges; never validation ones.
        gate: data set -> validation scenes on which the loss is measured.
        root: folder of packages.

    Raises:
        PackageError: official category IoU falls by more than MAX_LOSS on one of `gate`.
    """
    source, _, model = read_package(package)
    before = Segmenter(model, source, threads=2)
    ref = ModelRef(name, source.ref.version)
    refuse_existing(root, ref)
    data = quantize_graph(model, ref, _canvases(calibration, source))
    manifest = replace(
        source,
        ref=ref,
        sha256=hashlib.sha256(data).hexdigest(),
        created=now(),
        metrics=(),
        lineage=dict(source.lineage),
    )
    after = Segmenter(data, manifest, threads=2)
    losses = {}
    for data_set, scenes in gate.items():
        ious = official_iou(before, scenes), official_iou(after, scenes)
        losses[data_set] = round(ious[0] - ious[1], 5)
        print(f"{data_set}: category IoU {ious[0]:.4f} -> {ious[1]:.4f} on {len(scenes)} photos")
    worst = max(losses, key=lambda data_set: losses[data_set])
    if losses[worst] > MAX_LOSS:
        raise PackageError(
            f"{manifest.ref} loses {losses[worst]:.4f} of category IoU on {worst}, at most "
            f"{MAX_LOSS} is allowed: nothing was written"
        )
    manifest.lineage["quantization"] = {
        "from": {"model": str(source.ref), "sha256": source.sha256},
        "recipe": RECIPE,
        "onnxruntime": onnxruntime.__version__,
        "calibration_photos": len(calibration),
        "category_iou_lost": losses,
    }
    return write_package(root, manifest, data)


@contextmanager
def _errors_alone_logged() -> Iterator[None]:
    """Hush onnxruntime, which warns about pre-processing that is done here."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)


def quantize_graph(model: bytes, ref: ModelRef, canvases: Iterable[NDArray[np.uint8]]) -> bytes:
    """Return the 8-bit form of a graph made by `training.graph.to_onnx`.

    Everything from the first convolution to the one before the last is quantised. Normalisation
    before and the logits, their sums by category, resizing, argmax and confidence after it stay
    float: 8-bit logits would tie.

    Args:
        model: ONNX bytes.
        ref: of the 8-bit model, for its metadata.
        canvases: calibration inputs, each (height, width, 3) uint8.
    """
    with tempfile.TemporaryDirectory() as folder, _errors_alone_logged():
        source, prepared, target = (str(Path(folder) / f"{n}.onnx") for n in ("a", "b", "c"))
        Path(source).write_bytes(model)
        # Folds batch normalisation into the convolutions, as a session would at load time.
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        network = onnx.load(prepared)
        quantize_static(
            prepared,
            target,
            _Calibration(canvases),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=_outside_of_network(network),
            extra_options={"TensorQuantOverrides": _full_range(network)},
        )
        quantized = onnx.load(target)
    for entry in quantized.metadata_props:
        if entry.key == "model":
            entry.value = str(ref)
    onnx.checker.check_model(quantized, full_check=True)
    data: bytes = quantized.SerializeToString()
    return data


def official_iou(segmenter: Segmenter, scenes: Sequence[Scene]) -> float:
    """Mean IoU of the official protocol over all of `scenes`, 0.0 to 1.0."""
    official, _ = evaluate(segmenter, scenes, str(segmenter.manifest.ref), "gate")
    return float(official["mean_iou"])


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, canvases: Iterable[NDArray[np.uint8]]) -> None:
        self._canvases = iter(canvases)

    def get_next(self) -> dict[str, Any] | None:
        canvas = next(self._canvases, None)
        return None if canvas is None else {IMAGE: canvas[None], ALLOW_VOID: np.array(True)}


def _canvases(scenes: Sequence[Scene], manifest: Manifest) -> Iterator[NDArray[np.uint8]]:
    for scene in tqdm(scenes, desc="calibration", unit="photo"):
        photo, _ = scene.load()
        yield fit(photo, manifest.height, manifest.width, manifest.max_stretch).canvas


def _outside_of_network(model: onnx.ModelProto) -> list[str]:
    nodes = list(model.graph.node)
    exponentials = {node.output[0] for node in nodes if node.op_type == "Exp"}
    convolutions = [
        i
        for i, node in enumerate(nodes)
        # A convolution of exponentials is that of `contract.category_logits`.
        if node.op_type == "Conv" and node.input[0] not in exponentials
    ]
    outside = nodes[: convolutions[0]] + nodes[convolutions[-1] :]
    return [node.name for node in outside]


def _full_range(model: onnx.ModelProto) -> dict[str, list[dict[str, Any]]]:
    """Name the weights that keep 8 bits, as onnxruntime wants it: see RECIPE."""
    depthwise = [
        node
        for node in model.graph.node
        if node.op_type == "Conv" and any(a.name == "group" and a.i > 1 for a in node.attribute)
    ]
    return {node.input[1]: [{"reduce_range": False, "axis": 0}] for node in depthwise}
