"""Read a PyTorch state dict of the pre-1.6 file format without PyTorch.

PyTorch weighs a gigabyte and is needed for nothing else here. The format is a run of pickles
(magic number, protocol, system info, the dict, storage keys) followed by the raw storages.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {"FloatStorage": np.float32, "LongStorage": np.int64}


class _Unpickler(pickle.Unpickler):
    """Admits tensors and containers only: a weights file must not run code."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.storages: dict[str, NDArray[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _view
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a weights file")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        _, dtype, key, _, count, _ = pid
        return self.storages.setdefault(key, np.zeros(count, dtype))


def _view(
    storage: NDArray[Any], offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> NDArray[Any]:
    # Strides matter: weights ported from TensorFlow are stored transposed.
    steps = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, steps)


def read_state_dict(path: str | Path) -> dict[str, NDArray[Any]]:
    """Return parameter name -> array.

    Raises:
        ValueError: the file is not of that format.
    """
    with Path(path).open("rb") as file:
        magic = _Unpickler(file).load()
        if magic != MAGIC:
            raise ValueError(f"{path} is no PyTorch file of the pre-1.6 format")
        for _ in ("protocol", "system info"):
            _Unpickler(file).load()
        unpickler = _Unpickler(file)
        state: dict[str, NDArray[Any]] = unpickler.load()
        for key in _Unpickler(file).load():
            storage = unpickler.storages[key]
            if int.from_bytes(file.read(8), "little") != storage.size:
                raise ValueError(f"{path}: storage {key} is not of the size its tensors expect")
            storage[:] = np.frombuffer(file.read(storage.nbytes), storage.dtype)
    return state
