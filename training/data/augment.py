"""Synchronous augmentation of photo and labels, in groups a configuration switches."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from function_app.categories import IGNORE
from function_app.photo import PAD_VALUE, resize, resize_mask

Photo = NDArray[np.uint8]
Labels = NDArray[np.uint8]

ZOOM_RANGE = (0.65, 2.4)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Which groups are on.

    Attributes:
        geometry: mirror, zoom and shift; without it the whole photo is fitted into the input.
        light: brightness, contrast, gamma, colour balance, saturation.
        camera: blur, sensor noise, JPEG compression.
    """

    geometry: bool = True
    light: bool = True
    camera: bool = True

    def photometric(self, photo: Photo, rng: Generator) -> Photo:
        """Apply the groups that leave geometry, and so labels, alone; (h, w, 3) uint8."""
        if self.light:
            photo = _light(photo, rng)
        if self.camera:
            photo = _camera(photo, rng)
        return photo


def random_view(
    photo: Photo, labels: Labels, fit_scale: float, size: tuple[int, int], rng: Generator
) -> tuple[Photo, Labels]:
    """Cut a mirrored, zoomed, shifted view out of a scene.

    Args:
        photo: (h, w, 3).
        labels: (h, w).
        fit_scale: the scale at which the service would fit this photo; zoom is relative to it.
        size: (height, width) of the view.
        rng: the only source of randomness.

    Returns:
        View and labels. Where the zoomed scene does not reach, the view is padded as
        `function_app.photo.fit` pads and labels are IGNORE.
    """
    height, width = size
    zoom = float(np.exp(rng.uniform(*np.log(ZOOM_RANGE))))
    inner_h = max(1, round(photo.shape[0] * fit_scale * zoom))
    inner_w = max(1, round(photo.shape[1] * fit_scale * zoom))
    photo, labels = resize(photo, inner_h, inner_w), resize_mask(labels, inner_h, inner_w)
    top = int(rng.integers(0, max(0, inner_h - height) + 1))
    left = int(rng.integers(0, max(0, inner_w - width) + 1))
    photo = photo[top : top + height, left : left + width]
    labels = labels[top : top + height, left : left + width]
    if rng.random() < 0.5:
        photo, labels = photo[:, ::-1], labels[:, ::-1]
    return pad(photo, height, width, PAD_VALUE), pad(labels, height, width, IGNORE)


def pad(array: NDArray[np.uint8], height: int, width: int, value: int) -> NDArray[np.uint8]:
    """Pad (h, w, ...) at the bottom and right to (height, width, ...)."""
    missing = (height - array.shape[0], width - array.shape[1])
    if missing == (0, 0):
        return np.ascontiguousarray(array)
    widths = [(0, missing[0]), (0, missing[1])] + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, widths, constant_values=value)


def _light(photo: Photo, rng: Generator) -> Photo:
    # One lookup table a channel does brightness, contrast, gamma and white balance at once.
    gamma = np.exp(rng.uniform(-0.35, 0.35))
    contrast, brightness = rng.uniform(0.75, 1.3), rng.uniform(-0.12, 0.12)
    gains = rng.uniform(0.9, 1.1, 3)
    ramp = (np.linspace(0, 1, 256) ** gamma - 0.5) * contrast + 0.5 + brightness
    tables = np.clip(ramp[None] * gains[:, None] * 255, 0, 255).astype(np.uint8)
    image = Image.fromarray(photo).point(tables.ravel().tolist())
    return np.asarray(ImageEnhance.Color(image).enhance(rng.uniform(0.6, 1.4)))


def _camera(photo: Photo, rng: Generator) -> Photo:
    image = Image.fromarray(photo)
    if rng.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.3)))
    if rng.random() < 0.3:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=int(rng.integers(30, 90)))
        image = Image.open(out)
    photo = np.asarray(image)
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(2, 10), photo.shape).astype(np.float32)
        photo = np.clip(photo + noise, 0, 255).astype(np.uint8)
    return photo
