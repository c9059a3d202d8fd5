"""A predicted mask beside the true one: where it is wrong, and its scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import IGNORE
from function_app.vision.evaluation import ALL, OFFICIAL, confusion_matrix, score
from function_app.vision.photo import encode_mask, resize_mask

RIGHT, WRONG = 0, 1
"""Values of the pixels of a picture of errors, beside IGNORE."""

_PALETTE = bytes((225, 225, 225, 200, 0, 60))


def encode_errors(truth: NDArray[np.uint8], mask: NDArray[np.uint8]) -> bytes:
    """Encode where a mask is wrong as palette PNG of the truth's size.

    Pixel values are RIGHT, WRONG, and IGNORE (transparent) where the truth is not evaluated.

    Args:
        truth: category ids, (h, w); IGNORE where nothing is evaluated.
        mask: predicted category ids; of another size it is resized to the truth's.
    """
    mask = resize_mask(mask, *truth.shape)
    errors = np.where(truth == IGNORE, np.uint8(IGNORE), (truth != mask).astype(np.uint8))
    return encode_mask(errors, _PALETTE, clear=IGNORE)


def evaluate(
    truth: NDArray[np.uint8],
    official_truth: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    mask_without_void: NDArray[np.uint8],
) -> dict[str, Any]:
    """Score masks (h, w) of category ids by both protocols of `function_app.vision.evaluation`.

    Returns:
        By protocol: mean_iou and iou by category name (0.0 to 1.0, None where neither mask nor
        truth has the category), pixels evaluated, and the confusion matrix: rows true, columns
        predicted, in order of the ids.
    """
    return {
        "official": _scores(official_truth, mask_without_void, OFFICIAL),
        "with_void": _scores(truth, mask, ALL),
    }


def _scores(
    truth: NDArray[np.uint8], mask: NDArray[np.uint8], categories: tuple[int, ...]
) -> dict[str, Any]:
    return scores_of(confusion_matrix(truth, resize_mask(mask, *truth.shape)), categories)


def scores_of(matrix: NDArray[np.int64], categories: tuple[int, ...]) -> dict[str, Any]:
    """Return the scores that `evaluate` describes of an (8, 8) confusion matrix."""
    scores = score(matrix, categories)
    return {
        "mean_iou": scores.mean_iou,
        "iou": scores.iou,
        "pixels": int(matrix.sum()),
        "confusion": matrix.tolist(),
    }
