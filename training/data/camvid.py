"""CamVid in the SegNet split: 11 classes, mapped to the Cityscapes labels they correspond to.

Brostow, Fauqueur, Cipolla: Semantic object classes in video, Pattern Recognition Letters 2009.
"""

from pathlib import Path

import numpy as np

from function_app.vision.categories import IGNORE, LABELS
from function_app.vision.file_names import mask_files, photo_files
from training.data.classes import BICYCLIST
from training.data.scene import Scene, pair, require_folders

LABEL_IDS = {label.name: label.id for label in LABELS} | {
    "bicyclist": BICYCLIST,
    "unlabelled": IGNORE,
}
CLASSES = ("sky", "building", "pole", "road", "sidewalk", "vegetation", "traffic sign", "fence",
           "car", "person", "bicyclist", "unlabelled")  # fmt: skip


def read_camvid(root: Path, split: str) -> list[Scene]:
    """List the scenes of {split}/ and {split}annot/ under `root`.

    Raises:
        DataError: the folders are not there or hold no pair.
    """
    folders = root / split, root / f"{split}annot"
    require_folders(*folders)
    lookup = np.full(256, IGNORE, np.uint8)
    lookup[: len(CLASSES)] = [LABEL_IDS[name] for name in CLASSES]
    photos = {path.stem: path for path in photo_files(folders[0])}
    labels = {path.stem: path for path in mask_files(folders[1])}
    return pair(photos, labels, lookup=lookup)
