"""Keras networks to ONNX: one graph from uint8 pixels to uint8 category ids."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx

from function_app.vision.categories import CATEGORIES, VOID
from function_app.vision.model_package import (
    ALLOW_VOID,
    CONFIDENCE,
    IMAGE,
    MASK,
    ModelRef,
    PackageError,
)
from training.models.contract import LOGITS as LOGITS_LAYER
from training.models.contract import category_logits

OPSET = 18
"""tf2onnx's highest."""

MAX_TRANSPOSES = 1
"""Pixels to channels-first; any other is a conversion gone wrong, and slow."""

LOGITS = "logits"

OUT_OF_QUESTION = -1e4
"""Added to the logit of void where void may not win: no logit comes near."""

VOID_ONLY = np.eye(len(CATEGORIES), dtype=np.float32)[VOID]


def to_onnx(model: keras.Model, ref: ModelRef, terms: str = "") -> onnx.ModelProto:
    """Convert a model of logits to a graph with the tensors of `function_app.vision.model_package`.

    The graph also gives the logits of its categories, (1, 8, H, W) float32, to compare with Keras.

    Raises:
        PackageError: more Transposes were left than the one that brings pixels channels-first.
    """
    signature = [
        tf.TensorSpec((1, *model.input_shape[1:]), tf.uint8, name=IMAGE),
        tf.TensorSpec((), tf.bool, name=ALLOW_VOID),
    ]
    network, enlarge = split_at_logits(model)

    @tf.function(input_signature=signature)  # type: ignore[untyped-decorator]
    def serve(image: Any, allow_void: Any) -> dict[str, Any]:
        # Void is ruled out by its logit, so that one argmax serves both kinds of masks; before the
        # resizing, which keeps a constant as it is and makes the addition 16 times as long.
        void = tf.where(allow_void, 0.0, OUT_OF_QUESTION) * VOID_ONLY
        low = category_logits(network(image, training=False)) + void
        # ONNX convolutions put channels first; to stay there saves transposing what is largest.
        logits = tf.transpose(enlarge(low), (0, 3, 1, 2))
        low = tf.transpose(low, (0, 3, 1, 2))
        # The winner's softmax is 1 / sum(exp(logits - winner)); for a Softmax over channels
        # onnxruntime would transpose all logits, there and back.
        winner = tf.reduce_max(low, axis=1, keepdims=True)
        certain = 1 / tf.reduce_sum(tf.exp(low - winner), axis=1)
        confidence = enlarge(certain[..., None])[..., 0]
        return {
            MASK: tf.cast(tf.argmax(logits, axis=1, output_type=tf.int32), tf.uint8),
            CONFIDENCE: tf.cast(tf.round(confidence * 255), tf.uint8),
            LOGITS: logits,
        }

    proto, _ = tf2onnx.convert.from_function(serve, input_signature=signature, opset=OPSET)
    onnx.helper.set_model_props(
        proto,
        {
            "model": str(ref),
            "input": "uint8 RGB 0..255, NHWC",
            "categories": ", ".join(f"{c.id} {c.name}" for c in CATEGORIES),
            "license": terms,
        },
    )
    onnx.checker.check_model(proto, full_check=True)
    transposes = sum(node.op_type == "Transpose" for node in proto.graph.node)
    if transposes > MAX_TRANSPOSES:
        raise PackageError(f"{ref}: {transposes} Transposes, {MAX_TRANSPOSES} is needed")
    return proto


def split_at_logits(model: keras.Model) -> tuple[keras.Model, Callable[[Any], Any]]:
    """Cut a model of `training.models` behind its logits.

    Returns:
        The network, to logits where they are computed; and what brings (1, h, w, channels) of
        that size to the size of the input.
    """
    logits = model.get_layer(LOGITS_LAYER)
    last = model.layers[-1]
    network = keras.Model(model.input, logits.output)
    return network, (lambda x: x) if last is logits else last


def without_logits(graph: onnx.ModelProto) -> bytes:
    """Return the graph as it is shipped: logits, and what only they need, are left out."""
    names = {MASK, CONFIDENCE}
    needed, kept = set(names), []
    for node in reversed(graph.graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            kept.append(node)
    shipped = onnx.ModelProto()
    shipped.CopyFrom(graph)
    del shipped.graph.node[:], shipped.graph.output[:], shipped.graph.value_info[:]
    shipped.graph.node.extend(reversed(kept))
    shipped.graph.output.extend(o for o in graph.graph.output if o.name in names)
    onnx.checker.check_model(shipped, full_check=True)
    data: bytes = shipped.SerializeToString()
    return data
