"""What the terms of a loss share, computed once however many terms ask for it."""

from functools import cached_property
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from function_app.vision.categories import CATEGORIES, IGNORE
from training.data.classes import LEARNED_CATEGORY, MEANINGS
from training.models.contract import CATEGORY_SUMS

COUNT = len(CATEGORIES)

LEAST_PROBABILITY = 1e-30
"""Keeps the logarithm finite."""


def _one_hot_table() -> NDArray[np.float32]:
    table = np.zeros((256, COUNT), np.float32)
    known = LEARNED_CATEGORY != IGNORE
    table[known, LEARNED_CATEGORY[known]] = 1
    return table


ONE_HOT = _one_hot_table()
"""(256, 8) float32: label id -> one-hot category; all zero where no single one is known."""

IS_KNOWN = (MEANINGS.sum(1) > 0).astype(np.float32)
"""(256,): 1.0 for label ids that mean any class."""


class Pixels:
    """One batch's labels, looked up, and logits, normalised; read-only.

    Args:
        labels: label ids of `training.data.classes` (batch, h, w); ids without a meaning are
            ignored.
        logits: of the classes, (batch, h, w, classes), any float type; everything here is float32.
        category_weights: (8,) float32, by category id.
    """

    def __init__(self, labels: Any, logits: Any, category_weights: NDArray[np.float32]) -> None:
        self._labels = ops.cast(labels, "int32")
        self._logits = ops.cast(logits, "float32")
        # Where a label may be of two categories (a bicyclist), the mean of their weights.
        shares = MEANINGS / np.maximum(MEANINGS.sum(1, keepdims=True), 1)
        self._weight_of_label = shares @ CATEGORY_SUMS @ category_weights

    @cached_property
    def truth(self) -> Any:
        """One-hot categories (batch, h, w, 8); pixels without a known category are all zero."""
        return ops.take(ops.convert_to_tensor(ONE_HOT), self._labels, axis=0)

    @cached_property
    def counted(self) -> Any:
        """(batch, h, w): 1.0 where the category is known, else 0.0."""
        return ops.take(ops.convert_to_tensor(ONE_HOT.sum(-1)), self._labels, axis=0)

    @cached_property
    def weights(self) -> Any:
        """(batch, h, w): weight of the pixel's category, 0.0 where ignored."""
        table = ops.convert_to_tensor(self._weight_of_label.astype(np.float32))
        return ops.take(table, self._labels, axis=0)

    @cached_property
    def entropy(self) -> Any:
        """(batch, h, w): -log of the probability of all that the label may mean; 0.0: ignored."""
        meant = ops.take(ops.convert_to_tensor(MEANINGS), self._labels, axis=0)
        likely = ops.sum(meant * self.class_probabilities, axis=-1)
        known = ops.take(ops.convert_to_tensor(IS_KNOWN), self._labels, axis=0)
        return -ops.log(ops.maximum(likely, LEAST_PROBABILITY)) * known

    @cached_property
    def class_probabilities(self) -> Any:
        """(batch, h, w, classes), softmax over the last axis, at ignored pixels too."""
        return ops.softmax(self._logits, axis=-1)

    @cached_property
    def probabilities(self) -> Any:
        """(batch, h, w, 8): of the categories, at ignored pixels too."""
        return ops.matmul(self.class_probabilities, ops.convert_to_tensor(CATEGORY_SUMS))

    @cached_property
    def area(self) -> Any:
        """(8,): true pixels of each category."""
        return ops.sum(self.truth, axis=(0, 1, 2))

    def mean_over_present(self, losses: Any) -> Any:
        """Mean of (8,) losses over the categories that have pixels; 0.0 if none has."""
        present = ops.cast(self.area > 0, "float32")
        return ops.sum(losses * present) / ops.maximum(ops.sum(present), 1.0)
