"""What stands on the lots along the street, and the view at its end."""

import itertools
from typing import NamedTuple

import numpy as np
from PIL import Image

from synthetic.canvas import Canvas
from synthetic.facade import blank, elevation, wall_dirt
from synthetic.ground import GroundShadows
from synthetic.perspective import Floats
from synthetic.street import END, Lot, Street, Style
from synthetic.vegetation import Foliage, paint_bush, paint_crown, paint_tree

DEEP = 11.0  # metres from a house's front to its back

Span = tuple[float, float]


def _upright(x: float, y: Span, z: Span) -> list[tuple[float, float, float]]:
    """The corners of a rectangle that runs along the street."""
    return [(x, y[0], z[0]), (x, y[0], z[1]), (x, y[1], z[1]), (x, y[1], z[0])]


def _facing(x: Span, y: Span, z: float) -> list[tuple[float, float, float]]:
    """The corners of a rectangle that faces the camera, from the left one at `y[0]`."""
    return [(x[0], y[0], z), (x[1], y[0], z), (x[1], y[1], z), (x[0], y[1], z)]


def cast_shadows(shadows: GroundShadows, street: Street, lots: list[Lot]) -> None:
    """Throw the houses' shadows on the ground."""
    for lot in lots:
        if lot.style is None:
            continue
        x, start, end = lot.side * street.front(lot.side), lot.start, lot.end
        back = x + lot.side * DEEP
        # Each wall throws a quad; together they cover the house's shadow.
        corners = ((x, start), (x, end), (back, end), (back, start), (x, start))
        for (ax, az), (bx, bz) in itertools.pairwise(corners):
            top = lot.style.height
            shadows.cast([(ax, 0, az), (ax, top, az), (bx, top, bz), (bx, 0, bz)])
        foot = x - lot.side * 0.35
        shadows.contact([(foot, 0, start), (foot, 0, end), (x, 0, end), (x, 0, start)])


def paint_lots(
    canvas: Canvas, street: Street, lots: list[Lot], foliage: Foliage, rng: np.random.Generator
) -> None:
    """Paint both rows; lots must come far to near."""
    dirt = wall_dirt(canvas.textures)
    nearer = {(lot.side, lot.end): lot.style for lot in lots}
    for lot in lots:
        x = lot.side * street.front(lot.side)
        # Nearer than this, the street front is outside the picture.
        edge = abs(x - canvas.camera.x)
        near = max(6.0, edge * 1.7 * canvas.camera.focal / canvas.camera.width)
        if lot.end < near + 1:
            continue
        start = max(lot.start, near)
        if lot.style is None:
            _garden(canvas, foliage, lot.fence, (x, start, lot.end), rng)
            continue
        neighbour = nearer.get((lot.side, lot.start))
        hidden = neighbour.height if neighbour else 0.0
        house = _House(canvas, lot.style, lot.side, x, start, lot.end, dirt)
        house.side_wall(hidden, rng)
        if lot.style.mansard:
            house.roof()
        house.front(_shade_top(canvas, street, lot), rng)
        house.relief()


def _shade_top(canvas: Canvas, street: Street, lot: Lot) -> float:
    """How high the shadow of the opposite houses climbs on this front."""
    sun = canvas.light.sun
    if sun[0] * -lot.side <= 0.02:
        return 0.0
    wide = street.front(-1) + street.front(1)
    return float(12.0 - wide * sun[1] / abs(sun[0]))


class _House(NamedTuple):
    """A house whose front runs at street `x` from z `start` to `end`."""

    canvas: Canvas
    style: Style
    side: int
    x: float
    start: float
    end: float
    dirt: Image.Image

    def front(self, shade_top: float, rng: np.random.Generator) -> None:
        style, light, normal = self.style, self.canvas.light, (-self.side, 0, 0)
        left, right = (self.start, self.end)[:: -self.side]
        quad = _upright(self.x, (style.height, 0), (left, right))
        tone = (light.shade((1, 1, 1), normal), light.shade((1, 1, 1), normal, 0.0))
        scale = float(np.clip(self.canvas.camera.focal / self.start, 7, 38))
        wall = elevation(style, self.end - self.start, scale, light,
                         tone=tone, shade_top=shade_top, dirt=self.dirt, rng=rng)  # fmt: skip
        self.canvas.texture(wall, quad, "building")

    def side_wall(self, hidden: float, rng: np.random.Generator) -> None:
        """The wall that faces the camera, above the height `hidden` by the neighbour."""
        style, light, height = self.style, self.canvas.light, self.style.height
        tone = light.shade((1, 1, 1), (0, 0, -1), 0.8)
        if height <= hidden + 0.2:
            return
        scale = float(np.clip(self.canvas.camera.focal / max(self.start, 14), 5, 24))
        if hidden:
            wall = blank(style, (DEEP, height - hidden), scale, tone, self.dirt)
        else:
            plain = style._replace(shop=False, shutters=False)
            wall = elevation(plain, DEEP, scale, light,
                             tone=(tone, tone), shade_top=0.0, dirt=self.dirt, rng=rng)  # fmt: skip
        left, right = sorted((self.x, self.x + self.side * DEEP))
        self.canvas.texture(wall, _facing((left, right), (height, hidden), self.start), "building")

    def roof(self) -> None:
        """A steep roof with dormers."""
        x, start, end, light = self.x, self.start, self.end, self.canvas.light
        back, height = x + self.side * DEEP, self.style.height
        plaster = self.style.material == "plaster"
        roof = np.array([0.30, 0.29, 0.31] if plaster else [0.42, 0.24, 0.18])
        inner, ridge = x + self.side * 1.1, height + 2.6
        gable = [(x, height, start), (inner, ridge, start), (back, ridge, start),
                 (back, height, start)]  # fmt: skip
        self.canvas.polygon(gable, light.shade(self.style.wall * 0.9, (0, 0, -1)), "building")
        slope = [(x, height, start), (x, height, end), (inner, ridge, end), (inner, ridge, start)]
        shade = light.shade(roof, (-self.side * 0.92, 0.39, 0))
        self.canvas.polygon(slope, shade, "building")
        low, high, near = height + 0.5, height + 1.9, x + self.side * 0.15
        glass = light.shade((0.16, 0.18, 0.2), (-self.side, 0, 0))
        for z in np.arange(start + 1.5, end - 1.5, 3.2):
            cheek = [(near, low, z), (near, high, z), (inner, high, z)]
            self.canvas.polygon(cheek, shade * 0.7, "building")
            self.canvas.polygon(_upright(near, (low, high), (z, z + 1.2)), glass, "building")

    def relief(self) -> None:
        """What stands out from the front: cornice, balconies, awnings."""
        style = self.style
        trim = np.minimum(style.wall * 1.08, 0.88)
        self._slab(0.38, (style.height - 0.3, style.height), (self.start, self.end), trim)
        for floor in range(1, style.floors) if style.balconies else ():
            level = style.base + floor * style.storey
            for axis in style.bays(self.end - self.start)[::-1][::2]:
                z = self.start + axis if self.side < 0 else self.end - axis
                self._slab(1.0, (level - 0.05, level + 0.1), (z - 1.0, z + 1.0), trim * 0.9)
                self._railing(level + 0.1, z - 1.0, z + 1.0)
        span = (max(self.start, 5) + 0.6, self.end - 0.6)
        if style.shop and span[1] - span[0] >= 3:
            self._awning(span)

    def _slab(self, reach: float, y: Span, z: Span, rgb: Floats) -> None:
        a, b = sorted((self.x, self.x - self.side * reach))
        if z[1] > 5:
            self.canvas.box((a, y[0], max(z[0], 5)), (b, y[1], z[1]), rgb, "building")

    def _railing(self, y: float, z0: float, z1: float) -> None:
        x, rgb = self.x - self.side, self.canvas.light.shade((0.16, 0.16, 0.17), (0, 0, -1))
        for rise in (0.0, 0.45, 0.9):
            rail = _upright(x, (y + rise, y + rise + 0.07), (z0, z1))
            self.canvas.polygon(rail, rgb, "building")
        for z in np.arange(z0, z1 + 0.01, 0.25):
            self.canvas.polygon(_upright(x, (y, y + 0.95), (z, z + 0.05)), rgb, "building")

    def _awning(self, span: Span) -> None:
        x, side, light = self.x, self.side, self.canvas.light
        reach, pale = x - side * 1.3, np.array([0.82, 0.80, 0.74])
        for index, z in enumerate(np.arange(span[0], span[1], 0.55)[::-1]):
            far = min(z + 0.55, span[1])
            rgb = self.style.accent * 1.15 if index % 2 else pale
            roof = [(x, 3.3, z), (x, 3.3, far), (reach, 2.65, far), (reach, 2.65, z)]
            flap = _upright(reach, (2.65, 2.4), (z, far))
            shade = light.shade(rgb * 0.62, (-side * 0.4, -0.6, 0))
            self.canvas.polygon(roof, shade, "building")
            self.canvas.polygon(flap, light.shade(rgb, (-side, 0, 0), 0.6), "building")
        cheek = [(x, 3.3, span[0]), (reach, 2.65, span[0]), (x, 2.4, span[0])]
        self.canvas.polygon(cheek, light.shade(self.style.accent * 0.8, (0, 0, -1)), "building")


def _garden(
    canvas: Canvas,
    foliage: Foliage,
    fence: str,
    span: tuple[float, float, float],
    rng: np.random.Generator,
) -> None:
    """A garden behind a wall, a hedge or a fence at street x from z to z: `span`."""
    x, start, end = span
    side = 1 if x > 0 else -1
    for z in np.arange(end - 1, start, -5.0):
        depth = float(rng.uniform(2.5, 8))
        if z > 8:
            paint_tree(canvas, foliage, (x + side * depth, float(z)), rng.uniform(5, 10), rng)
            paint_bush(canvas, foliage, (x + side * 1.6, float(z) - 1), rng.uniform(1.6, 3), rng)
    inner, outer = sorted((x, x + side * 0.35))
    if fence == "wall":
        stone = np.array([0.52, 0.46, 0.40]) * rng.uniform(0.8, 1.15)
        canvas.box((inner, 0, start), (outer, 1.7, end), stone, "wall")
        canvas.box((inner - 0.06, 1.7, start), (outer + 0.06, 1.85, end), stone * 1.2, "wall")
    elif fence == "hedge":
        left, right = (start, end)[::-side]
        leaves = foliage.leafy(rng, 600, 90)
        canvas.texture(leaves, _upright(x, (1.5, 0), (left, right)), "vegetation")
    else:
        rgb = canvas.light.shade((0.13, 0.15, 0.15), (0, 0, -1))
        for y in (0.25, 1.35):
            canvas.polygon(_upright(x, (y, y + 0.06), (start, end)), rgb, "fence")
        for index, z in enumerate(np.arange(start, end, 0.16)):
            wide = 0.09 if index % 14 == 0 else 0.03
            canvas.polygon(_upright(x, (0, 1.55), (z, z + wide)), rgb, "fence")


def paint_end(canvas: Canvas, foliage: Foliage, rng: np.random.Generator) -> None:
    """Close the view: distant roofs and a line of trees across the end of the street."""
    light = canvas.light
    x = -160.0
    while x < 160:
        wide, tall = rng.uniform(9, 22), rng.uniform(7, 17)
        wall = np.array([0.60, 0.55, 0.50]) * rng.uniform(0.7, 1.2)
        canvas.box((x, 0, END + 40), (x + wide, tall, END + 50), wall, "building")
        for y in np.arange(2.5, tall - 1, 3.0):
            windows = _facing((x + 1, x + wide - 1), (y, y + 1.3), END + 40)
            canvas.polygon(windows, light.shade(wall * 0.6, (0, 0, -1)))
        x += wide * rng.uniform(0.9, 1.3)
    green = light.shade((0.17, 0.22, 0.10), (0, 0.6, -0.8))
    canvas.polygon(_facing((-170, 170), (0, 2.2), END + 12), green, "vegetation")
    for x in np.arange(-48, 49, 6.0):
        wide, tall = rng.uniform(8, 13), rng.uniform(6, 11)
        crown = foliage.crowns[int(rng.integers(3))]
        centre = (x + rng.uniform(-1, 1), tall * 0.45, END + 10)
        paint_crown(canvas, crown, centre, (wide, tall * 1.15))
