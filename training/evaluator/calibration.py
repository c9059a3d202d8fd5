"""How far a model's confidence can be trusted.

Guo et al., On calibration of modern neural networks, ICML 2017: where confidence is 0.9, nine of
ten pixels should be right.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import IGNORE
from training.evaluator.results import Rows

BINS = 10
LEVELS = (5, 7, 9)
"""Tenths of confidence from which a caller may want to believe a pixel."""


def count_by_confidence(
    truth: NDArray[np.uint8], mask: NDArray[np.uint8], confidence: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Count one photo's pixels by the confidence of their category.

    Args:
        truth: evaluated category ids (h, w), IGNORE where a pixel counts nowhere.
        mask: predicted category ids (h, w), void among them.
        confidence: (h, w), 0 to 255.

    Returns:
        (3, BINS) int64: pixels, right ones among them, sum of confidence; bin i holds confidence
        from i / BINS.
    """
    counted = truth != IGNORE
    values = confidence[counted]
    bins = np.minimum(values.astype(np.int64) * BINS // 255, BINS - 1)
    right = mask[counted] == truth[counted]
    return np.stack([
        np.bincount(bins, weights=weights, minlength=BINS)
        for weights in (np.ones(len(bins)), right, values)
    ]).astype(np.int64)  # fmt: skip


def calibration_row(counts: Iterable[NDArray[np.int64]], data: str, split: str) -> Rows:
    """Add up the photos' counts.

    Returns:
        One row, none where no pixel counts: data, split, bins (confidence from, share of the
        pixels, part of them that is right), at_least (confidence -> share and right of all the
        pixels at or above it), ece (expected calibration error, 0.0 is perfect).
    """
    pixels, right, confidence = sum(counts, np.zeros((3, BINS), np.int64))
    total = int(pixels.sum())
    if not total:
        return []
    gaps = np.abs(right - confidence / 255)
    return [{
        "data": data,
        "split": split,
        "bins": [
            {"from": i / BINS, **_part(pixels[i : i + 1], right[i : i + 1], total)}
            for i in range(BINS)
        ],
        "at_least": {
            f"{level / BINS:.1f}": _part(pixels[level:], right[level:], total) for level in LEVELS
        },
        "ece": float(gaps.sum() / total),
    }]  # fmt: skip


def _part(pixels: NDArray[np.int64], right: NDArray[np.int64], total: int) -> dict[str, Any]:
    count = int(pixels.sum())
    return {"share": count / total, "right": int(right.sum()) / count if count else None}
