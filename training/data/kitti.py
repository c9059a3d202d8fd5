"""KITTI semantics 2015 (Alhaija et al., IJCV 2018): 200 photos with Cityscapes labelIds."""

from pathlib import Path

from training.data.scene import DataError, Scene, pair

HELD_OUT_EVERY = 10


def read_kitti(root: Path, split: str) -> list[Scene]:
    """List the scenes of image_2/ and semantic/ under `root`.

    KITTI publishes labels for one split only; every tenth scene is held out as "val" here.

    Raises:
        DataError: the folders are not there, hold no pair, or the split has another name.
    """
    folders = root / "image_2", root / "semantic"
    for folder in folders:
        if not folder.is_dir():
            raise DataError(f"{folder} is missing: {root} is no KITTI semantics folder")
    if split not in ("train", "val"):
        raise DataError(f"KITTI has no split '{split}': choose train or val")
    photos, labels = ({path.stem: path for path in folder.iterdir()} for folder in folders)
    return [
        scene
        for index, scene in enumerate(pair(photos, labels))
        if (index % HELD_OUT_EVERY == 0) == (split == "val")
    ]
