"""Operations on what a view shows: light, something in the way, and the camera.

Sizes in pixels are those of a view, which is about as large as the model's input. The effects of
weather, lens, sensor and encoder are in `training.data.effects`.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageEnhance
from PIL.Image import Image as Photo

from function_app.vision.categories import IGNORE
from training.data import effects

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


def occlusion(
    photo: Photo, labels: NDArray[np.uint8], rng: Generator
) -> tuple[Photo, NDArray[np.uint8]]:
    """Cover one to three rectangles of 0.5 to 5 % of the view; labels under them are IGNORE.

    Rectangles and fillings follow Random Erasing (Zhong et al., AAAI 2020) and Cutout (DeVries &
    Taylor, 2017): one grey, noise, or a piece of the same photo. Those papers classify whole
    pictures. Per pixel, the true category of what cannot be seen may only be guessed: French et al.
    (BMVC 2020), who brought Cutout to segmentation, leave the covered pixels out of the loss, and
    so is done here. Masked image modelling keeps them to teach context (MIC, Hoyer et al., CVPR
    2023), but covers at random a large part of every picture; with a piece of street as filling it
    would teach to overlook what is there, and thin things, covered whole, to be painted anywhere.

    Args:
        photo: the view.
        labels: (h, w) uint8 of the view; left alone.
        rng: the only source of randomness.
    """
    photo, labels = photo.copy(), labels.copy()
    for _ in range(rng.integers(1, 4)):
        area = rng.uniform(0.005, 0.05) * photo.width * photo.height
        aspect = np.exp(rng.uniform(np.log(0.3), np.log(3.3)))
        height = int(np.clip(round(np.sqrt(area * aspect)), 1, photo.height))
        width = int(np.clip(round(np.sqrt(area / aspect)), 1, photo.width))
        top, left = _anywhere(photo, height, width, rng)
        photo.paste(_filling(photo, height, width, rng), (left, top))
        labels[top : top + height, left : left + width] = IGNORE
    return photo, labels


def _filling(photo: Photo, height: int, width: int, rng: Generator) -> Photo:
    kind = rng.integers(3)
    if kind == 0:
        return Image.new("RGB", (width, height), (int(rng.integers(256)),) * 3)
    if kind == 1:
        return Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))
    top, left = _anywhere(photo, height, width, rng)
    return photo.crop((left, top, left + width, top + height))


def _anywhere(photo: Photo, height: int, width: int, rng: Generator) -> tuple[int, int]:
    top = int(rng.integers(photo.height - height + 1))
    return top, int(rng.integers(photo.width - width + 1))


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
