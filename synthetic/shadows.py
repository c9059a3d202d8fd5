"""Shadows on the ground: of the sun, and the contact shadow below every object."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from synthetic.canvas import SCALE, Canvas
from synthetic.perspective import Floats


class GroundShadows:
    """Shadows on the ground, gathered before it is painted."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        size = (canvas.camera.width // SCALE, canvas.camera.height // SCALE)
        self._layer = Image.new("L", size)
        self._contact = Image.new("L", size)
        self._draw = ImageDraw.Draw(self._layer)
        self._draw_contact = ImageDraw.Draw(self._contact)

    def cast(self, points: Floats) -> None:
        """Add the shadow of an outline (N, 3): the hull of where the sun throws its points."""
        sun = self._canvas.light.sun
        shift = points[:, 1:2] / max(float(sun[1]), 0.12)
        ground = points - sun * shift
        ground[:, 1] = 0
        self.ground(ground, 255)

    def ground(self, points: Floats, level: int) -> None:
        """Add a polygon on the ground (N, 3); `level` 0..255 is its darkness."""
        outline, _ = self._canvas.camera.outline(points)
        if len(outline):
            self._draw.polygon((outline / SCALE).ravel().tolist(), fill=level)

    def contact(self, points: Floats) -> None:
        """Darken the ground under a body standing on it, sun or not."""
        outline, _ = self._canvas.camera.outline(points)
        if len(outline):
            self._draw_contact.polygon((outline / SCALE).ravel().tolist(), fill=255)

    def finished(self) -> NDArray[np.float32]:
        """Darkness (height, width) float32 at the delivered size; 1 is full shadow, more is AO."""
        width = self._layer.width
        sun = self._layer.filter(ImageFilter.GaussianBlur(width / 900))
        small = self._contact.reduce(2).filter(ImageFilter.GaussianBlur(width / 400))
        soft = small.resize(self._contact.size, Image.Resampling.BILINEAR)
        direct = self._canvas.light.shadow
        cast = np.asarray(sun, np.float32) * np.float32(direct / 255)
        return cast + np.asarray(soft, np.float32) * np.float32(0.9 / 255)
