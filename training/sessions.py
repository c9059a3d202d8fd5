"""What a graph costs: multiply-accumulates, and time beside another graph in the same minute."""

import time
from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime as ort

from function_app.vision.model_package import ALLOW_VOID, IMAGE, MASK


def multiply_adds(graph: onnx.ModelProto) -> int:
    """Multiply-accumulates of one photo in the convolutions, which are all that counts."""
    inferred = onnx.shape_inference.infer_shapes(graph).graph
    shapes = {
        value.name: [d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in [*inferred.value_info, *inferred.output]
    }
    weights = {tensor.name: tensor.dims for tensor in inferred.initializer}
    return sum(
        int(np.prod(shapes[node.output[0]]) * np.prod(weights[node.input[1]][1:]))
        for node in inferred.node
        if node.op_type == "Conv"
    )


def one_thread(model: bytes) -> ort.InferenceSession:
    """Load an ONNX model into a session of one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def time_sessions(models: Sequence[bytes], rounds: int) -> list[float]:
    """Fastest of `rounds` interleaved runs of each, in seconds, one thread."""
    sessions = [one_thread(model) for model in models]
    rng = np.random.default_rng(0)
    photos = [rng.integers(0, 256, session.get_inputs()[0].shape, np.uint8) for session in sessions]
    best = [float("inf")] * len(models)
    for _ in range(rounds):
        for i, (session, photo) in enumerate(zip(sessions, photos, strict=True)):
            started = time.perf_counter()
            session.run([MASK], {IMAGE: photo, ALLOW_VOID: np.array(True)})
            best[i] = min(best[i], time.perf_counter() - started)
    return best
