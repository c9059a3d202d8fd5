"""Writes scenes to disk in the Cityscapes layout."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthetic.scene import render

CITY = "synthetic"


def scene_files(count: int, split: str = "val", seed: int = 0) -> list[tuple[str, str]]:
    """Return the paths of photo and mask of scenes `seed` to `seed + count - 1`.

    They are below `leftImg8bit` and `gtFine`, and the same for each run.
    """
    folder = f"{split}/{CITY}"
    return [
        (f"{folder}/{scene}_leftImg8bit.png", f"{folder}/{scene}_gtFine_labelIds.png")
        for scene in _ids(count, seed)
    ]


def write_dataset(
    folder: Path,
    count: int,
    split: str = "val",
    seed: int = 0,
    size: tuple[int, int] = (1024, 512),
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Write scenes `seed` to `seed + count - 1` under `folder` and return their ids.

    Each scene is a photo `leftImg8bit/{split}/synthetic/{id}_leftImg8bit.png` and a mask of label
    ids `gtFine/{split}/synthetic/{id}_gtFine_labelIds.png`, `size` (width, height) pixels. Scenes
    whose two files exist are left alone. `progress` is told (done, count) after each scene.
    """
    photos, masks = folder / "leftImg8bit", folder / "gtFine"
    for kind in photos, masks:
        (kind / split / CITY).mkdir(parents=True, exist_ok=True)
    for done, files in enumerate(scene_files(count, split, seed)):
        photo, mask = photos / files[0], masks / files[1]
        if not (photo.exists() and mask.exists()):
            rgb, labels = render(seed + done, *size)
            _save(rgb, photo)
            _save(labels, mask)
        if progress:
            progress(done + 1, count)
    return _ids(count, seed)


def _ids(count: int, seed: int) -> list[str]:
    return [f"{CITY}_{number:06d}_000019" for number in range(seed, seed + count)]


def _save(pixels: NDArray[np.uint8], path: Path) -> None:
    """Write beside and rename, so that a stopped run leaves no half a picture."""
    unfinished = path.with_suffix(".part")
    Image.fromarray(pixels).save(unfinished, "PNG")
    unfinished.replace(path)
