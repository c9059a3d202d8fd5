"""Cityscapes in its official folder layout (https://github.com/mcordts/cityscapesScripts)."""

from pathlib import Path

from PIL import Image

from function_app.vision.categories import LABEL_SUFFIX, PHOTO_SUFFIX
from training.data.scene import DataError, Scene, pair

ASPECT = 2


def read_cityscapes(root: Path, split: str) -> list[Scene]:
    """List the scenes of leftImg8bit/{split}/{city} and gtFine/{split}/{city} under `root`.

    Photos may be PNG (official) or JPEG. Square copies of the data set, squeezed from 2:1, are
    stretched back when loaded.

    Raises:
        DataError: the folders are not there or hold no pair.
    """
    photo_root, label_root = root / "leftImg8bit" / split, root / "gtFine" / split
    for folder in (photo_root, label_root):
        if not folder.is_dir():
            raise DataError(f"{folder} is missing: {root} is no Cityscapes folder with '{split}'")
    photos = {
        path.stem.removesuffix(PHOTO_SUFFIX): path
        for path in photo_root.glob(f"*/*{PHOTO_SUFFIX}.*")
        if path.suffix in (".png", ".jpg")
    }
    labels = {
        path.stem.removesuffix(LABEL_SUFFIX): path
        for path in label_root.glob(f"*/*{LABEL_SUFFIX}.png")
    }
    if not photos:
        raise DataError(f"{photo_root} holds no *{PHOTO_SUFFIX}.png or .jpg")
    with Image.open(next(iter(photos.values()))) as first:
        stretch = ASPECT if first.width == first.height else 1
    return pair(photos, labels, stretch=stretch)
