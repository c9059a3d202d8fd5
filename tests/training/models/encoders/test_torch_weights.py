"""Reading PyTorch's old file format, from a file written here by hand."""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.models.encoders.torch_weights import MAGIC, read_state_dict


class Tensor:
    """Pickles as torch does: a global of torch._utils called with a persistent storage."""

    def __init__(
        self, key: str, count: int, size: tuple[int, ...], stride: tuple[int, ...]
    ) -> None:
        self.args = (Storage(key, count), 0, size, stride, False, OrderedDict())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_tensor_v2, self.args


class Storage:
    def __init__(self, key: str, count: int) -> None:
        self.id = ("storage", FloatStorage, key, "cpu", count, None)


class FloatStorage:
    pass


def _rebuild_tensor_v2(*_: Any) -> None:
    pass


class Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        return value.id if isinstance(value, Storage) else None


def write(path: Path, state: Any, storages: dict[str, np.ndarray]) -> Path:
    with path.open("wb") as file:
        for value in (MAGIC, 1001, {"little_endian": True}):
            pickle.dump(value, file, 2)
        Pickler(file, 2).dump(state)
        pickle.dump(list(storages), file, 2)
        for values in storages.values():
            file.write(values.size.to_bytes(8, "little") + values.tobytes())
    return path


@pytest.fixture(autouse=True)
def torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this file's stand-ins pickle under torch's names."""
    import sys
    import types

    utils, torch = types.ModuleType("torch._utils"), types.ModuleType("torch")
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
    torch.FloatStorage = FloatStorage  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    monkeypatch.setattr(FloatStorage, "__module__", "torch")
    monkeypatch.setattr(_rebuild_tensor_v2, "__module__", "torch._utils")


def test_strides_are_honoured(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32)
    state = OrderedDict(
        rows=Tensor("1", 6, (2, 3), (3, 1)),
        columns=Tensor("1", 6, (3, 2), (1, 3)),  # the same storage, transposed
    )
    read = read_state_dict(write(tmp_path / "w.pth", state, {"1": values}))
    assert np.array_equal(read["rows"], values.reshape(2, 3))
    assert np.array_equal(read["columns"], values.reshape(2, 3).T)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pickle.UnpicklingError, match="has no place in a weights file"):
        read_state_dict(write(tmp_path / "w.pth", {"x": print}, {}))


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(pickle.dumps({"weights": 1}))
    with pytest.raises(ValueError, match=r"w\.pth is no PyTorch file"):
        read_state_dict(tmp_path / "w.pth")
