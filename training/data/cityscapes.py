"""Cityscapes in its official folder layout (https://github.com/mcordts/cityscapesScripts)."""

from pathlib import Path

from PIL import Image

from function_app.vision.categories import LABEL_SUFFIX, PHOTO_SUFFIX
from function_app.vision.file_names import mask_files, photo_files
from training.data.scene import DataError, Scene, pair, require_folders

ASPECT = 2


def read_cityscapes(root: Path, split: str) -> list[Scene]:
    """List the scenes of leftImg8bit/{split}/{city} and gtFine/{split}/{city} under `root`.

    Photos may be of any format and finer or coarser than their labels. Square copies, squeezed
    from 2:1, are stretched back when loaded. A scene's id is {city}/{name}: cities that number
    their frames alike stay apart.

    Raises:
        DataError: the folders are not there or hold no pair, or a city holds a photo twice.
    """
    photo_root, label_root = _linked(root / "leftImg8bit") / split, root / "gtFine" / split
    require_folders(photo_root, label_root)
    photos: dict[str, Path] = {}
    for city in sorted(path for path in photo_root.iterdir() if path.is_dir()):
        for path in photo_files(city):
            if path.stem.endswith(PHOTO_SUFFIX):
                name = f"{city.name}/{path.stem.removesuffix(PHOTO_SUFFIX)}"
                if name in photos:
                    raise DataError(f"{path} and {photos[name]} are the same scene: keep one")
                photos[name] = path
    labels = {
        f"{city.name}/{path.stem.removesuffix(LABEL_SUFFIX)}": path
        for city in label_root.iterdir() if city.is_dir()
        for path in mask_files(city) if path.stem.endswith(LABEL_SUFFIX)
    }  # fmt: skip
    if not photos:
        raise DataError(f"{photo_root} holds no folders with *{PHOTO_SUFFIX}.png or .jpg")
    with Image.open(next(iter(photos.values()))) as first:
        stretch = ASPECT if first.width == first.height else 1
    return pair(photos, labels, stretch=stretch)


def _linked(folder: Path) -> Path:
    """Follow a symbolic link that was copied as text, as git does on file systems without links."""
    if folder.is_file() and folder.stat().st_size < 4096:
        return folder.parent / folder.read_text().strip()
    return folder
