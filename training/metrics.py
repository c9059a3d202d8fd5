"""The official category IoU as a Keras metric, for the curves seen while training."""

from typing import Any

import keras
import numpy as np
from keras import ops

from function_app.vision.categories import CATEGORIES, VOID
from training.data.classes import SCORED_CATEGORY
from training.models.contract import category_logits


class CategoryIoU(keras.metrics.Metric):  # type: ignore[misc]
    """Mean IoU over the 7 evaluated categories, argmax without void, one matrix an epoch.

    Args:
        every: look at every n-th row and column only; curves need no more.
    """

    def __init__(self, every: int = 1) -> None:
        super().__init__(name="category_iou", dtype="float32")
        self.every = every
        count = len(CATEGORIES)
        # int64 counts: a float32 count stops growing at 16.7 million pixels.
        self.matrix = self.add_weight(
            name="matrix", shape=(count, count), dtype="int64", initializer="zeros"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add label ids (batch, h, w) and logits of the classes (batch, h, w, classes)."""
        del sample_weight
        step = slice(None, None, self.every)
        y_true, y_pred = y_true[:, step, step], y_pred[:, step, step]
        count = len(CATEGORIES)
        table = ops.convert_to_tensor(SCORED_CATEGORY.astype(np.int32))
        truth = ops.reshape(ops.take(table, ops.cast(y_true, "int32"), axis=0), (-1,))
        logits = category_logits(ops.cast(y_pred, "float32"))
        mask = ops.reshape(ops.argmax(logits[..., VOID + 1 :], axis=-1) + VOID + 1, (-1,))
        # Ignored pixels fall into a last bin, which is cut off.
        pair = ops.where(truth < count, truth * count + ops.cast(mask, "int32"), count * count)
        counts = ops.bincount(pair, minlength=count * count + 1)[: count * count]
        self.matrix.assign_add(ops.cast(ops.reshape(counts, (count, count)), "int64"))

    def result(self) -> Any:
        """Mean IoU so far, 0.0 to 1.0."""
        matrix = ops.cast(self.matrix, "float32")
        hits = ops.diagonal(matrix)[1:]
        unions = (ops.sum(matrix, 0) + ops.sum(matrix, 1))[1:] - hits
        present = ops.cast(unions > 0, "float32")
        iou = hits / ops.maximum(unions, 1.0)
        return ops.sum(iou * present) / ops.maximum(ops.sum(present), 1.0)
