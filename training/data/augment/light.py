"""Light operations: what another hour, sky or camera setting does to a street."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import ImageEnhance
from PIL.Image import Image as Photo

_RAMP = np.linspace(0, 1, 256)


def brightness(photo: Photo, rng: Generator) -> Photo:
    """Add -0.12 to 0.12 of full scale."""
    return _mapped(photo, _RAMP + rng.uniform(-0.12, 0.12))


def contrast(photo: Photo, rng: Generator) -> Photo:
    """Spread values about the middle by 0.6 to 1.5."""
    return _mapped(photo, (_RAMP - 0.5) * rng.uniform(0.6, 1.5) + 0.5)


def gamma(photo: Photo, rng: Generator) -> Photo:
    """Raise to a power of 0.6 to 1.65 (log-uniform)."""
    return _mapped(photo, _RAMP ** np.exp(rng.uniform(-0.5, 0.5)))


def colour(photo: Photo, rng: Generator) -> Photo:
    """White balance: each channel times 0.85 to 1.15; and saturation times 0.4 to 1.5."""
    balanced = _mapped(photo, _RAMP * rng.uniform(0.85, 1.15, (3, 1)))
    return ImageEnhance.Color(balanced).enhance(rng.uniform(0.4, 1.5))


def _mapped(photo: Photo, curve: NDArray[np.float64]) -> Photo:
    """Look every value up in a curve of 0..1, (256,) or one a channel (3, 256)."""
    table = np.clip(np.round(curve * 255), 0, 255).astype(np.uint8)
    return photo.point(np.broadcast_to(table, (3, 256)).ravel().tolist())
