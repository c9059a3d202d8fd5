"""Light operations: what another hour, sky or camera setting does to a street."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter
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


def shadow(photo: Photo, rng: Generator) -> Photo:
    """Cast one or two soft polygons of shade: 0.4 to 0.75 of the light, a little bluer."""
    quarter = (max(1, photo.width // 4), max(1, photo.height // 4))
    shade = Image.new("L", quarter)
    draw = ImageDraw.Draw(shade)
    for _ in range(rng.integers(1, 3)):
        corners = int(rng.integers(3, 7))
        around = np.sort(rng.uniform(0, 2 * np.pi, corners))
        reach = rng.uniform(0.15, 0.6, corners)
        center = rng.uniform((0.0, 0.35), (1.0, 1.0))
        points = (center + reach[:, None] * np.c_[np.cos(around), np.sin(around)]) * quarter
        draw.polygon([(float(x), float(y)) for x, y in points], fill=255)
    shade = shade.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2.5)))
    dark = _mapped(photo, _RAMP * rng.uniform(0.4, 0.75) * np.array([[0.95], [1.0], [1.1]]))
    return Image.composite(dark, photo, shade.resize(photo.size, Image.Resampling.BILINEAR))


def _mapped(photo: Photo, curve: NDArray[np.float64]) -> Photo:
    """Look every value up in a curve of 0..1, (256,) or one a channel (3, 256)."""
    table = np.clip(np.round(curve * 255), 0, 255).astype(np.uint8)
    return photo.point(np.broadcast_to(table, (3, 256)).ravel().tolist())
