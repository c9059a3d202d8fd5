"""What a graph costs: one small enough to count by hand, and times of a made-up clock."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from training.packages import read_package
from training.sessions import multiply_adds, time_sessions


def test_multiply_adds_of_a_convolution() -> None:
    weight = numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.float32), "w")
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1], strides=[2, 2])],
        "conv",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 4, 8])],
        [weight],
    )
    assert multiply_adds(helper.make_model(graph)) == 4 * 8 * 4 * 3 * 3 * 3
    assert onnx.checker.check_model(helper.make_model(graph)) is None


def test_the_fastest_of_interleaved_rounds_counts(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = read_package(package).model
    # Begin and end of: first, second, first, second, first, second.
    clock = iter([0, 5, 10, 12, 20, 23, 30, 39, 40, 44, 50, 53])
    monkeypatch.setattr(
        "training.sessions.time", SimpleNamespace(perf_counter=lambda: float(next(clock)))
    )
    assert time_sessions([model, model], rounds=3) == [3.0, 2.0]
