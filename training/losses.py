"""Losses on logits; labels are Cityscapes labelIds, looked up here; 255 counts nowhere."""

from typing import Any

import keras
import numpy as np
from keras import ops

from function_app.categories import CATEGORIES, IGNORE, LABEL_TO_CATEGORY


def one_hot_categories(labels: Any) -> Any:
    """LabelIds (...,) to one-hot categories (..., 8) float32; ignored pixels are all zero."""
    identity = np.eye(len(CATEGORIES), dtype=np.float32)
    table = np.zeros((256, len(CATEGORIES)), np.float32)
    known = LABEL_TO_CATEGORY != IGNORE
    table[known] = identity[LABEL_TO_CATEGORY[known]]
    return ops.take(ops.convert_to_tensor(table), ops.cast(labels, "int32"), axis=0)


@keras.saving.register_keras_serializable("future_vision")
class CrossEntropyDice(keras.losses.Loss):  # type: ignore[misc]
    """Weighted cross-entropy plus soft Dice (Milletari et al., V-Net, 3DV 2016).

    Cross-entropy is averaged over the weights of the pixels that count. Dice is taken over the
    whole batch and averaged over the categories present, so that thin and rare categories weigh
    as much as the road.

    Args:
        category_weights: category name -> weight in the cross-entropy; 1.0 where not named.
        dice: weight of the Dice term.
    """

    def __init__(
        self,
        category_weights: dict[str, float] | None = None,
        dice: float = 0.5,
        name: str = "cross_entropy_dice",
    ) -> None:
        super().__init__(name=name, reduction=None)
        self.category_weights = dict(category_weights or {})
        self.dice = dice
        unknown = self.category_weights.keys() - {c.name for c in CATEGORIES}
        if unknown:
            raise ValueError(f"no such category: {', '.join(sorted(unknown))}")
        self._weights = np.array(
            [self.category_weights.get(c.name, 1.0) for c in CATEGORIES], np.float32
        )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Labels (batch, h, w) and logits (batch, h, w, 8) to one number."""
        truth = one_hot_categories(y_true)
        logits = ops.cast(y_pred, "float32")
        weights = ops.sum(truth * self._weights, axis=-1)
        entropy = -ops.sum(truth * ops.log_softmax(logits), axis=-1)
        loss = ops.sum(entropy * weights) / ops.maximum(ops.sum(weights), 1.0)
        if not self.dice:
            return loss
        counted = ops.sum(truth, axis=-1, keepdims=True)
        probabilities = ops.softmax(logits) * counted
        pixels = ops.sum(truth, axis=(0, 1, 2))
        overlap = ops.sum(truth * probabilities, axis=(0, 1, 2))
        dice = 2 * overlap / ops.maximum(pixels + ops.sum(probabilities, axis=(0, 1, 2)), 1.0)
        present = ops.cast(pixels > 0, "float32")
        return loss + self.dice * (1 - ops.sum(dice * present) / ops.maximum(ops.sum(present), 1.0))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"category_weights": self.category_weights, "dice": self.dice, "name": self.name}
