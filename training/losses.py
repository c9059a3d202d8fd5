"""The loss of a run: a sum of named terms, each with its weight, on logits and label ids.

`cross_entropy` and `focal` judge every pixel by itself. `dice` and `lovasz` judge how far a
category's pixels and its prediction overlap in the batch: means over the categories present in it,
so that thin and rare ones weigh as much as the road.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from function_app.vision.categories import CATEGORIES, NAMES
from training.data.classes import LEARNED_CATEGORY, MEANINGS
from training.errors import ConfigError
from training.models.contract import CATEGORY_SUMS

COUNT = len(CATEGORIES)

LEAST_PROBABILITY = 1e-30
"""Keeps the logarithm finite."""

BINS = 1024
"""Steps of the errors that `lovasz` sorts."""

# Label id -> one-hot category; all zero where no single one is known.
ONE_HOT = np.equal.outer(LEARNED_CATEGORY, np.arange(COUNT)).astype(np.float32)

# Label id -> share of each class that it may mean; all zero where it is ignored.
SHARES = MEANINGS / np.maximum(MEANINGS.sum(1, keepdims=True), 1)


class Pixels:
    """One batch's labels and logits, with what several terms need of them computed once.

    Args:
        labels: label ids of `training.data.classes` (batch, h, w); ids without a meaning are
            ignored.
        logits: of the classes, (batch, h, w, classes), any float type; everything here is float32.
        category_weights: (8,) float32, by category id.
    """

    def __init__(self, labels: Any, logits: Any, category_weights: NDArray[np.float32]) -> None:
        self._labels = ops.cast(labels, "int32")
        self._logits = ops.cast(logits, "float32")
        self._category_weights = category_weights

    def _of_label(self, table: NDArray[Any]) -> Any:
        """Look every pixel's label up in a table of 256 rows."""
        return ops.take(ops.convert_to_tensor(table.astype(np.float32)), self._labels, axis=0)

    @cached_property
    def truth(self) -> Any:
        """One-hot categories (batch, h, w, 8); pixels without a known category are all zero."""
        return self._of_label(ONE_HOT)

    @cached_property
    def entropy(self) -> Any:
        """(batch, h, w): -log of the probability of all that the label may mean; 0.0: ignored."""
        likely = ops.sum(self._of_label(MEANINGS) * self.class_probabilities, axis=-1)
        known = self._of_label(MEANINGS.max(axis=1))
        return -ops.log(ops.maximum(likely, LEAST_PROBABILITY)) * known

    @cached_property
    def class_probabilities(self) -> Any:
        """(batch, h, w, classes), softmax over the last axis, at ignored pixels too."""
        return ops.softmax(self._logits, axis=-1)

    def weighted_mean(self, losses: Any) -> Any:
        """Mean of (batch, h, w) losses, each pixel with the weight of its category.

        A label of two categories (CamVid's bicyclist) has the mean of their weights.
        """
        weights = self._of_label(SHARES @ CATEGORY_SUMS @ self._category_weights)
        return ops.sum(losses * weights) / ops.maximum(ops.sum(weights), 1.0)

    @cached_property
    def area(self) -> Any:
        """(8,): true pixels of each category."""
        return ops.sum(self.truth, axis=(0, 1, 2))

    def mean_over_present(self, losses: Any) -> Any:
        """Mean of (8,) losses over the categories that have pixels; 0.0 if none has."""
        present = ops.cast(self.area > 0, "float32")
        return ops.sum(losses * present) / ops.maximum(ops.sum(present), 1.0)


def cross_entropy(pixels: Pixels) -> Any:
    """Cross-entropy, averaged over the weights of the pixels that count."""
    return pixels.weighted_mean(pixels.entropy)


def focal(pixels: Pixels) -> Any:
    """Focal loss: cross-entropy times (1 - p)^2, p the true category's probability.

    Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5, with the gamma of 2
    they found best, and the category weights as alpha.
    """
    return pixels.weighted_mean(ops.square(1 - ops.exp(-pixels.entropy)) * pixels.entropy)


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
    probabilities = ops.matmul(pixels.class_probabilities, ops.convert_to_tensor(CATEGORY_SUMS))
    errors = ops.abs(pixels.truth - probabilities)
    # Clipped below too: where logits are NaN the loss is to be NaN, not a failed bincount.
    steps = ops.clip(ops.cast(errors * BINS, "int32"), 0, BINS - 1)
    # A bin for each (category, background or foreground, step), and a last one for ignored.
    bins = np.arange(COUNT, dtype=np.int32) * (2 * BINS) + ops.cast(pixels.truth, "int32") * BINS
    counted = ops.sum(pixels.truth, axis=-1, keepdims=True) > 0
    bins = ops.where(counted, bins + steps, 2 * BINS * COUNT)
    counts = ops.bincount(ops.reshape(bins, (-1,)), minlength=2 * BINS * COUNT + 1)
    growth = _jaccard_growth(ops.reshape(counts[:-1], (COUNT, 2, BINS)))
    growth = ops.append(ops.reshape(growth, (-1,)), 0.0)
    losses = ops.sum(errors * ops.take(growth, bins), axis=(0, 1, 2))
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


TERMS: dict[str, Callable[[Pixels], Any]] = {
    "cross_entropy": cross_entropy,
    "focal": focal,
    "dice": dice,
    "lovasz": lovasz,
}
"""Name in a configuration -> the function that makes one number of a batch."""


class WeightedSum(keras.losses.Loss):  # type: ignore[misc]
    """Sum of loss terms; pixels labelled 255 or with an unknown id count nowhere.

    A batch without a pixel that counts has loss 0 and no gradient.

    Args:
        terms: name in TERMS -> weight; a term of weight 0 is not computed.
        category_weights: category name -> weight of its pixels in cross_entropy and focal;
            1.0 where not named. dice and lovasz weigh all categories alike.

    Raises:
        ConfigError: a name is unknown, or all weights are 0.
    """

    def __init__(self, terms: Mapping[str, float], category_weights: Mapping[str, float]) -> None:
        super().__init__(name="weighted_sum", dtype="float32")
        for kind, names, choices in (
            ("loss term", terms, tuple(TERMS)),
            ("category", category_weights, NAMES),
        ):
            if unknown := [name for name in names if name not in choices]:
                raise ConfigError(f"no {kind} '{unknown[0]}': choose from {', '.join(choices)}")
        by_category = [category_weights.get(name, 1.0) for name in NAMES]
        if not any(terms.values()):
            raise ConfigError("no loss term has a weight above 0: give at least one")
        if not any(by_category):
            raise ConfigError("every category has weight 0: leave at least one above")
        self.terms, self.category_weights = terms, category_weights
        self._by_category = np.array(by_category, np.float32)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Label ids (batch, h, w) and logits (batch, h, w, classes) to one float32."""
        pixels = Pixels(y_true, y_pred, self._by_category)
        total = sum(weight * TERMS[name](pixels) for name, weight in self.terms.items() if weight)
        # One value of a batch: Keras shares the mean of a vector among devices, but no scalar.
        return ops.expand_dims(total, 0)
