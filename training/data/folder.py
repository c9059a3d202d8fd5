"""Photos of one's own with masks of the 8 categories."""

from pathlib import Path

import numpy as np

from function_app.vision.categories import CATEGORIES, IGNORE
from function_app.vision.file_names import mask_files, photo_files
from training.data.classes import CATEGORY_ONLY
from training.data.scene import Scene, pair, require_folders


def read_folder(root: Path, split: str) -> list[Scene]:
    """List the scenes of {split}/photos/ and {split}/masks/ under `root`.

    A mask is an 8-bit PNG of category ids 0..7 (255: ignore) with the name of its photo: the
    masks that the service answers with, corrected by hand, are such files.

    Raises:
        DataError: the folders are not there or hold no pair.
    """
    folders = root / split / "photos", root / split / "masks"
    require_folders(*folders)
    lookup = np.full(256, IGNORE, np.uint8)
    for category in CATEGORIES:
        lookup[category.id] = CATEGORY_ONLY + category.id
    photos = {path.stem: path for path in photo_files(folders[0])}
    masks = {path.stem: path for path in mask_files(folders[1])}
    return pair(photos, masks, lookup=lookup)
