"""The paired painter: every stroke goes into the photo and, with its label, into the mask."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from function_app.categories import LABELS
from training.data.synthetic.light import Light
from training.data.synthetic.perspective import FAR, Camera, Floats, homography

ID = {label.name: label.id for label in LABELS}
"""Cityscapes labelId by name."""

SCALE = 2
"""Pixels painted per pixel delivered, along each side; the photo is averaged down from them."""

_DEPTH_STEPS = 8  # per metre, above the label's byte in a tag


class Glow(NamedTuple):
    """A light that blooms: its pixel, radius in pixels, colour (3,) and depth in metres."""

    x: float
    y: float
    radius: float
    rgb: Floats
    depth: float


def ink(rgb: ArrayLike) -> tuple[int, int, int]:
    """A colour (3,) with 1.0 as white -> the 8-bit triple Pillow draws with."""
    red, green, blue = (np.clip(np.asarray(rgb), 0, 1) * 255 + 0.5).astype(int).tolist()
    return red, green, blue


def hull(points: Floats) -> Floats:
    """The convex outline (M, 2) of points (N, 2)."""
    ordered = sorted(map(tuple, points.tolist()))
    halves = []
    for run in (ordered, ordered[::-1]):
        chain: list[tuple[float, ...]] = []
        for point in run:
            while len(chain) > 1 and _turns_right(chain[-2], chain[-1], point):
                chain.pop()
            chain.append(point)
        halves.append(chain[:-1])
    return np.array(halves[0] + halves[1])


def _turns_right(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) <= (b[1] - a[1]) * (c[0] - a[0])


class Canvas:
    """A photo and its tags (label and depth), drawn at SCALE times the delivered size."""

    def __init__(self, camera: Camera, light: Light) -> None:
        self.camera = camera
        self.light = light
        size = (camera.width, camera.height)
        self.photo = Image.new("RGB", size)
        self.tags = Image.new("I", size, _tag("sky", FAR))
        self.glows: list[Glow] = []
        self._ink = ImageDraw.Draw(self.photo)
        self._tag = ImageDraw.Draw(self.tags)

    def fill(self, outline: Floats, rgb: ArrayLike, label: str | None, depth: float) -> None:
        """Fill a polygon of pixels (N, 2); without a label it decorates what lies beneath."""
        if len(outline) < 3:
            return
        points = outline.ravel().tolist()
        self._ink.polygon(points, fill=ink(rgb))
        if label:
            self._tag.polygon(points, fill=_tag(label, depth))

    def polygon(self, points: ArrayLike, rgb: ArrayLike, label: str | None = None) -> None:
        """Fill a polygon given in street coordinates (N, 3)."""
        outline, depth = self.camera.outline(points)
        self.fill(outline, rgb, label, depth)

    def disc(self, x: float, y: float, radius: float, rgb: ArrayLike) -> None:
        """Fill a circle of pixels in the photo alone."""
        self._ink.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink(rgb))

    def limb(
        self, ends: ArrayLike, radii: tuple[float, float], rgb: ArrayLike, label: str | None
    ) -> None:
        """A tapered round bar between two points (2, 3), its flanks shaded as the sun falls."""
        pixels, depth = self.camera.project(ends)
        if depth.min() < 1.0:
            return
        widths = np.array(radii) * self.camera.focal / depth
        tones = np.asarray(rgb) * (self.light.ambient + 0.75 * self.light.sun_rgb)
        dark = 0.55 + 0.3 * (self.light.shadow < 0.2)
        self.fill(_capsule(pixels, widths), tones * dark, label, float(depth.mean()))
        if widths.max() < 1.5:
            return
        side = np.sign(self.light.sun[0])
        for inset, tone in ((0.22, (dark + 1) / 2), (0.45, 1.0)):
            shift = np.array([side * inset, -inset * 0.5])
            moved = pixels + shift * widths[:, None]
            self.fill(_capsule(moved, widths * (1 - inset * 1.15)), tones * tone, None, 0)

    def box(
        self, low: ArrayLike, high: ArrayLike, albedo: ArrayLike, label: str | None, lit: float = 1
    ) -> None:
        """An upright box between two corners (3,) in street coordinates, its seen faces only."""
        low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
        (x0, y0, z0), (x1, y1, z1) = low, high
        eye_x = self.camera.x - self.camera.bend * ((z0 + z1) / 2) ** 2
        faces: list[tuple[list[tuple[float, ...]], tuple[int, int, int]]] = []
        x, nx = (x0, -1) if eye_x < (x0 + x1) / 2 else (x1, 1)
        if not x0 <= eye_x <= x1:
            faces.append(([(x, y0, z0), (x, y0, z1), (x, y1, z1), (x, y1, z0)], (nx, 0, 0)))
        if self.camera.y > y1:
            faces.append(([(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)], (0, 1, 0)))
        elif self.camera.y < y0:
            faces.append(([(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)], (0, -1, 0)))
        faces.append(([(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)], (0, 0, -1)))
        for corners, normal in faces:
            self.polygon(corners, self.light.shade(albedo, normal, lit), label)

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
        warped = image.transform(
            size,
            Image.Transform.PERSPECTIVE,
            homography(pixels - offset, corners),
            Image.Resampling.BILINEAR,
        )
        shape = Image.new("L", size)
        ImageDraw.Draw(shape).polygon((pixels - offset).ravel().tolist(), fill=255)
        self.photo.paste(warped, box[:2], shape)
        # The depth of a receding wall grows along it, so it is tagged in slices.
        for start in np.arange(6) / 6:
            top = quad[0] + (quad[1] - quad[0]) * np.array([[start], [start + 1 / 6]])
            low = quad[3] + (quad[2] - quad[3]) * np.array([[start + 1 / 6], [start]])
            outline, far = self.camera.outline(np.concatenate([top, low]))
            self._tag.polygon(outline.ravel().tolist(), fill=_tag(label, far))

    def sprite(self, image: Image.Image, box: tuple[int, int, int, int], label: str, depth: float,
               ) -> None:  # fmt: skip
        """Paste an RGBA picture scaled to a pixel box (left, top, right, bottom), may overhang."""
        inside = _clipped_box(np.array(box, np.float64).reshape(2, 2), self.photo.size)
        if inside is None:
            return
        fx, fy = image.width / (box[2] - box[0]), image.height / (box[3] - box[1])
        part = (
            (inside[0] - box[0]) * fx, (inside[1] - box[1]) * fy,
            (inside[2] - box[0]) * fx, (inside[3] - box[1]) * fy,
        )  # fmt: skip
        size = (inside[2] - inside[0], inside[3] - inside[1])
        scaled = image.resize(size, Image.Resampling.BILINEAR, box=part, reducing_gap=2.0)
        # One hard edge for both: a half-transparent rim would belong to two labels.
        shape = scaled.getchannel("A").point(lambda value: 255 * (value > 127))
        self.photo.paste(scaled, inside[:2], shape)
        self.tags.paste(_tag(label, depth), inside, shape)

    def glow(self, point: ArrayLike, size: float, rgb: ArrayLike) -> None:
        """Remember a light of `size` metres at a street point (3,), to bloom when developed."""
        pixels, depth = self.camera.project([point])
        radius = size * self.camera.focal / float(depth[0])
        colour = np.asarray(rgb, np.float64)
        self.glows.append(
            Glow(float(pixels[0, 0]), float(pixels[0, 1]), radius, colour, float(depth[0]))
        )

    def replace_rows(self, top: int, rgb: NDArray[np.uint8], tags: NDArray[np.int32]) -> None:
        """Set whole rows from `top` down: colours (rows, width, 3) and tags (rows, width)."""
        self.photo.paste(Image.fromarray(rgb), (0, top))
        self.tags.paste(Image.fromarray(tags), (0, top))

    def developed(self) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.float32]]:
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


def _capsule(pixels: Floats, widths: Floats) -> Floats:
    """The outline of a bar with round ends, (N, 2)."""
    along = pixels[1] - pixels[0]
    turn = np.arctan2(along[1], along[0])
    arc = np.linspace(np.pi / 2, 3 * np.pi / 2, 7 if widths.max() > 3 else 3)
    start = pixels[0] + widths[0] * np.stack([np.cos(turn + arc), np.sin(turn + arc)], 1)
    end = pixels[1] - widths[1] * np.stack([np.cos(turn + arc), np.sin(turn + arc)], 1)
    return np.concatenate([start, end])


def _clipped_box(points: Floats, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    low = np.maximum(np.floor(points.min(axis=0)), 0)
    high = np.minimum(np.ceil(points.max(axis=0)), size)
    if (high - low < 1).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
