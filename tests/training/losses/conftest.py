"""A tiny batch: seven categories, ignored pixels of both kinds, regions with borders."""

import numpy as np
import pytest


@pytest.fixture
def labels() -> np.ndarray:
    """(2, 9, 12) label ids in patches of 3 x 4; no sky."""
    known = [*(label for label in range(34) if label != 23), 40, 40, 49, 51, 54]
    patches = np.random.default_rng(0).choice(known, (2, 3, 3)).astype(np.uint8)
    labels = patches.repeat(3, axis=1).repeat(4, axis=2)
    labels[0, :2] = 255
    labels[1, 3, 3] = 60  # no such label
    return labels


@pytest.fixture
def logits() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 1, (2, 9, 12, 20)).astype(np.float32)
