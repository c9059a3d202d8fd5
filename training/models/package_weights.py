"""Weights of a published model package back into a Keras network, to train on from there."""

import re
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import numpy_helper

from function_app.vision.model_package import ALLOW_VOID, IMAGE, MASK, PackageError
from function_app.vision.photo import fit
from training.errors import ConfigError
from training.models.contract import LOGITS, category_logits
from training.packages import read_package

Floats = NDArray[np.float32]

MIN_AGREEMENT = 0.99
"""Share of the pixels of a photo on which the network must agree with the package."""

_LAYER = re.compile(r"(?:[^/]+/)?([^/]+?)(?:_1)?/")
"""tf2onnx names what comes of a layer {model}/{layer}_1/..., `_1` for the export's own call."""


def load_package_weights(model: keras.Model, folder: Path, photos: NDArray[np.uint8]) -> None:
    """Set the weights of `model` from the float package in `folder`.

    An exported graph holds convolutions with their batch normalisation folded in. The
    normalisations of `model` are set to the statistics of `photos`, and to the scale and offset
    that undo them: inference is that of the package, and training goes on from it. A classifying
    layer for other classes stays as it is.

    Args:
        model: the network; its other weights are kept.
        folder: of a float package of the same architecture, whatever its input size.
        photos: (n, height, width, 3) of the network's input size, as seen in training.

    Raises:
        ConfigError: it is no package, an 8-bit one, or of another architecture; or the network
            and the package disagree, where both predict the same classes.
    """
    try:
        files = read_package(folder)
    except PackageError as error:
        raise ConfigError(f"initial_weights: {error}") from error
    graph = onnx.load_from_string(files.model).graph
    if any(node.op_type == "QuantizeLinear" for node in graph.node):
        raise ConfigError(f"initial_weights {folder}: an 8-bit package; give the float one")
    kernels, scales, offsets = _folded(graph)
    missing = _set_weights(model, kernels, scales, offsets)
    if missing - {LOGITS}:
        raise ConfigError(
            f"initial_weights {folder}: not of {model.name}, "
            f"{', '.join(sorted(missing)[:3])} do not fit"
        )
    _set_statistics(model, photos)
    if not missing:
        canvas = fit(photos[0], *files.manifest.input).canvas[None]
        _compare(model, files.model, canvas, folder)


def _folded(
    graph: onnx.GraphProto,
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """Kernels, scales and offsets of an exported graph, by the name of their Keras layer."""
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    kernels: dict[str, Floats] = {}
    scales: dict[str, Floats] = {}
    offsets: dict[str, Floats] = {}
    for node in graph.node:
        constants = {name: values[name] for name in node.input if name in values}
        if node.op_type == "Conv":
            kernel = node.input[1]
            kernels[_layer(node.name, kernel)] = values[kernel]
            if len(node.input) == 3:
                offsets[_layer(node.input[2])] = values[node.input[2]]
        elif node.op_type in ("Mul", "Add") and "batchnorm" in node.name:
            (value,) = constants.values()
            (scales if node.op_type == "Mul" else offsets)[_layer(node.name)] = value.ravel()
    return kernels, scales, offsets


def _layer(*names: str) -> str:
    """The first layer that one of the names of a node or value tells; "" where none does.

    The sums of classes to categories are of no layer.
    """
    matches = (_LAYER.match(name) for name in names)
    return next((match[1] for match in matches if match), "")


def _set_weights(
    model: keras.Model,
    kernels: Mapping[str, Floats],
    scales: Mapping[str, Floats],
    offsets: Mapping[str, Floats],
) -> set[str]:
    """Set convolutions, and normalisations as plain scale and offset; return layers left out."""
    missing = set()
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            kernel = kernels.get(layer.name)
            if kernel is not None:
                kernel = kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))
            if kernel is None or kernel.shape != layer.get_weights()[0].shape:
                missing.add(layer.name)
                continue
            # A bias of zeros is left out of a graph.
            biases = [offsets.get(layer.name, np.zeros(len(w), np.float32))
                      for w in layer.get_weights()[1:]]  # fmt: skip
            layer.set_weights([kernel, *biases])
        elif isinstance(layer, keras.layers.BatchNormalization):
            if layer.name not in offsets:
                missing.add(layer.name)
                continue
            offset = offsets[layer.name]
            unit = np.full_like(offset, 1 - layer.epsilon)
            scale = scales.get(layer.name, np.ones_like(offset))
            layer.set_weights([scale, offset, np.zeros_like(offset), unit])
    return missing


def _set_statistics(model: keras.Model, photos: NDArray[np.uint8]) -> None:
    """Give every normalisation the mean and variance of its input; its output stays the same."""
    layers = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    probe = keras.Model(model.input, [layer.input for layer in layers])
    inputs = probe(photos, training=False)
    for layer, values in zip(layers, inputs, strict=True):
        gamma, beta, _, _ = layer.get_weights()
        mean, variance = np.mean(values, (0, 1, 2)), np.var(values, (0, 1, 2))
        deviation = np.sqrt(variance + layer.epsilon)
        layer.set_weights([gamma * deviation, beta + gamma * mean, mean, variance])


def _compare(model: keras.Model, data: bytes, canvas: NDArray[np.uint8], folder: Path) -> None:
    size = canvas.shape[1:3]
    if model.input_shape[1:3] != size:
        full = keras.models.clone_model(model, keras.Input((*size, 3), dtype="uint8"))
        full.set_weights(model.get_weights())
        model = full
    session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    (mask,) = session.run([MASK], {IMAGE: canvas, ALLOW_VOID: np.array(True)})
    own = np.asarray(category_logits(model(canvas, training=False))).argmax(-1)
    agreement = float((mask == own).mean())
    if agreement < MIN_AGREEMENT:
        raise ConfigError(
            f"initial_weights {folder}: the network agrees with the package on {agreement:.4f} "
            f"of the pixels of a photo, below {MIN_AGREEMENT}"
        )
