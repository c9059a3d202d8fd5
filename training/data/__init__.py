"""Data sets as lists of scenes, and batches of them."""

from training.data.readers import READERS, read_scenes
from training.data.scene import Scene
from training.errors import DataError

__all__ = ["READERS", "DataError", "Scene", "read_scenes"]
