"""Readers: a data set's folder as a list of scenes. They list files; `Scene.load` reads them.

A new data set is one reader function, named in READERS. All raise DataError where the folders are
not there or hold no pair of photo and labels.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from function_app.vision.categories import (
    CATEGORIES,
    IGNORE,
    LABEL_SUFFIX,
    LABELS,
    PHOTO_SUFFIX,
)
from function_app.vision.file_names import mask_files, photo_files
from training.data.classes import BICYCLIST, CATEGORY_ONLY
from training.data.scene import Scene
from training.errors import ConfigError, DataError

if TYPE_CHECKING:
    from training.config import DataConfig

CITYSCAPES_ASPECT = 2

LABEL_IDS = {label.name: label.id for label in LABELS} | {
    "bicyclist": BICYCLIST,
    "unlabelled": IGNORE,
}
CAMVID_CLASSES = ("sky", "building", "pole", "road", "sidewalk", "vegetation", "traffic sign",
                  "fence", "car", "person", "bicyclist", "unlabelled")  # fmt: skip

RUN, PERIOD, HELD_OUT_RUN = 10, 60, 2
"""KITTI's scenes are numbered along their drives: neighbours show the same street. Of every PERIOD
numbers the third run of ten is held out, so that few of its scenes have a neighbour in training."""


def read_cityscapes(root: Path, split: str) -> list[Scene]:
    """Cityscapes in its official layout, https://github.com/mcordts/cityscapesScripts.

    leftImg8bit/{split}/{city} and gtFine/{split}/{city} under `root`. Photos may be of any format
    and finer or coarser than their labels. Square copies, squeezed from 2:1, are stretched back
    when loaded. A scene's id is {city}/{name}: cities that number their frames alike stay apart.

    Raises:
        DataError: see above, or a city holds a photo twice.
    """
    photo_root, label_root = _linked(root / "leftImg8bit") / split, root / "gtFine" / split
    _require(photo_root, label_root)
    photos: dict[str, Path] = {}
    for city in sorted(path for path in photo_root.iterdir() if path.is_dir()):
        for name, path in _by_name(photo_files(city), PHOTO_SUFFIX, city):
            if name in photos:
                raise DataError(f"{path} and {photos[name]} are the same scene: keep one")
            photos[name] = path
    labels = {
        name: path
        for city in label_root.iterdir() if city.is_dir()
        for name, path in _by_name(mask_files(city), LABEL_SUFFIX, city)
    }  # fmt: skip
    if not photos:
        raise DataError(f"{photo_root} holds no folders with *{PHOTO_SUFFIX}.png or .jpg")
    with Image.open(next(iter(photos.values()))) as first:
        stretch = CITYSCAPES_ASPECT if first.width == first.height else 1
    return _pair(photos, labels, stretch=stretch)


def _by_name(files: Iterable[Path], suffix: str, city: Path) -> list[tuple[str, Path]]:
    """Files with a suffix of Cityscapes, each with its name in the data set."""
    named = [path for path in files if path.stem.endswith(suffix)]
    return [(f"{city.name}/{path.stem.removesuffix(suffix)}", path) for path in named]


def _linked(folder: Path) -> Path:
    """Follow a symbolic link that was copied as text, as git does on file systems without links."""
    if folder.is_file() and folder.stat().st_size < 4096:
        return folder.parent / folder.read_text().strip()
    return folder


def read_camvid(root: Path, split: str) -> list[Scene]:
    """CamVid in the SegNet split: {split}/ and {split}annot/ under `root`.

    Its 11 classes are mapped to the Cityscapes labels they correspond to. Brostow, Fauqueur,
    Cipolla: Semantic object classes in video, Pattern Recognition Letters 2009.
    """
    lookup = _lookup([LABEL_IDS[name] for name in CAMVID_CLASSES])
    return _pair_folders(root / split, root / f"{split}annot", lookup=lookup)


def read_kitti(root: Path, split: str) -> list[Scene]:
    """KITTI semantics 2015 (Alhaija et al., IJCV 2018): image_2/ and semantic/ under `root`.

    200 photos with Cityscapes labelIds, published for one split only. Thirty of them are held out
    as "val" here: by the number in its name, whatever other files the folders hold.

    Raises:
        DataError: see above, or the split has another name.
    """
    if split not in ("train", "val"):
        raise DataError(f"KITTI in {root} has no split '{split}': choose train or val")
    scenes = _pair_folders(root / "image_2", root / "semantic")
    return [scene for scene in scenes if _held_out(scene.id) == (split == "val")]


def _held_out(name: str) -> bool:
    number, _, _ = name.partition("_")
    if not number.isdecimal():
        raise DataError(f"'{name}' is no KITTI name: expected numbers like 000012_10")
    return int(number) % PERIOD // RUN == HELD_OUT_RUN


def read_folder(root: Path, split: str) -> list[Scene]:
    """Photos of one's own with masks: {split}/photos/ and {split}/masks/ under `root`.

    A mask is an 8-bit PNG of category ids 0..7 (255: ignore) with the name of its photo: the
    masks that the service answers with, corrected by hand, are such files.
    """
    lookup = _lookup([CATEGORY_ONLY + category.id for category in CATEGORIES])
    return _pair_folders(root / split / "photos", root / split / "masks", lookup=lookup)


READERS: dict[str, Callable[[Path, str], list[Scene]]] = {
    "cityscapes": read_cityscapes,
    "camvid": read_camvid,
    "kitti": read_kitti,
    "folder": read_folder,
}


def read_scenes(data: "DataConfig", root: Path) -> list[Scene]:
    """List the scenes of an entry of a configuration, below the data root.

    Raises:
        ConfigError: there is no such reader.
        DataError: the data set is not laid out as its reader expects.
    """
    if data.reader not in READERS:
        raise ConfigError(f"no reader '{data.reader}': choose from {', '.join(READERS)}")
    return READERS[data.reader](root / data.path, data.split)[:: data.every]


def _lookup(values: list[int]) -> NDArray[np.uint8]:
    """Label id by value of a file; other values are ignored."""
    lookup = np.full(256, IGNORE, np.uint8)
    lookup[: len(values)] = values
    return lookup


def _require(*folders: Path) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise DataError(f"{folder} is missing: is the path, the split or the reader wrong?")


def _pair_folders(
    photos: Path, labels: Path, *, lookup: NDArray[np.uint8] | None = None
) -> list[Scene]:
    """Match photos and labels of the same name."""
    _require(photos, labels)
    return _pair(
        {path.stem: path for path in photo_files(photos)},
        {path.stem: path for path in mask_files(labels)},
        lookup=lookup,
    )


def _pair(
    photos: dict[str, Path],
    labels: dict[str, Path],
    *,
    lookup: NDArray[np.uint8] | None = None,
    stretch: int = 1,
) -> list[Scene]:
    """Match photos and labels by id, sorted; photos without labels are left out."""
    ids = sorted(photos.keys() & labels.keys())
    if not ids:
        example = next(iter(photos.values()), "none")
        raise DataError(f"no photo has labels ({len(photos)} photos, for example {example})")
    return [Scene(i, photos[i], labels[i], lookup, stretch) for i in ids]
