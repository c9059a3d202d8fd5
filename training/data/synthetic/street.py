"""The street's cross-section and the ground: asphalt, kerb, pavement, parking strip, verge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from training.data.synthetic.canvas import ID, SCALE, Canvas, ink, tags_of
from training.data.synthetic.noise import SIZE, Textures
from training.data.synthetic.perspective import Floats

_PER_METRE = 50
_REACH = 40  # metres of cross-section to each side
_BRIGHTEST = 2.0  # the strongest light on the ground that the painting keeps
KERB = 0.28

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Street:
    """Widths in metres; `parking`, `pavement` and `verge` are (left, right)."""

    half_road: float
    parking: tuple[float, float]
    pavement: tuple[float, float]
    verge: tuple[float, float]
    two_way: bool
    crossing: float | None
    asphalt: Floats
    slabs: Floats

    def kerb(self, side: int) -> float:
        """Distance of the kerb's outer edge from the centre line; side is -1 left, 1 right."""
        return self.half_road + self.parking[side > 0] + KERB

    def front(self, side: int) -> float:
        """Distance of the building line from the centre line."""
        return self.kerb(side) + self.pavement[side > 0] + self.verge[side > 0]

    def own_lane(self) -> float:
        """The x of the lane the camera drives in."""
        return self.half_road / 2 if self.two_way else 0.0


def sample_street(rng: np.random.Generator) -> Street:
    """A street: from a narrow one-way lane to a four-lane avenue."""
    two_way = bool(rng.random() < 0.75)
    half_road = rng.uniform(3.2, 5.4) if two_way else rng.uniform(2.3, 3.2)
    parking = rng.choice([0.0, 2.2], 2, p=[0.35, 0.65])
    verge = rng.choice([0.0, 1.4, 2.6], 2, p=[0.5, 0.25, 0.25])
    pavement = rng.uniform(2.4, 4.2, 2)
    grey = rng.uniform(0.27, 0.36)
    return Street(
        half_road=float(half_road),
        parking=(float(parking[0]), float(parking[1])),
        pavement=(float(pavement[0]), float(pavement[1])),
        verge=(float(verge[0]), float(verge[1])),
        two_way=two_way,
        crossing=float(rng.uniform(14, 30)) if rng.random() < 0.55 else None,
        asphalt=np.array([grey, grey * 1.005, grey * rng.uniform(1.0, 1.07)]),
        slabs=np.array([0.50, 0.47, 0.44]) * rng.uniform(0.85, 1.1) * rng.uniform(0.97, 1.03, 3),
    )


def paint_ground(canvas: Canvas, street: Street, shade: NDArray[np.float32],
                 rng: np.random.Generator) -> None:  # fmt: skip
    """Paint the ground below the horizon; `shade` (height, width) 0..1 at the delivered size."""
    light = canvas.light
    top, x, z = canvas.camera.ground()
    colours, labels, rough = _profile(street, rng)
    column = np.clip((x + _REACH) * _PER_METRE, 0, 2 * _REACH * _PER_METRE - 1).astype(np.int16)
    flat = Image.fromarray(colours[column])
    draw_markings(canvas, street, flat, top, rng)
    grain = Image.fromarray(_grain(canvas.textures, x, z, rough[column], rng))
    flat = ImageChops.multiply(flat, Image.merge("RGB", (grain,) * 3))
    sunny = light.shade((1, 1, 1), (0, 1, 0))
    shaded = light.shade((1, 1, 1), (0, 1, 0), 0.0) * 0.82
    cover = Image.fromarray((np.minimum(shade, 1) * 255).astype(np.uint8))
    cover = cover.resize(canvas.photo.size, Image.Resampling.BILINEAR)
    cover = cover.crop((0, top, *canvas.photo.size))
    sun = Image.new("RGB", flat.size, ink(sunny / _BRIGHTEST))
    lit = ImageChops.multiply(flat, Image.composite(
        Image.new("RGB", flat.size, ink(shaded / _BRIGHTEST)), sun, cover))  # fmt: skip
    # Grain is stored halved, so that it can brighten too.
    lit = ImageChops.add(lit, lit, scale=1 / _BRIGHTEST)
    canvas.replace_rows(top, lit, tags_of(labels[column], z))


def _grain(textures: Textures, x: Pixels, z: Pixels, rough: Pixels, rng: np.random.Generator,
           ) -> NDArray[np.uint8]:  # fmt: skip
    """Fine grit that fades with distance, and stains; (rows, width), 128 leaves as it is."""
    wrap = SIZE - 1
    fine = textures.grit[(z * 44).astype(np.int32) & wrap, (x * 60).astype(np.int32) & wrap]
    # Traffic smears stains along the road; they are soft enough for half the resolution.
    u, v = x[::2, ::2] * 22 + rng.integers(SIZE), z[::2, ::2] * 8
    broad = textures.stains[v.astype(np.int32) & wrap, u.astype(np.int32) & wrap]
    broad = np.asarray(Image.fromarray(broad).resize(x.shape[::-1], Image.Resampling.BILINEAR))
    near = np.float32(40) / (1 + (z[:, :1] / 14) ** 2)
    grain = (fine * near + broad * np.float32(20)) * rough
    return (np.clip(grain, -120, 120) + 128).astype(np.uint8)


def _profile(street: Street, rng: np.random.Generator
             ) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:  # fmt: skip
    """The cross-section from -_REACH to _REACH: albedo (N, 3), label (N,), roughness (N,)."""
    across = (np.arange(2 * _REACH * _PER_METRE) + 0.5) / _PER_METRE - _REACH
    colours = np.tile(street.asphalt, (len(across), 1))
    labels = np.full(len(across), ID["road"], np.uint8)
    rough = np.ones(len(across), np.float32)
    lanes = (-street.half_road / 2, street.half_road / 2) if street.two_way else (0.0,)
    for lane in lanes:
        for track in (lane - 0.75, lane + 0.75):
            colours *= 1 - 0.10 * np.exp(-(((across - track) / 0.35) ** 2))[:, None]
    grass = np.array([0.30, 0.36, 0.15]) * rng.uniform(0.85, 1.1)
    for side in (-1, 1):
        edge = street.half_road
        kerb = street.kerb(side)
        verge = street.verge[side > 0]
        bands = (
            (edge, kerb - KERB, street.asphalt * 0.86, "parking", 1.0),
            (kerb - KERB - 0.35, kerb - KERB, street.asphalt * 0.72, "", 1.2),
            (kerb - KERB, kerb - KERB + 0.12, street.slabs * 0.72, "sidewalk", 0.6),
            (kerb - KERB + 0.12, kerb, street.slabs * 1.28, "sidewalk", 0.6),
            (kerb, kerb + verge, grass, "terrain", 2.2),
            (kerb + verge, street.front(side), street.slabs, "sidewalk", 0.8),
            (street.front(side) - 0.5, street.front(side), street.slabs * 0.86, "sidewalk", 0.8),
            (street.front(side), _REACH, street.slabs * 0.9, "sidewalk", 1.0),
        )
        for start, end, rgb, label, roughness in bands:
            inside = (across * side >= start) & (across * side < end)
            colours[inside], rough[inside] = rgb, roughness
            if label:
                labels[inside] = ID[label]
    return (np.clip(colours, 0, 1) * 255).astype(np.uint8), labels, rough


class _Brush:
    """Draws polygons of street coordinates on the flat albedo picture of the ground."""

    def __init__(self, canvas: Canvas, picture: Image.Image, top: int) -> None:
        self._camera = canvas.camera
        self._draw = ImageDraw.Draw(picture)
        self._top = top

    def patch(self, corners: list[tuple[float, float]], rgb: tuple[int, int, int]) -> None:
        outline, _ = self._camera.outline([(x, 0.0, z) for x, z in corners])
        if len(outline):
            self._draw.polygon((outline - [0, self._top]).ravel().tolist(), fill=rgb)

    def bar(self, x: float, z: float, width: float, length: float, rgb: tuple[int, int, int],
            ) -> None:  # fmt: skip
        """A rectangle whose near left corner is (x, z)."""
        self.patch([(x, z), (x + width, z), (x + width, z + length), (x, z + length)], rgb)


def draw_markings(canvas: Canvas, street: Street, picture: Image.Image, top: int,
                  rng: np.random.Generator) -> None:  # fmt: skip
    """Draw what lies on the ground, on its albedo `picture`, whose first row is row `top`."""
    brush = _Brush(canvas, picture, top)
    _repairs(brush, street, rng)
    _slab_joints(brush, street)
    paint = (int(rng.uniform(185, 225)),) * 3
    edge = street.half_road
    if street.two_way:
        first = rng.uniform(0, 6)
        for z in np.arange(1 + first, 140, 6.0):
            brush.bar(-0.07, float(z), 0.14, 3.0, paint)
        if street.half_road > 4.6:
            for z in np.arange(2 + first, 120, 9.0):
                brush.bar(edge * 0.62, float(z), 0.11, 1.2, paint)
    for side in (-1, 1):
        if street.parking[side > 0]:
            for z in np.arange(4.0, 90, 5.6):
                brush.bar(side * edge if side > 0 else -edge - 2.2, float(z), 2.2, 0.1, paint)
            for z in np.arange(2.0, 90, 1.0):
                brush.bar(side * edge - 0.05, float(z), 0.1, 0.5, paint)
        elif edge > 3.8:
            for z in np.arange(0.5, 120, 4.0):
                brush.bar(side * (edge - 0.45) - 0.06, float(z), 0.12, 4.02, paint)
    if street.crossing is not None:
        for x in np.arange(-edge + 0.35, edge - 0.5, 1.0):
            brush.bar(float(x), street.crossing, 0.5, 3.2, paint)
        brush.bar(0.1 if street.two_way else -edge, street.crossing - 1.6,
                  edge - 0.2 if street.two_way else edge * 2, 0.4, paint)  # fmt: skip


def _repairs(brush: _Brush, street: Street, rng: np.random.Generator) -> None:
    """Trenches, patches, cracks and manhole covers."""
    base = street.asphalt * 255
    for _ in range(int(rng.integers(2, 6))):
        x, z = rng.uniform(-street.half_road, street.half_road - 1.2), rng.uniform(4, 40)
        tone = [int(v) for v in base * rng.choice([0.80, 0.87, 1.1])]
        brush.bar(x, z, rng.uniform(0.7, 1.8), rng.uniform(1.5, 9), (tone[0], tone[1], tone[2]))
    tar = (int(base[0] * 0.6),) * 3
    for _ in range(int(rng.integers(2, 5))):
        path = np.cumsum(np.concatenate([
            [[rng.uniform(-street.half_road, street.half_road), rng.uniform(4, 22)]],
            rng.normal(0, 1, (9, 2)) * [0.16, 0.12] + [0, 0.8],
        ]), axis=0)  # fmt: skip
        brush.patch([*map(tuple, path), *map(tuple, path[::-1] + [0.035, 0])], tar)
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    for _ in range(int(rng.integers(1, 4))):
        x, z = rng.uniform(-street.half_road * 0.8, street.half_road * 0.8), rng.uniform(5, 30)
        for radius, tone in ((0.40, 0.55), (0.33, 0.78), (0.27, 0.66)):
            ring = [(x + radius * np.cos(a), z + radius * np.sin(a)) for a in turn]
            brush.patch(ring, (int(base[0] * tone),) * 3)


def _slab_joints(brush: _Brush, street: Street) -> None:
    joint = [int(v) for v in street.slabs * 205]
    rgb = (joint[0], joint[1], joint[2])
    for side in (-1, 1):
        kerb, front = side * street.kerb(side), side * street.front(side)
        start = kerb + side * street.verge[side > 0]
        for z in np.arange(5.0, 45, 0.9):
            brush.bar(min(start, front), float(z), abs(front - start), 0.02 + z * 0.0008, rgb)
            brush.bar(min(kerb, kerb - side * KERB), float(z), KERB, 0.03, rgb)
        for x in np.arange(start, front, side * 0.9):
            brush.bar(float(x), 5.0, 0.02, 55.0, rgb)


class Shade:
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
        return np.maximum(cast, 0) + np.asarray(soft, np.float32) * np.float32(0.9 / 255)
