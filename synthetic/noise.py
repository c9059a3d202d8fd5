"""Seeded value noise, the raw material of every texture."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIZE = 512
"""Side of every texture, a power of two so that coordinates wrap with `& (SIZE - 1)`."""

Texture = NDArray[np.float32]


class Textures(NamedTuple):
    """The seamless textures of one scene, each (SIZE, SIZE) float32 within -1..1."""

    grit: Texture
    sprigs: Texture
    stains: Texture
    clouds: Texture


def sample_textures(rng: np.random.Generator) -> Textures:
    """Make a scene's textures once; everything looks them up at its own scale."""
    return Textures(_tile(rng, 256, 2), _tile(rng, 32, 2), _tile(rng, 8, 4), _tile(rng, 4, 6))


def _tile(rng: np.random.Generator, cells: int, octaves: int) -> Texture:
    """Fractal noise that repeats without a seam."""
    total = np.zeros((SIZE, SIZE), np.float32)
    weight = 1.0
    for octave in range(octaves):
        count = cells << octave
        knots = np.pad(rng.random((count, count), np.float32) * 2 - 1, 2, mode="wrap")
        step = SIZE // count
        # Two knots of margin on every side: the crop's edges then meet without a seam.
        margin = (2, 2, count + 2, count + 2)
        full = Image.fromarray(knots).resize((SIZE, SIZE), Image.Resampling.BICUBIC, box=margin)
        total += np.asarray(full if step > 1 else Image.fromarray(knots[2:-2, 2:-2])) * weight
        weight *= 0.55
    return total / np.float32(np.abs(total).max())
