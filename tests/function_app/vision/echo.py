"""A model that answers with the photo's own channels, so that every pixel of a mask is known."""

from onnx import TensorProto, helper

from function_app.vision.model_package import (
    ALLOW_VOID,
    CONFIDENCE,
    IMAGE,
    MASK,
    Manifest,
    ModelRef,
)
from function_app.vision.segmenter import Segmenter

SIZE = (32, 64)
"""Height and width of its input."""


def echo_segmenter(size: tuple[int, int] = SIZE, max_stretch: float = 1.0) -> Segmenter:
    """Load it: the mask is the red channel, without void the green one; confidence is the blue."""
    starts = [helper.make_tensor(f"start{n}", TensorProto.INT64, [1], [n]) for n in range(4)]
    axis = helper.make_tensor("axis", TensorProto.INT64, [1], [3])
    nodes = []
    for n, channel in enumerate(("red", "green", CONFIDENCE)):
        nodes += [
            helper.make_node("Slice", [IMAGE, f"start{n}", f"start{n + 1}", "axis"], [f"slice{n}"]),
            helper.make_node("Squeeze", [f"slice{n}", "axis"], [channel]),
        ]
    nodes.append(helper.make_node("Where", [ALLOW_VOID, "red", "green"], [MASK]))
    inputs = [
        helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, [1, *size, 3]),
        helper.make_tensor_value_info(ALLOW_VOID, TensorProto.BOOL, []),
    ]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.UINT8, [1, *size])
        for name in (MASK, CONFIDENCE)
    ]
    graph = helper.make_graph(nodes, "echo", inputs, outputs, [*starts, axis])
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    ref = ModelRef("echo", "1.0.0")
    manifest = Manifest(ref, "0" * 64, *size, "2026-01-02T03:04:05+00:00", "free",
                        max_stretch=max_stretch)  # fmt: skip
    return Segmenter(model, manifest)
