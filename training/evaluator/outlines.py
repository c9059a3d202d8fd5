"""Which pixels are near an outline: where masks differ most, and where area says least."""

import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import IGNORE

WIDTHS = (3, 10)
"""Pixels of the labels to either side of an outline."""


def near_outlines(truth: NDArray[np.uint8], width: int) -> NDArray[np.bool_]:
    """Find the band around the outlines of categories.

    The trimap of Kohli et al. (IJCV 2009), which DeepLab (Chen et al., 2017) scores too.

    Args:
        truth: category ids (h, w); IGNORE has no outline of its own.
        width: of the band to either side, in rows and columns.

    Returns:
        (h, w): whether a pixel of another known category is at most so far away.
    """
    band = np.zeros(truth.shape, bool)
    for axis in (0, 1):
        before, after = _neighbours(axis)
        edge = (truth[before] != truth[after]) & (truth[before] != IGNORE)
        edge &= truth[after] != IGNORE
        band[before] |= edge
        band[after] |= edge
    for axis in (0, 1):
        band = _widened(band, width - 1, axis)
    return band


def _neighbours(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    every = slice(None)
    before, after = slice(None, -1), slice(1, None)
    return ((before, every), (after, every)) if axis == 0 else ((every, before), (every, after))


def _widened(band: NDArray[np.bool_], by: int, axis: int) -> NDArray[np.bool_]:
    """Spread True by so many pixels along an axis: True where a window's count is not zero."""
    edges = [(0, 0), (0, 0)]
    edges[axis] = (by + 1, by)
    counts = np.cumsum(np.pad(band, edges), axis=axis, dtype=np.int32)
    length = band.shape[axis]
    last = counts.take(range(2 * by + 1, 2 * by + 1 + length), axis=axis)
    return last > counts.take(range(length), axis=axis)
