"""Camera operations: weather in front of the lens, and what lens, sensor and encoder do.

Pixel sizes are those of a view, which is about as large as the model's input; the effects
themselves are in `training.data.effects`.
"""

import numpy as np
from numpy.random import Generator
from PIL.Image import Image as Photo

from training.data import effects


def fog(photo: Photo, rng: Generator) -> Photo:
    """Fog of 0.006 to 0.04 a metre (500 to 75 metres of sight), horizon at 0.3 to 0.6."""
    return effects.fog(photo, rng.uniform(0.006, 0.04), rng, horizon=rng.uniform(0.3, 0.6))


def night(photo: Photo, rng: Generator) -> Photo:
    """Dusk (0.2) to night (0.9)."""
    return effects.night(photo, rng.uniform(0.2, 0.9), rng)


def blur(photo: Photo, rng: Generator) -> Photo:
    """Out of focus, or enlarged from a small copy: a Gaussian of 0.3 to 2 pixels (log-uniform).

    Small copies of Cityscapes with exact labels are shown enlarged; sharp photos are blurred as
    much at times, lest blur itself tell the network which data set it looks at.
    """
    return effects.blur(photo, float(np.exp(rng.uniform(np.log(0.3), np.log(2.0)))))


def noise(photo: Photo, rng: Generator) -> Photo:
    """Sensor noise of standard deviation 2 to 10 (of 255)."""
    return effects.noise(photo, rng.uniform(2, 10), rng)


def jpeg(photo: Photo, rng: Generator) -> Photo:
    """JPEG of quality 30 to 90."""
    return effects.jpeg(photo, int(rng.integers(30, 91)))
