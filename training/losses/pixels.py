"""What the terms of a loss share, computed once however many terms ask for it."""

from functools import cached_property
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from function_app.vision.categories import CATEGORIES, IGNORE, LABEL_TO_CATEGORY

COUNT = len(CATEGORIES)


def _one_hot_table() -> NDArray[np.float32]:
    table = np.zeros((256, COUNT), np.float32)
    known = LABEL_TO_CATEGORY != IGNORE
    table[known, LABEL_TO_CATEGORY[known]] = 1
    return table


ONE_HOT = _one_hot_table()
"""(256, 8) float32: labelId -> one-hot category; all zero where a label counts nowhere."""


class Pixels:
    """One batch's labels, looked up, and logits, normalised; read-only.

    Args:
        labels: labelIds (batch, h, w), 0..255; 255 and unknown ids are ignored.
        logits: (batch, h, w, 8), any float type; everything here is float32.
        category_weights: (8,) float32, by category id.
    """

    def __init__(self, labels: Any, logits: Any, category_weights: NDArray[np.float32]) -> None:
        self._labels = ops.cast(labels, "int32")
        self._logits = ops.cast(logits, "float32")
        self._category_weights = category_weights

    @cached_property
    def truth(self) -> Any:
        """One-hot categories (batch, h, w, 8); ignored pixels are all zero."""
        return ops.take(ops.convert_to_tensor(ONE_HOT), self._labels, axis=0)

    @cached_property
    def counted(self) -> Any:
        """(batch, h, w): 0.0 where ignored, else 1.0."""
        table = ops.convert_to_tensor(ONE_HOT.sum(-1))
        return ops.take(table, self._labels, axis=0)

    @cached_property
    def weights(self) -> Any:
        """(batch, h, w): weight of the pixel's category, 0.0 where ignored."""
        table = ops.convert_to_tensor(ONE_HOT @ self._category_weights)
        return ops.take(table, self._labels, axis=0)

    @cached_property
    def entropy(self) -> Any:
        """(batch, h, w): -log of the true category's probability, 0.0 where ignored."""
        return -ops.sum(self.truth * self._log_probabilities, axis=-1)

    @cached_property
    def probabilities(self) -> Any:
        """(batch, h, w, 8), softmax over the last axis, at ignored pixels too."""
        # exp of what is there already: half the time of a second softmax, forward and backward.
        return ops.exp(self._log_probabilities)

    @cached_property
    def _log_probabilities(self) -> Any:
        return ops.log_softmax(self._logits)

    @cached_property
    def area(self) -> Any:
        """(8,): true pixels of each category."""
        return ops.sum(self.truth, axis=(0, 1, 2))

    def mean_over_present(self, losses: Any) -> Any:
        """Mean of (8,) losses over the categories that have pixels; 0.0 if none has."""
        present = ops.cast(self.area > 0, "float32")
        return ops.sum(losses * present) / ops.maximum(ops.sum(present), 1.0)
