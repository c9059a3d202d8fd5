"""CamVid in the SegNet split: 11 classes, mapped to the Cityscapes labels they correspond to.

Brostow, Fauqueur, Cipolla: Semantic object classes in video, Pattern Recognition Letters 2009.
"""

from pathlib import Path

import numpy as np

from function_app.vision.categories import IGNORE, LABELS
from training.data.scene import DataError, Scene, pair

# CamVid's "bicyclist" is rider and bicycle in one; the rider's category is the nearest.
CLASSES = ("sky", "building", "pole", "road", "sidewalk", "vegetation", "traffic sign", "fence",
           "car", "person", "rider", "unlabeled")  # fmt: skip


def read_camvid(root: Path, split: str) -> list[Scene]:
    """List the scenes of {split}/ and {split}annot/ under `root`.

    Raises:
        DataError: the folders are not there or hold no pair.
    """
    folders = root / split, root / f"{split}annot"
    for folder in folders:
        if not folder.is_dir():
            raise DataError(f"{folder} is missing: {root} is no CamVid folder with '{split}'")
    photos, labels = ({path.stem: path for path in folder.iterdir()} for folder in folders)
    label_ids = {label.name: label.id for label in LABELS}
    lookup = np.full(256, IGNORE, np.uint8)
    lookup[: len(CLASSES)] = [label_ids[name] for name in CLASSES]
    return pair(photos, labels, lookup=lookup)
