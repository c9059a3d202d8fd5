"""The loss of a run: terms by name, each with its weight."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from function_app.vision.categories import NAMES
from training.config import ConfigError
from training.losses.pixels import Pixels
from training.losses.terms import cross_entropy, dice, focal, lovasz

TERMS: dict[str, Callable[[Pixels], Any]] = {
    "cross_entropy": cross_entropy,
    "focal": focal,
    "dice": dice,
    "lovasz": lovasz,
}
"""Name in a configuration -> the function that makes one number of a batch."""


def build_loss(terms: dict[str, float], category_weights: dict[str, float]) -> keras.losses.Loss:
    """Check a configuration's weights and build the loss they describe.

    Args:
        terms: name in TERMS -> weight; a term of weight 0 is not computed.
        category_weights: category name -> weight of its pixels in cross_entropy and focal;
            1.0 where not named. dice and lovasz weigh all categories alike.

    Raises:
        ConfigError: a name is unknown, a weight is no number from 0 on, or all are 0.
    """
    _check("loss term", terms, tuple(TERMS))
    _check("category", category_weights, NAMES)
    if not any(terms.values()):
        raise ConfigError("no loss term has a weight above 0: give at least one")
    if not any(category_weights.get(name, 1.0) for name in NAMES):
        raise ConfigError("every category has weight 0: leave at least one above")
    return WeightedSum(terms, category_weights)


def _check(kind: str, weights: Mapping[str, object], choices: tuple[str, ...]) -> None:
    for name, weight in weights.items():
        if name not in choices:
            raise ConfigError(f"no {kind} '{name}': choose from {', '.join(choices)}")
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not number or not 0 <= weight < math.inf:  # type: ignore[operator]
            raise ConfigError(f"weight of {kind} '{name}' is {weight!r}: give a number from 0 on")


@keras.saving.register_keras_serializable("future_vision")
class WeightedSum(keras.losses.Loss):  # type: ignore[misc]
    """Sum of loss terms; pixels labelled 255 or with an unknown id count nowhere.

    A batch without a pixel that counts has loss 0 and no gradient. `build_loss` checks the
    arguments, which are its own.
    """

    def __init__(
        self,
        terms: dict[str, float],
        category_weights: dict[str, float],
        name: str = "weighted_sum",
    ) -> None:
        super().__init__(name=name, dtype="float32")
        self.terms, self.category_weights = dict(terms), dict(category_weights)
        self._by_category = np.array([category_weights.get(n, 1.0) for n in NAMES], np.float32)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Label ids (batch, h, w) and logits (batch, h, w, classes) to one float32."""
        pixels = Pixels(y_true, y_pred, self._by_category)
        total = sum(weight * TERMS[name](pixels) for name, weight in self.terms.items() if weight)
        # One value of a batch: Keras shares the mean of a vector among devices, but no scalar.
        return ops.expand_dims(total, 0)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "terms": self.terms,
            "category_weights": self.category_weights,
            "name": self.name,
        }
