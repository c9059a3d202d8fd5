"""The official category IoU as a Keras metric, for the curves seen while training."""

from typing import Any

import keras
import numpy as np
from keras import ops

from function_app.vision.categories import CATEGORIES, LABEL_TO_EVALUATED


@keras.saving.register_keras_serializable("future_vision")
class CategoryIoU(keras.metrics.Metric):  # type: ignore[misc]
    """Mean IoU over the 7 evaluated categories, argmax without void, one matrix an epoch."""

    def __init__(self, name: str = "category_iou") -> None:
        super().__init__(name=name, dtype="float32")
        count = len(CATEGORIES)
        # int64 counts: a float32 cell stops growing at 16.7 million pixels.
        self.matrix = self.add_weight(
            name="matrix", shape=(count, count), dtype="int64", initializer="zeros"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add labelIds (batch, h, w) and logits (batch, h, w, 8)."""
        del sample_weight
        count = len(CATEGORIES)
        table = ops.convert_to_tensor(LABEL_TO_EVALUATED.astype(np.int32))
        truth = ops.reshape(ops.take(table, ops.cast(y_true, "int32"), axis=0), (-1,))
        mask = ops.reshape(ops.argmax(y_pred[..., 1:], axis=-1) + 1, (-1,))
        # Ignored pixels fall into a last bin, which is cut off.
        cell = ops.where(truth < count, truth * count + ops.cast(mask, "int32"), count * count)
        counts = ops.bincount(cell, minlength=count * count + 1)[: count * count]
        self.matrix.assign_add(ops.cast(ops.reshape(counts, (count, count)), "int64"))

    def result(self) -> Any:
        """Mean IoU so far, 0.0 to 1.0."""
        matrix = ops.cast(self.matrix, "float32")
        hits = ops.diagonal(matrix)[1:]
        unions = (ops.sum(matrix, 0) + ops.sum(matrix, 1))[1:] - hits
        present = ops.cast(unions > 0, "float32")
        iou = hits / ops.maximum(unions, 1.0)
        return ops.sum(iou * present) / ops.maximum(ops.sum(present), 1.0)
