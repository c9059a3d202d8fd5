"""A predicted mask beside the true one: where it is wrong, and its scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import IGNORE
from function_app.vision.evaluation import ALL, OFFICIAL, confusion_matrix, score
from function_app.vision.labels import Truth, check_shape
from function_app.vision.photo import encode_mask, resize_mask

RIGHT, WRONG = 0, 1
"""Values of the pixels of a picture of errors, beside IGNORE."""

_PALETTE = bytes((225, 225, 225, 200, 0, 60))


def encode_errors(truth: Truth, mask: NDArray[np.uint8], *, void: bool) -> bytes:
    """Encode where a mask is wrong as palette PNG of the truth's size.

    Pixel values are RIGHT, WRONG, and IGNORE (transparent) where the truth is not evaluated.

    Args:
        truth: of the same photo.
        mask: predicted category ids; of another size it is resized to the truth's.
        void: whether void is evaluated like any other category.

    Raises:
        LabelError: the truth has another shape than the mask; see `check_shape`.
    """
    ids = truth.with_void if void else truth.official
    mask = _at_size_of(truth, mask)
    errors = np.where(ids == IGNORE, np.uint8(IGNORE), (ids != mask).astype(np.uint8))
    return encode_mask(errors, _PALETTE, clear=IGNORE)


def confusion_matrices(
    truth: Truth, mask: NDArray[np.uint8], mask_without_void: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the pixels of masks (h, w) at the resolution of the truth, official and with void.

    Raises:
        LabelError: the truth has another shape than the masks; see `check_shape`.
    """
    return (
        confusion_matrix(truth.official, _at_size_of(truth, mask_without_void)),
        confusion_matrix(truth.with_void, _at_size_of(truth, mask)),
    )


def evaluate(
    truth: Truth, mask: NDArray[np.uint8], mask_without_void: NDArray[np.uint8]
) -> dict[str, Any]:
    """Score masks (h, w) of category ids by both protocols of `function_app.vision.evaluation`.

    Returns:
        By protocol: mean_iou and iou by category name (0.0 to 1.0, None where neither mask nor
        truth has the category), pixels evaluated, and the confusion matrix: rows true, columns
        predicted, in order of the ids.

    Raises:
        LabelError: the truth has another shape than the masks; see `check_shape`.
    """
    official, with_void = confusion_matrices(truth, mask, mask_without_void)
    return {"official": scores_of(official, OFFICIAL), "with_void": scores_of(with_void, ALL)}


def _at_size_of(truth: Truth, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = mask.shape
    check_shape(truth.with_void.shape, (height, width), truth.path)
    return resize_mask(mask, *truth.with_void.shape)


def scores_of(matrix: NDArray[np.int64], categories: tuple[int, ...]) -> dict[str, Any]:
    """Return the scores that `evaluate` describes of an (8, 8) confusion matrix."""
    scores = score(matrix, categories)
    return {
        "mean_iou": scores.mean_iou,
        "iou": scores.iou,
        "pixels": int(matrix.sum()),
        "confusion": matrix.tolist(),
    }
