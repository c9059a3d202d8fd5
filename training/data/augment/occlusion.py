"""Occlusion: something is in the way."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Image as Photo

from function_app.vision.categories import IGNORE

Occluded = tuple[Photo, NDArray[np.uint8]]


def occlusion(photo: Photo, labels: NDArray[np.uint8], rng: Generator) -> Occluded:
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
