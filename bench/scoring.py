"""Official category IoU of several ways from a photo to a mask, on validation scenes."""

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from function_app.vision.categories import LABEL_TO_EVALUATED
from function_app.vision.evaluation import OFFICIAL, confusion_matrix, score
from training.commands import add_data_root, add_set_option, choose_sets, list_scenes
from training.data import Scene

Pixels = NDArray[np.uint8]


def add_scenes(parser: argparse.ArgumentParser) -> None:
    """Add --data-root, --set and --every, read by `chosen_scenes`."""
    add_data_root(parser)
    add_set_option(parser, "score on this set instead of the validation sets")
    parser.add_argument("--every", type=int, default=1, help="take every n-th photo")


def chosen_scenes(args: argparse.Namespace) -> dict[str, list[Scene]]:
    """List the scenes that the command line asks for, by the name of their data set."""
    listed = list_scenes(choose_sets(args.set), args.data_root)
    return {data.path: scenes[:: args.every] for data, scenes in listed}


def category_iou(
    sets: dict[str, list[Scene]],
    ways: int,
    masks: Callable[[Pixels, tuple[int, int]], list[Pixels]],
) -> list[dict[str, float]]:
    """Score every way on every data set at the resolution of the labels.

    Args:
        sets: scenes by data set.
        ways: how many there are.
        masks: category ids (h, w) by each way, of a photo (h, w, 3) and the size of its labels.

    Returns:
        Mean IoU of the 7 categories by data set, for each way.
    """
    found: list[dict[str, float]] = [{} for _ in range(ways)]
    for name, scenes in sets.items():
        matrices = np.zeros((ways, 8, 8), np.int64)
        for scene in tqdm(scenes, desc=name, unit="photo"):
            photo, labels = scene.load()
            truth = LABEL_TO_EVALUATED[labels]
            matrices += [confusion_matrix(truth, mask) for mask in masks(photo, labels.shape)]
        for row, matrix in zip(found, matrices, strict=True):
            row[name] = round(score(matrix, OFFICIAL).mean_iou or 0.0, 4)
    return found
