"""Data sets as lists of scenes. A new data set is one reader function, named in READERS."""

from collections.abc import Callable
from pathlib import Path

from training.data.camvid import read_camvid
from training.data.cityscapes import read_cityscapes
from training.data.folder import read_folder
from training.data.kitti import read_kitti
from training.data.scene import DataError, Scene

READERS: dict[str, Callable[[Path, str], list[Scene]]] = {
    "cityscapes": read_cityscapes,
    "camvid": read_camvid,
    "kitti": read_kitti,
    "folder": read_folder,
}

__all__ = ["READERS", "DataError", "Scene"]
