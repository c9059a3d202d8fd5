"""What lies on the road: lines, crossings, repairs, manhole covers, the joints of the slabs."""

import numpy as np
from PIL import Image, ImageDraw

from synthetic.canvas import Canvas, to_rgb8
from synthetic.street import KERB, Street

Rgb8 = tuple[int, int, int]


class _GroundBrush:
    """Draws polygons of street coordinates on the flat albedo picture of the ground."""

    def __init__(self, canvas: Canvas, picture: Image.Image, top: int) -> None:
        self._camera = canvas.camera
        self._draw = ImageDraw.Draw(picture)
        self._top = top

    def patch(self, corners: list[tuple[float, float]], rgb: Rgb8) -> None:
        outline, _ = self._camera.outline([(x, 0.0, z) for x, z in corners])
        if len(outline):
            self._draw.polygon((outline - [0, self._top]).ravel().tolist(), fill=rgb)

    def bar(
        self,
        x: float,
        z: float,
        width: float,
        length: float,
        rgb: Rgb8,
    ) -> None:
        """A rectangle whose near left corner is (x, z)."""
        self.patch([(x, z), (x + width, z), (x + width, z + length), (x, z + length)], rgb)


def draw_markings(
    canvas: Canvas, street: Street, picture: Image.Image, top: int, rng: np.random.Generator
) -> None:
    """Draw what lies on the ground, on its albedo `picture`, whose first row is row `top`."""
    brush = _GroundBrush(canvas, picture, top)
    _repairs(brush, street, rng)
    _slab_joints(brush, street)
    white = int(rng.uniform(185, 225))
    _lanes(brush, street, (white, white, white), rng)
    _edges(brush, street, (white, white, white))
    if street.crossing is not None:
        _crossing(brush, street, street.crossing, (white, white, white))


def _lanes(brush: _GroundBrush, street: Street, paint: Rgb8, rng: np.random.Generator) -> None:
    if not street.two_way:
        return
    first = rng.uniform(0, 6)
    for z in np.arange(1 + first, 140, 6.0):
        brush.bar(-0.07, float(z), 0.14, 3.0, paint)
    if street.half_road > 4.6:  # room for a cycle lane
        for z in np.arange(2 + first, 120, 3.0):
            brush.bar(street.half_road - 1.7, float(z), 0.11, 1.2, paint)


def _edges(brush: _GroundBrush, street: Street, paint: Rgb8) -> None:
    """Parking bays, else a solid line along the kerb of a wide road."""
    edge = street.half_road
    for side in (-1, 1):
        wide = street.parking[side > 0]
        if wide:
            for z in np.arange(4.0, 90, 5.6):
                brush.bar(min(side * edge, side * (edge + wide)), float(z), wide, 0.1, paint)
            for z in np.arange(2.0, 90, 1.0):
                brush.bar(side * edge - 0.05, float(z), 0.1, 0.5, paint)
        elif edge > 3.8:
            # Short pieces follow the bend.
            for z in np.arange(0.5, 120, 4.0):
                brush.bar(side * (edge - 0.45) - 0.06, float(z), 0.12, 4.02, paint)


def _crossing(brush: _GroundBrush, street: Street, z: float, paint: Rgb8) -> None:
    edge = street.half_road
    for x in np.arange(-edge + 0.35, edge - 0.5, 1.0):
        brush.bar(float(x), z, 0.5, 3.2, paint)
    start = 0.1 if street.two_way else 0.1 - edge
    brush.bar(start, z - 1.6, edge - 0.1 - start, 0.4, paint)


def _repairs(brush: _GroundBrush, street: Street, rng: np.random.Generator) -> None:
    """Trenches, patches, cracks and manhole covers."""
    for _ in range(int(rng.integers(2, 6))):
        x, z = rng.uniform(-street.half_road, street.half_road - 1.2), rng.uniform(4, 40)
        tone = to_rgb8(street.asphalt * rng.choice([0.80, 0.87, 1.1]))
        brush.bar(x, z, rng.uniform(0.7, 1.8), rng.uniform(1.5, 9), tone)
    tar = to_rgb8(street.asphalt * 0.6)
    for _ in range(int(rng.integers(2, 5))):
        path = np.cumsum(np.concatenate([
            [[rng.uniform(-street.half_road, street.half_road), rng.uniform(4, 22)]],
            rng.normal(0, 1, (9, 2)) * [0.16, 0.12] + [0, 0.8],
        ]), axis=0)  # fmt: skip
        crack = np.concatenate([path, np.add(path[::-1], (0.035, 0))])
        brush.patch([(x, z) for x, z in crack], tar)
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    for _ in range(int(rng.integers(1, 4))):
        x, z = rng.uniform(-street.half_road * 0.8, street.half_road * 0.8), rng.uniform(5, 30)
        for radius, shade in ((0.40, 0.55), (0.33, 0.78), (0.27, 0.66)):
            ring = [(x + radius * np.cos(a), z + radius * np.sin(a)) for a in angles]
            brush.patch(ring, to_rgb8(street.asphalt * shade))


def _slab_joints(brush: _GroundBrush, street: Street) -> None:
    rgb = to_rgb8(street.slabs * 0.8)
    for side in (-1, 1):
        kerb, front = side * street.kerb(side), side * street.front(side)
        start = kerb + side * street.verge[side > 0]
        for z in np.arange(5.0, 45, 0.9):
            brush.bar(min(start, front), float(z), abs(front - start), 0.02 + z * 0.0008, rgb)
            brush.bar(min(kerb, kerb - side * KERB), float(z), KERB, 0.03, rgb)
        for x in np.arange(start, front, side * 0.9):
            brush.bar(float(x), 5.0, 0.02, 55.0, rgb)
