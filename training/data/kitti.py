"""KITTI semantics 2015 (Alhaija et al., IJCV 2018): 200 photos with Cityscapes labelIds."""

from pathlib import Path

from function_app.vision.file_names import mask_files, photo_files
from training.data.scene import DataError, Scene, pair, require_folders

RUN, PERIOD, HELD_OUT_RUN = 10, 60, 2
"""Scenes are numbered along their drives: neighbours show the same street. Of every PERIOD numbers
the third run of ten is held out, so that few of its scenes have a neighbour in training."""


def read_kitti(root: Path, split: str) -> list[Scene]:
    """List the scenes of image_2/ and semantic/ under `root`.

    KITTI publishes labels for one split only. Thirty of the 200 scenes are held out as "val" here:
    by the number in its name, whatever other files the folders hold.

    Raises:
        DataError: the folders are not there, hold no pair, or the split has another name.
    """
    folders = root / "image_2", root / "semantic"
    require_folders(*folders)
    if split not in ("train", "val"):
        raise DataError(f"KITTI has no split '{split}': choose train or val")
    photos = {path.stem: path for path in photo_files(folders[0])}
    labels = {path.stem: path for path in mask_files(folders[1])}
    scenes = pair(photos, labels)
    return [scene for scene in scenes if _held_out(scene.id) == (split == "val")]


def _held_out(name: str) -> bool:
    number, _, _ = name.partition("_")
    if not number.isdecimal():
        raise DataError(f"'{name}' is no KITTI name: expected numbers like 000012_10")
    return int(number) % PERIOD // RUN == HELD_OUT_RUN
