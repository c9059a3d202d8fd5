"""Draws photo and mask together: every polygon goes into both, into the mask with its label."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from function_app.vision.categories import LABELS
from synthetic.light import Light
from synthetic.noise import Textures
from synthetic.perspective import FAR, Camera, Floats, capsule, homography, hull

ID = {label.name: label.id for label in LABELS}
"""Cityscapes labelId by name."""

SCALE = 2
"""Pixels painted per pixel delivered, along each side; the photo is averaged down from them."""

Rgb = Floats | tuple[float, float, float]

_DEPTH_STEPS = 8  # per metre, above the label's byte in a tag


class Glow(NamedTuple):
    """A light that blooms: its pixel, radius in pixels, colour (3,) and depth in metres."""

    x: float
    y: float
    radius: float
    rgb: Floats
    depth: float


def to_rgb8(rgb: Rgb) -> tuple[int, int, int]:
    """A colour (3,) with 1.0 as white -> the 8-bit triple Pillow draws with."""
    # Plain numbers: this runs for every polygon, where an array's overhead would show.
    red, green, blue = rgb.tolist() if isinstance(rgb, np.ndarray) else rgb
    return _byte(red), _byte(green), _byte(blue)


def _byte(level: float) -> int:
    return 0 if level <= 0 else 255 if level >= 1 else int(level * 255 + 0.5)


class Canvas:
    """A photo and its tags (label and depth), drawn at SCALE times the delivered size."""

    def __init__(self, camera: Camera, light: Light, textures: Textures) -> None:
        self.camera = camera
        self.light = light
        self.textures = textures
        size = (camera.width, camera.height)
        self.photo = Image.new("RGB", size)
        self.tags = Image.new("I", size, _tag("sky", FAR))
        self.glows: list[Glow] = []
        self._draw_photo = ImageDraw.Draw(self.photo)
        self._draw_tag = ImageDraw.Draw(self.tags)

    def fill(self, outline: Floats, rgb: Rgb, label: str | None, depth: float) -> None:
        """Fill a polygon of pixels (N, 2); without a label it decorates what lies beneath."""
        if len(outline) < 3:
            return
        points = outline.ravel().tolist()
        self._draw_photo.polygon(points, fill=to_rgb8(rgb))
        if label:
            self._draw_tag.polygon(points, fill=_tag(label, depth))

    def polygon(self, points: ArrayLike, rgb: Rgb, label: str | None = None) -> None:
        """Fill a polygon given in street coordinates (N, 3)."""
        outline, depth = self.camera.outline(points)
        self.fill(outline, rgb, label, depth)

    def tapered_bar(
        self,
        ends: ArrayLike,
        radii: tuple[float, float],
        rgb: ArrayLike,
        label: str | None,
        *,
        blunt: bool = False,
    ) -> None:
        """A tapered bar between two points (2, 3), its flanks shaded as the sun falls.

        Its ends are round, or cut off square if `blunt`.
        """
        pixels, depth = self.camera.project(ends)
        if depth.min() < 1.0:
            return
        widths = np.array(radii) * self.camera.focal / depth
        tones = np.asarray(rgb) * (self.light.ambient + 0.75 * self.light.sun_rgb)
        dark = 0.64 + 0.2 * (self.light.shadow < 0.2)
        self.fill(capsule(pixels, widths, blunt), tones * dark, label, float(depth.mean()))
        if widths.max() < 1.5:
            return
        side = np.sign(self.light.sun[0])
        for inset, tone in ((0.22, (dark + 1) / 2), (0.45, 1.0)):
            shift = np.array([side * inset, 0 if blunt else -inset * 0.5])
            moved = pixels + shift * widths[:, None]
            self.fill(capsule(moved, widths * (1 - inset * 1.15), blunt), tones * tone, None, 0)

    def skin(self, joints: ArrayLike, radii: Sequence[float], rgb: ArrayLike, label: str) -> None:
        """The convex skin around balls at street points (N, 3), shaded like `tapered_bar`."""
        pixels, depth = self.camera.project(joints)
        widths = (np.array(radii) * self.camera.focal / depth)[:, None, None]
        tones = np.asarray(rgb) * (self.light.ambient + 0.75 * self.light.sun_rgb)
        dark = 0.64 + 0.2 * (self.light.shadow < 0.2)
        side = np.sign(self.light.sun[0])
        for inset, tone in ((0.0, dark), (0.20, (dark + 1) / 2), (0.42, 1.0)):
            shift = np.array([side * inset, -inset * 0.4]) * widths
            balls = pixels[:, None] + shift + _CIRCLE * widths * (1 - inset)
            skin = hull(balls.reshape(-1, 2))
            self.fill(skin, tones * tone, label if not inset else None, float(depth.mean()))
            if widths.max() < 2:
                return

    def box(
        self, low: ArrayLike, high: ArrayLike, albedo: ArrayLike, label: str | None, lit: float = 1
    ) -> None:
        """An upright box between two corners (3,) in street coordinates, its seen faces only."""
        (x0, y0, z0), (x1, y1, z1) = np.asarray(low, np.float64), np.asarray(high, np.float64)
        eye_x = self.camera.x - self.camera.bend * ((z0 + z1) / 2) ** 2

        def face(corners: ArrayLike, normal: tuple[int, int, int]) -> None:
            self.polygon(corners, self.light.shade(albedo, normal, lit), label)

        x, nx = (x0, -1) if eye_x < (x0 + x1) / 2 else (x1, 1)
        if not x0 <= eye_x <= x1:
            face([(x, y0, z0), (x, y0, z1), (x, y1, z1), (x, y1, z0)], (nx, 0, 0))
        if self.camera.y > y1 or self.camera.y < y0:
            y, ny = (y1, 1) if self.camera.y > y1 else (y0, -1)
            face([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], (0, ny, 0))
        face([(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)], (0, 0, -1))

    def texture(self, image: Image.Image, quad: ArrayLike, label: str) -> None:
        """Hang a picture on a flat quad (4, 3) of street coordinates, its top-left corner first."""
        quad = np.asarray(quad, np.float64)
        pixels, depth = self.camera.project(quad)
        box = _clipped_box(pixels, self.photo.size)
        if depth.min() <= 0.5 or box is None:
            return
        offset = np.array(box[:2])
        size = (box[2] - box[0], box[3] - box[1])
        width, height = image.size
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
        seen = homography(pixels - offset, corners)
        warped = image.transform(size, Image.Transform.PERSPECTIVE, seen, Image.Resampling.BILINEAR)
        shape = Image.new("L", size)
        ImageDraw.Draw(shape).polygon((pixels - offset).ravel().tolist(), fill=255)
        self.photo.paste(warped, box[:2], shape)
        # The depth of a receding wall grows along it, so it is tagged in slices.
        for start in np.arange(6) / 6:
            top = quad[0] + (quad[1] - quad[0]) * np.array([[start], [start + 1 / 6]])
            low = quad[3] + (quad[2] - quad[3]) * np.array([[start + 1 / 6], [start]])
            outline, far = self.camera.outline(np.concatenate([top, low]))
            self._draw_tag.polygon(outline.ravel().tolist(), fill=_tag(label, far))

    def sprite(
        self, picture: Image.Image, shape: Image.Image, box: tuple[int, int, int, int],
        tag: tuple[str, float],
    ) -> None:  # fmt: skip
        """Paste an RGB picture, cut to its L shape, into a pixel box that may overhang.

        `tag` is the label and the depth in metres.
        """
        inside = _clipped_box(np.array(box, np.float64).reshape(2, 2), self.photo.size)
        if inside is None:
            return
        left, top, right, low = inside
        fx, fy = picture.width / (box[2] - box[0]), picture.height / (box[3] - box[1])
        part = ((left - box[0]) * fx, (top - box[1]) * fy,
                (right - box[0]) * fx, (low - box[1]) * fy)  # fmt: skip
        size = (right - left, low - top)
        scaled = picture.resize(size, Image.Resampling.BILINEAR, box=part)
        cut = shape.resize(size, Image.Resampling.BILINEAR, box=part)
        # One hard edge for both: a half-transparent rim would belong to two labels.
        cut = cut.point(_THRESHOLD)
        self.photo.paste(scaled, inside[:2], cut)
        self.tags.paste(_tag(*tag), inside, cut)

    def glow(self, point: Sequence[float] | Floats, size: float, rgb: ArrayLike) -> None:
        """Remember a light of `size` metres at a street point (3,); `weather` adds its bloom."""
        ((x, y),), (depth,) = self.camera.project(np.asarray(point)[None])
        radius = size * self.camera.focal / float(depth)
        self.glows.append(
            Glow(float(x), float(y), radius, np.asarray(rgb, np.float64), float(depth))
        )

    def replace_rows(self, top: int, photo: Image.Image, tags: NDArray[np.int32]) -> None:
        """Set whole rows from `top` down: an RGB picture and its tags (rows, width)."""
        self.photo.paste(photo, (0, top))
        self.tags.paste(Image.fromarray(tags), (0, top))

    def downsampled(self) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.float32]]:
        """At the delivered size: photo (H, W, 3) 0..1, labels (H, W), depths (H, W) in metres."""
        small = self.photo.reduce(SCALE)
        tags = np.asarray(self.tags)[1::SCALE, 1::SCALE]
        photo = np.asarray(small, np.float32) / np.float32(255)
        depth = (tags >> 8).astype(np.float32) / np.float32(_DEPTH_STEPS)
        return photo, (tags & 255).astype(np.uint8), depth


def tags_of(labels: NDArray[np.uint8], depth: NDArray[np.float32]) -> NDArray[np.int32]:
    """Labels and depths in metres, both (H, W) -> the tags `replace_rows` takes."""
    steps = (np.minimum(depth, FAR) * _DEPTH_STEPS).astype(np.int32)
    return (steps << 8) | labels


def _tag(label: str, depth: float) -> int:
    return ID[label] | int(min(depth, FAR) * _DEPTH_STEPS) << 8


_THRESHOLD = [0] * 128 + [255] * 128
_CIRCLE = np.stack([np.cos(np.arange(10) * np.pi / 5), np.sin(np.arange(10) * np.pi / 5)], axis=1)


def _clipped_box(points: Floats, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    low = np.maximum(np.floor(points.min(axis=0)), 0)
    high = np.minimum(np.ceil(points.max(axis=0)), size)
    if (high - low < 1).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
