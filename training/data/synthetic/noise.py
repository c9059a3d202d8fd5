"""Seeded value noise, the raw material of every texture."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def value_noise(
    rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]
) -> NDArray[np.float32]:
    """Smooth noise: (height, width) float32, about 0..1, `cells` random knots down and across."""
    knots = Image.fromarray(rng.random((max(2, cells[0]), max(2, cells[1])), np.float32))
    return np.asarray(knots.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def tile(rng: np.random.Generator, size: int, cells: int, octaves: int = 3) -> NDArray[np.float32]:
    """Fractal noise that repeats without a seam: (size, size) float32, mean 0, within about +-1."""
    total = np.zeros((size, size), np.float32)
    weight = 1.0
    for octave in range(octaves):
        count = min(size, cells << octave)
        knots = np.pad(rng.random((count, count), np.float32) * 2 - 1, 2, mode="wrap")
        step = size // count
        full = Image.fromarray(knots).resize((step * (count + 4),) * 2, Image.Resampling.BICUBIC)
        # Half a knot of offset is the same on every side, so the crop still wraps.
        total += np.asarray(full)[2 * step : 2 * step + size, 2 * step : 2 * step + size] * weight
        weight *= 0.55
    return total / np.float32(np.abs(total).max())
