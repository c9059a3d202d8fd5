"""Scores of masks: confusion matrix and intersection over union.

The official category score follows `evalPixelLevelSemanticLabeling.py` of cityscapesScripts: one
confusion matrix over the whole set, void and the ignored labels count nowhere, the mean is over 7
categories. It expects predictions without void (argmax over the other 7).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import CATEGORIES, IGNORE, VOID

COUNT = len(CATEGORIES)


def confusion_matrix(truth: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count pixels by (true category, predicted category), shape (8, 8).

    Args:
        truth: category ids, any shape; IGNORE pixels count nowhere.
        mask: predicted category ids 0..7, same shape.

    Raises:
        ValueError: shapes differ, or a value is no category.
    """
    if truth.shape != mask.shape:
        raise ValueError(f"truth has shape {truth.shape}, mask {mask.shape}")
    valid = truth != IGNORE
    pairs = truth[valid].astype(np.int64) * COUNT + mask[valid]
    if pairs.size and (pairs.max() >= COUNT * COUNT or mask[valid].max() >= COUNT):
        raise ValueError("masks hold category ids 0..7, and truth may hold 255")
    return np.bincount(pairs, minlength=COUNT * COUNT).reshape(COUNT, COUNT)


@dataclass(frozen=True, slots=True)
class Score:
    """IoU by category name, 0.0 to 1.0, None where neither mask nor truth has it; and the mean."""

    iou: dict[str, float | None]
    mean_iou: float | None


def score(matrix: NDArray[np.int64], categories: tuple[int, ...]) -> Score:
    """IoU = TP / (TP + FP + FN) of `categories`, from an (8, 8) confusion matrix."""
    hits = np.diag(matrix).astype(float)
    unions = matrix.sum(0) + matrix.sum(1) - hits
    iou = {
        CATEGORIES[c].name: float(hits[c] / unions[c]) if unions[c] else None for c in categories
    }
    known = [value for value in iou.values() if value is not None]
    return Score(iou, float(np.mean(known)) if known else None)


OFFICIAL = tuple(category.id for category in CATEGORIES if category.id != VOID)
"""The 7 categories of the official score."""

ALL = tuple(category.id for category in CATEGORIES)
"""The 8 categories of the project's second score, void included."""
