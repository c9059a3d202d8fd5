"""The terms written out slowly in float64, pixel by pixel and straight from the papers."""

from collections.abc import Callable, Iterator

import numpy as np

from function_app.vision.categories import LABELS, NAMES

Counted = Iterator[tuple[tuple[int, ...], int, np.ndarray]]

CLASSES = ["void", *(label.name for label in LABELS if label.evaluated)]
OF_CATEGORY = np.array([0, *(NAMES.index(x.category) for x in LABELS if x.evaluated)])


def meant(label: int) -> list[int]:
    """The channels that a label id stands for; none where it is ignored."""
    if label == 40:
        return [CLASSES.index("rider"), CLASSES.index("bicycle")]
    if 48 <= label < 56:
        return [i for i, category in enumerate(OF_CATEGORY) if category == label - 48]
    if label > 33:
        return []
    known = LABELS[label]
    if known.category == "void":
        return [0]
    return [CLASSES.index(known.name)] if known.evaluated else []


def category(label: int) -> int:
    """The one category of all that a label stands for, or 255."""
    found = {int(OF_CATEGORY[channel]) for channel in meant(label)}
    return found.pop() if len(found) == 1 else 255


def softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits.astype(np.float64) - logits.max())
    return np.asarray(raised / raised.sum())


def counted(labels: np.ndarray, logits: np.ndarray) -> Counted:
    """Yield (where, category, probabilities of the categories) of pixels of a known category."""
    for where in np.ndindex(labels.shape):
        if (known := category(int(labels[where]))) != 255:
            of_classes = softmax(logits[where])
            yield where, known, np.bincount(OF_CATEGORY, of_classes, 8)


def entropies(
    labels: np.ndarray,
    logits: np.ndarray,
    category_weights: dict[str, float],
    scale: Callable[[float], float],
) -> float:
    total = weight_sum = 0.0
    for where in np.ndindex(labels.shape):
        channels = meant(int(labels[where]))
        if channels:
            of = [category_weights.get(NAMES[OF_CATEGORY[c]], 1.0) for c in channels]
            weight = sum(of) / len(of)
            likely = softmax(logits[where])[channels].sum()
            total -= weight * scale(likely) * np.log(likely)
            weight_sum += weight
    return total / weight_sum if weight_sum else 0.0


def cross_entropy(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    return entropies(labels, logits, weights, lambda _: 1.0)


def focal(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    return entropies(labels, logits, weights, lambda p: (1 - p) ** 2)


def dice(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    overlap, area, predicted = np.zeros(8), np.zeros(8), np.zeros(8)
    for _, true, probability in counted(labels, logits):
        overlap[true] += probability[true]
        area[true] += 1
        predicted += probability
    present = area > 0
    return float(1 - (2 * overlap / (area + predicted))[present].mean()) if present.any() else 0.0


def lovasz(labels: np.ndarray, logits: np.ndarray, weights: dict[str, float]) -> float:
    """Berman et al., definition 1: grow the set of wrong pixels, the greatest error first."""
    pixels = list(counted(labels, logits))
    present = {true for _, true, _ in pixels}
    losses = []
    for c in present:
        errors = sorted(
            ((abs((true == c) - p[c]), true == c) for _, true, p in pixels),
            key=lambda pair: -pair[0],
        )
        intersection = union = sum(hit for _, hit in errors)
        jaccard = loss = 0.0
        for error, hit in errors:
            intersection -= hit
            union += not hit
            loss += error * (1 - intersection / union - jaccard)
            jaccard = 1 - intersection / union
        losses.append(loss)
    return float(np.mean(losses)) if losses else 0.0


REFERENCES = {
    "cross_entropy": cross_entropy,
    "focal": focal,
    "dice": dice,
    "lovasz": lovasz,
}
