"""Terms that judge every pixel by itself: cross-entropy, and what re-weights it."""

from typing import Any

from keras import ops

from training.losses.pixels import Pixels

BORDER_WIDTH = 3
"""Pixels to either side of a border between categories that `boundary` looks at."""


def cross_entropy(pixels: Pixels) -> Any:
    """Cross-entropy, averaged over the weights of the pixels that count."""
    return _weighted_mean(pixels.entropy, pixels.weights)


def focal(pixels: Pixels) -> Any:
    """Focal loss: cross-entropy times (1 - p)^2, p the true category's probability.

    Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5, with the gamma of 2
    they found best, and the category weights as alpha. Averaged as the cross-entropy is, so that
    the two compare.
    """
    doubt = 1 - ops.exp(-pixels.entropy)
    return _weighted_mean(ops.square(doubt) * pixels.entropy, pixels.weights)


def boundary(pixels: Pixels) -> Any:
    """Cross-entropy of the pixels near a border between two categories.

    The boundary-aware cross-entropy of PIDNet (Xu et al., CVPR 2023), with true
    borders in place of those a boundary head predicts: the band of a trimap (Kohli et al., IJCV
    2009), BORDER_WIDTH wide. Losses on distance maps (Kervadec et al., MIDL 2019) need the
    distance to borders that may lie under ignored pixels; a band only needs what is known: a
    pixel is in it if another category is known within BORDER_WIDTH rows and columns.
    """
    near = pixels.counted * _near_border(pixels)
    return _weighted_mean(pixels.entropy, pixels.weights * near)


def _near_border(pixels: Pixels) -> Any:
    """(batch, h, w): 1.0 where another category is near; any value where ignored."""
    # The greatest id around a pixel is not the least. One pooling finds both, the least as the
    # greatest of the negated; ignored pixels lose every comparison.
    ids = ops.argmax(pixels.truth, axis=-1)
    ids = ops.cast(ops.stack([ids, -ids], axis=-1), "float32")
    ids = ops.where(pixels.counted[..., None] > 0, ids, -float("inf"))
    side = 2 * BORDER_WIDTH + 1
    for window in ((side, 1), (1, side)):
        ids = ops.max_pool(ids, window, 1, "same", data_format="channels_last")
    return ops.cast(ids[..., 0] + ids[..., 1] > 0, "float32")


def _weighted_mean(losses: Any, weights: Any) -> Any:
    return ops.sum(losses * weights) / ops.maximum(ops.sum(weights), 1.0)
