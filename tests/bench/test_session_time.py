"""Session time: a graph small enough to count by hand, and the bundled model."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from bench.session_time import main, multiply_adds


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


def test_the_first_package_is_the_unit(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.session_time.ROUNDS", 2)
    out = tmp_path / "made" / "time.json"
    monkeypatch.setattr("sys.argv", ["bench", str(package), str(package), "--out", str(out)])
    main()
    stored = json.loads(out.read_text())
    first, again = stored["rows"]
    assert first["ratio"] == 1.0
    assert 0.3 < again["ratio"] < 3
    assert first["package"] == f"{package.parent.name}:{package.name}"
    assert stored["threads"] == 1


def test_nothing_to_measure_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["bench"])
    with pytest.raises(SystemExit):
        main()
    assert "name packages" in capsys.readouterr().err
