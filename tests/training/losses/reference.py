"""The terms written out slowly in float64, pixel by pixel and straight from the papers."""

from collections.abc import Callable, Iterator

import numpy as np

from function_app.vision.categories import LABEL_TO_CATEGORY, NAMES

NEAR = 3
Counted = Iterator[tuple[tuple[int, ...], int, np.ndarray]]


def counted(labels: np.ndarray, logits: np.ndarray) -> Counted:
    """Yield (where, category, probabilities) of the pixels that are not ignored."""
    for where in np.ndindex(labels.shape):
        category = int(LABEL_TO_CATEGORY[labels[where]])
        if category != 255:
            raised = np.exp(logits[where].astype(np.float64) - logits[where].max())
            yield where, category, raised / raised.sum()


def entropies(
    labels: np.ndarray,
    logits: np.ndarray,
    category_weights: dict[str, float],
    scale: Callable[[tuple[int, ...], float], float],
    counts: Callable[[tuple[int, ...]], bool] = lambda _: True,
) -> float:
    total = weight_sum = 0.0
    for where, category, probability in counted(labels, logits):
        if counts(where):
            weight = category_weights.get(NAMES[category], 1.0)
            total -= weight * scale(where, probability[category]) * np.log(probability[category])
            weight_sum += weight
    return total / weight_sum if weight_sum else 0.0


def cross_entropy(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    return entropies(labels, logits, weights, lambda *_: 1.0)


def focal(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    return entropies(labels, logits, weights, lambda _, p: (1 - p) ** 2)


def boundary(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    categories = LABEL_TO_CATEGORY[labels]

    def near_another(where: tuple[int, ...]) -> bool:
        image, row, column = where
        rows = slice(max(0, row - NEAR), row + NEAR + 1)
        columns = slice(max(0, column - NEAR), column + NEAR + 1)
        return bool(set(categories[image, rows, columns].flat) - {255, categories[where]})

    return entropies(labels, logits, weights, lambda *_: 1.0, near_another)


def dice(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    overlap, area, predicted = np.zeros(8), np.zeros(8), np.zeros(8)
    for _, category, probability in counted(labels, logits):
        overlap[category] += probability[category]
        area[category] += 1
        predicted += probability
    present = area > 0
    return float(1 - (2 * overlap / (area + predicted))[present].mean()) if present.any() else 0.0


def lovasz(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    """Berman et al., definition 1: grow the set of wrong pixels, the greatest error first."""
    pixels = list(counted(labels, logits))
    present = {category for _, category, _ in pixels}
    losses = []
    for c in present:
        errors = sorted(
            ((abs((category == c) - p[c]), category == c) for _, category, p in pixels),
            key=lambda pair: -pair[0],
        )
        intersection = union = sum(true for _, true in errors)
        jaccard = loss = 0.0
        for error, true in errors:
            intersection -= true
            union += not true
            loss += error * (1 - intersection / union - jaccard)
            jaccard = 1 - intersection / union
        losses.append(loss)
    return float(np.mean(losses)) if losses else 0.0


REFERENCES = {
    "cross_entropy": cross_entropy,
    "focal": focal,
    "boundary": boundary,
    "dice": dice,
    "lovasz": lovasz,
}
