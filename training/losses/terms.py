"""The terms of a loss.

`cross_entropy` and `focal` judge every pixel by itself. `dice` and `lovasz` judge how far a
category's pixels and its prediction overlap in the batch: means over the categories present in it,
so that thin and rare ones weigh as much as the road.
"""

from typing import Any

import numpy as np
from keras import ops

from training.losses.pixels import COUNT, Pixels
from training.models.contract import CATEGORY_SUMS

BINS = 1024
"""Steps of the errors that `lovasz` sorts."""


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


def _weighted_mean(losses: Any, weights: Any) -> Any:
    return ops.sum(losses * weights) / ops.maximum(ops.sum(weights), 1.0)


def dice(pixels: Pixels) -> Any:
    """Soft Dice loss (Milletari et al., V-Net, 3DV 2016), over the whole batch."""
    # Soft confusion matrix (true, predicted): one product does all sums, and leaves out ignored
    # pixels, whose truth is zero.
    truth = ops.reshape(pixels.truth, (-1, COUNT))
    classes = ops.reshape(pixels.class_probabilities, (-1, len(CATEGORY_SUMS)))
    matrix = ops.matmul(ops.matmul(ops.transpose(truth), classes), CATEGORY_SUMS)
    areas = pixels.area + ops.sum(matrix, axis=0)
    return pixels.mean_over_present(1 - 2 * ops.diagonal(matrix) / ops.maximum(areas, 1.0))


def lovasz(pixels: Pixels) -> Any:
    """Lovász-softmax (Berman et al., CVPR 2018), over the whole batch.

    The Lovász extension of the Jaccard loss weighs each pixel's error by how much the loss grows
    when the pixels are got wrong one after the other, the greatest error first. A full sort of
    8 x batch x h x w errors takes as long as a training step on a CPU, so errors are sorted
    into BINS steps and those of one step share the mean of two orders. The Jaccard loss being
    submodular, this is never above the exact value and at most 1 / BINS below it.
    """
    errors = ops.abs(pixels.truth - pixels.probabilities)
    # Clipped below too: where logits are NaN the loss is to be NaN, not a failed bincount.
    steps = ops.clip(ops.cast(errors * BINS, "int32"), 0, BINS - 1)
    # A cell for each (category, background or foreground, step), and a last one for ignored.
    cells = np.arange(COUNT, dtype=np.int32) * (2 * BINS) + ops.cast(pixels.truth, "int32") * BINS
    cells = ops.where(pixels.counted[..., None] > 0, cells + steps, 2 * BINS * COUNT)
    counts = ops.bincount(ops.reshape(cells, (-1,)), minlength=2 * BINS * COUNT + 1)
    growth = _jaccard_growth(ops.reshape(counts[:-1], (COUNT, 2, BINS)))
    growth = ops.append(ops.reshape(growth, (-1,)), 0.0)
    losses = ops.sum(errors * ops.take(growth, cells), axis=(0, 1, 2))
    return pixels.mean_over_present(losses)


def _jaccard_growth(counts: Any) -> Any:
    """Growth of the Jaccard loss a pixel, from the greatest error down.

    Args:
        counts: pixels by (category, background or foreground, step of the error).

    Returns:
        float32 of the same shape: the mean of two orders within a step, all foreground first and
        all background first.
    """
    # Pixels whose error is in this step or above, and in the steps above only.
    reached = ops.flip(ops.cumsum(ops.flip(counts, axis=-1), axis=-1), axis=-1)
    before = reached - counts
    area = reached[:, 1, :1]
    # Of the true area and the prediction: what is left of their intersection, and their union.
    kept, kept_before = (ops.cast(area - x[:, 1], "float32") for x in (reached, before))
    union, union_before = (
        ops.maximum(ops.cast(area + x[:, 0], "float32"), 1.0) for x in (reached, before)
    )
    # A foreground pixel shrinks the intersection by one: the loss grows by 1 / union. `n`
    # background pixels grow the union: by kept * n / (union_before * union).
    foreground = (1 / union_before + 1 / union) / 2
    background = (kept_before + kept) / 2 / (union_before * union)
    return ops.stack([background, foreground], axis=1)
