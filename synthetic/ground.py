"""The ground: its bands pixel by pixel, what is drawn on it, and the shadows that fall on it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from synthetic.canvas import ID, SCALE, Canvas, tags_of, to_rgb8
from synthetic.noise import SIZE, Textures
from synthetic.street import KERB, Street

_PER_METRE = 50
_REACH = 40  # metres of cross-section to each side
_BRIGHTEST = 2.0  # the strongest light on the ground that the painting keeps

Pixels = NDArray[np.float32]
Rgb8 = tuple[int, int, int]


class GroundShadows:
    """Shadows on the ground, gathered before it is painted."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        size = (canvas.camera.width // SCALE, canvas.camera.height // SCALE)
        self._cast, self._contact = Image.new("L", size), Image.new("L", size)

    def cast(self, points: ArrayLike) -> None:
        """Add the shadow of an outline (N, 3): where the sun throws its points."""
        ground, sun = np.array(points, np.float64), self._canvas.light.sun
        ground -= sun * (ground[:, 1:2] / max(float(sun[1]), 0.12))
        ground[:, 1] = 0
        self._darken(self._cast, ground)

    def contact(self, points: ArrayLike) -> None:
        """Darken the ground under a body standing on it, sun or not."""
        self._darken(self._contact, points)

    def _darken(self, layer: Image.Image, points: ArrayLike) -> None:
        outline, _ = self._canvas.camera.outline(points)
        if len(outline):
            ImageDraw.Draw(layer).polygon((outline / SCALE).ravel().tolist(), fill=255)

    def finished(self) -> Pixels:
        """Darkness (height, width) float32 at the delivered size; 1 is full shadow, more is AO."""
        width = self._cast.width
        sun = self._cast.filter(ImageFilter.GaussianBlur(width / 900))
        small = self._contact.reduce(2).filter(ImageFilter.GaussianBlur(width / 400))
        soft = small.resize(self._contact.size, Image.Resampling.BILINEAR)
        cast = np.asarray(sun, np.float32) * np.float32(self._canvas.light.shadow / 255)
        return cast + np.asarray(soft, np.float32) * np.float32(0.9 / 255)


def paint_ground(canvas: Canvas, street: Street, shade: Pixels, rng: np.random.Generator) -> None:
    """Paint the ground below the horizon; `shade` (height, width) 0..1 at the delivered size."""
    light = canvas.light
    top, x, z = canvas.camera.ground()
    colours, labels, rough = _profile(street, rng)
    column = np.clip((x + _REACH) * _PER_METRE, 0, 2 * _REACH * _PER_METRE - 1).astype(np.int16)
    flat = Image.fromarray(np.take(colours, column, axis=0))
    _Markings(canvas, street, flat, top).draw(rng)
    grain = Image.fromarray(_grain(canvas.textures, x, z, np.take(rough, column), rng))
    flat = ImageChops.multiply(flat, Image.merge("RGB", (grain,) * 3))
    sunny = light.shade((1, 1, 1), (0, 1, 0))
    shaded = light.shade((1, 1, 1), (0, 1, 0), 0.0) * 0.82
    cover = Image.fromarray((np.minimum(shade, 1) * 255).astype(np.uint8))
    cover = cover.resize(canvas.photo.size, Image.Resampling.BILINEAR)
    cover = cover.crop((0, top, *canvas.photo.size))
    sun, dark = (Image.new("RGB", flat.size, to_rgb8(rgb / _BRIGHTEST)) for rgb in (sunny, shaded))
    lit = ImageChops.multiply(flat, Image.composite(dark, sun, cover))
    # Grain is stored halved, so that it can brighten too.
    lit = ImageChops.add(lit, lit, scale=1 / _BRIGHTEST)
    canvas.replace_rows(top, lit, tags_of(np.take(labels, column), z))


def _grain(
    textures: Textures, x: Pixels, z: Pixels, rough: Pixels, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Fine grit that fades with distance, and stains; (rows, width), 128 leaves as it is."""
    wrap = SIZE - 1
    fine = textures.grit[(z * 44).astype(np.int32) & wrap, (x * 60).astype(np.int32) & wrap]
    # Traffic smears stains along the road; they are soft enough for half the resolution.
    u, v = x[::2, ::2] * 22 + rng.integers(SIZE), z[::2, ::2] * 8
    broad = textures.stains[v.astype(np.int32) & wrap, u.astype(np.int32) & wrap]
    broad = np.asarray(Image.fromarray(broad).resize(x.shape[::-1], Image.Resampling.BILINEAR))
    near = np.float32(40) / (1 + (z[:, :1] / 14) ** 2)
    grain = (fine * near + broad * np.float32(20)) * rough
    return np.asarray(np.clip(grain, -120, 120) + 128, np.uint8)


def _profile(
    street: Street, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Pixels]:
    """The cross-section from -_REACH to _REACH: albedo (N, 3), label (N,), roughness (N,)."""
    across = (np.arange(2 * _REACH * _PER_METRE) + 0.5) / _PER_METRE - _REACH
    colours = np.tile(street.asphalt, (len(across), 1))
    labels = np.full(len(across), ID["road"], np.uint8)
    rough = np.ones(len(across), np.float32)
    for lane in (-street.half_road / 2, street.half_road / 2) if street.two_way else (0.0,):
        for track in (lane - 0.75, lane + 0.75):
            colours *= 1 - 0.10 * np.exp(-(((across - track) / 0.35) ** 2))[:, None]
    grass = np.array([0.30, 0.36, 0.15]) * rng.uniform(0.85, 1.1)
    asphalt, slabs = street.asphalt, street.slabs
    for side in (-1, 1):
        kerb, front = street.kerb(side), street.front(side)
        gutter, edge = kerb - KERB, kerb + street.verge[side > 0]
        bands = (
            (street.half_road, gutter, asphalt * 0.86, "parking", 1.0),
            (gutter - 0.35, gutter, asphalt * 0.72, "", 1.2),
            (gutter, gutter + 0.12, slabs * 0.72, "sidewalk", 0.6),
            (gutter + 0.12, kerb, slabs * 1.28, "sidewalk", 0.6),
            (kerb, edge, grass, "terrain", 2.2),
            (edge, front, slabs, "sidewalk", 0.8),
            (front - 0.5, front, slabs * 0.86, "sidewalk", 0.8),
            (front, _REACH, grass * 0.85, "terrain", 2.2),
        )
        for start, end, rgb, label, roughness in bands:
            inside = (across * side >= start) & (across * side < end)
            colours[inside], rough[inside] = rgb, roughness
            if label:
                labels[inside] = ID[label]
    return (np.clip(colours, 0, 1) * 255).astype(np.uint8), labels, rough


class _Markings:
    """Draws what lies on the road, on the flat albedo picture that starts at row `top`."""

    def __init__(self, canvas: Canvas, street: Street, picture: Image.Image, top: int) -> None:
        self._camera, self._street, self._top = canvas.camera, street, top
        self._draw = ImageDraw.Draw(picture)

    def draw(self, rng: np.random.Generator) -> None:
        self._repairs(rng)
        self._slab_joints()
        white = int(rng.uniform(185, 225))
        paint = (white, white, white)
        if self._street.two_way:
            self._lanes(paint, rng.uniform(0, 6))
        self._edges(paint)
        if self._street.crossing is not None:
            self._crossing(paint, self._street.crossing)

    def _patch(self, corners: list[tuple[float, float]], rgb: Rgb8) -> None:
        outline, _ = self._camera.outline([(x, 0.0, z) for x, z in corners])
        if len(outline):
            self._draw.polygon((outline - [0, self._top]).ravel().tolist(), fill=rgb)

    def _bar(self, x: float, z: float, width: float, length: float, rgb: Rgb8) -> None:
        """A rectangle whose near left corner is (x, z)."""
        self._patch([(x, z), (x + width, z), (x + width, z + length), (x, z + length)], rgb)

    def _lanes(self, paint: Rgb8, first: float) -> None:
        for z in np.arange(1 + first, 140, 6.0):
            self._bar(-0.07, float(z), 0.14, 3.0, paint)
        if self._street.half_road > 4.6:  # room for a cycle lane
            for z in np.arange(2 + first, 120, 3.0):
                self._bar(self._street.half_road - 1.7, float(z), 0.11, 1.2, paint)

    def _edges(self, paint: Rgb8) -> None:
        """Parking bays, else a solid line along the kerb of a wide road."""
        edge = self._street.half_road
        for side in (-1, 1):
            wide = self._street.parking[side > 0]
            if wide:
                for z in np.arange(4.0, 90, 5.6):
                    self._bar(min(side * edge, side * (edge + wide)), float(z), wide, 0.1, paint)
                for z in np.arange(2.0, 90, 1.0):
                    self._bar(side * edge - 0.05, float(z), 0.1, 0.5, paint)
            elif edge > 3.8:
                # Short pieces follow the bend.
                for z in np.arange(0.5, 120, 4.0):
                    self._bar(side * (edge - 0.45) - 0.06, float(z), 0.12, 4.02, paint)

    def _crossing(self, paint: Rgb8, z: float) -> None:
        edge = self._street.half_road
        for x in np.arange(-edge + 0.35, edge - 0.5, 1.0):
            self._bar(float(x), z, 0.5, 3.2, paint)
        start = 0.1 if self._street.two_way else 0.1 - edge
        self._bar(start, z - 1.6, edge - 0.1 - start, 0.4, paint)

    def _repairs(self, rng: np.random.Generator) -> None:
        """Trenches, patches, cracks and manhole covers."""
        edge, asphalt = self._street.half_road, self._street.asphalt
        for _ in range(int(rng.integers(2, 6))):
            x, z = rng.uniform(-edge, edge - 1.2), rng.uniform(4, 40)
            tone = to_rgb8(asphalt * rng.choice([0.80, 0.87, 1.1]))
            self._bar(x, z, rng.uniform(0.7, 1.8), rng.uniform(1.5, 9), tone)
        for _ in range(int(rng.integers(2, 5))):
            start = [[rng.uniform(-edge, edge), rng.uniform(4, 22)]]
            steps = rng.normal(0, 1, (9, 2)) * [0.16, 0.12] + [0, 0.8]
            path = np.cumsum(np.concatenate([start, steps]), axis=0)
            crack = np.concatenate([path, np.add(path[::-1], (0.035, 0))])
            self._patch([(x, z) for x, z in crack], to_rgb8(asphalt * 0.6))
        angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        for _ in range(int(rng.integers(1, 4))):
            x, z = rng.uniform(-edge * 0.8, edge * 0.8), rng.uniform(5, 30)
            for radius, shade in ((0.40, 0.55), (0.33, 0.78), (0.27, 0.66)):
                ring = [(x + radius * np.cos(a), z + radius * np.sin(a)) for a in angles]
                self._patch(ring, to_rgb8(asphalt * shade))

    def _slab_joints(self) -> None:
        street, rgb = self._street, to_rgb8(self._street.slabs * 0.8)
        for side in (-1, 1):
            kerb, front = side * street.kerb(side), side * street.front(side)
            start = kerb + side * street.verge[side > 0]
            for z in np.arange(5.0, 45, 0.9):
                self._bar(min(start, front), float(z), abs(front - start), 0.02 + z * 0.0008, rgb)
                self._bar(min(kerb, kerb - side * KERB), float(z), KERB, 0.03, rgb)
            for x in np.arange(start, front, side * 0.9):
                self._bar(float(x), 5.0, 0.02, 55.0, rgb)
