"""The houses along the street, the walls and hedges between them, and the view at its end."""

import numpy as np
from PIL import Image

from synthetic.canvas import Canvas
from synthetic.facade import blank, elevation
from synthetic.gardens import paint_garden
from synthetic.house_style import Style, bays
from synthetic.lots import DEEP, END, Lot
from synthetic.perspective import Floats
from synthetic.street import Street
from synthetic.vegetation import Foliage, paint_crown
from synthetic.wall_texture import wall_dirt


def paint_lots(
    canvas: Canvas, street: Street, lots: list[Lot], foliage: Foliage, rng: np.random.Generator
) -> None:
    """Paint both rows; lots must come far to near."""
    dirt = wall_dirt(canvas.textures)
    nearer = {(lot.side, lot.end): lot.style for lot in lots}
    for lot in lots:
        neighbour = nearer.get((lot.side, lot.start))
        hidden = neighbour.height if neighbour else 0.0
        _paint_lot(canvas, street, lot, foliage, dirt=dirt, hidden=hidden, rng=rng)


def _paint_lot(
    canvas: Canvas,
    street: Street,
    lot: Lot,
    foliage: Foliage,
    *,
    dirt: Image.Image,
    hidden: float,
    rng: np.random.Generator,
) -> None:
    edge = abs(lot.side * street.front(lot.side) - canvas.camera.x)
    # Nearer than this, the street front is outside the picture.
    near = max(6.0, edge * 1.7 * canvas.camera.focal / canvas.camera.width)
    if lot.end < near + 1:
        return
    start = max(lot.start, near)
    x = lot.side * street.front(lot.side)
    if lot.style is None:
        paint_garden(canvas, foliage, lot.fence, (x, start, lot.end), rng)
        return
    style = lot.style
    height, length = style.height, lot.end - start
    _side_wall(canvas, style, lot, (x, start), hidden=hidden, dirt=dirt, rng=rng)
    sides = [(x, lot.end), (x, start)] if lot.side > 0 else [(x, start), (x, lot.end)]
    quad = [(sides[0][0], height, sides[0][1]), (sides[1][0], height, sides[1][1]),
            (sides[1][0], 0, sides[1][1]), (sides[0][0], 0, sides[0][1])]  # fmt: skip
    light, normal = canvas.light, (-lot.side, 0, 0)
    tone = (light.shade((1, 1, 1), normal), light.shade((1, 1, 1), normal, 0.0))
    scale = float(np.clip(canvas.camera.focal / start, 7, 38))
    shaded = _shade_top(canvas, street, lot)
    front = elevation(style, length, scale, light, tone=tone, shade_top=shaded, dirt=dirt, rng=rng)
    canvas.texture(front, quad, "building")
    _relief(canvas, style, lot, x, start)


def _shade_top(canvas: Canvas, street: Street, lot: Lot) -> float:
    """How high the shadow of the opposite houses climbs on this front."""
    sun = canvas.light.sun
    if sun[0] * -lot.side <= 0.02:
        return 0.0
    wide = street.front(-1) + street.front(1)
    return float(12.0 - wide * sun[1] / abs(sun[0]))


def _side_wall(
    canvas: Canvas,
    style: Style,
    lot: Lot,
    at: tuple[float, float],
    *,
    hidden: float,
    dirt: Image.Image,
    rng: np.random.Generator,
) -> None:
    """The wall that faces the camera, above the height `hidden` by the neighbour, and the roof."""
    x, start = at
    back = x + lot.side * DEEP
    height = style.height
    light = canvas.light
    tone = light.shade((1, 1, 1), (0, 0, -1), 0.8)
    left, right = min(x, back), max(x, back)
    if height > hidden + 0.2:
        scale = float(np.clip(canvas.camera.focal / max(start, 14), 5, 24))
        if hidden:
            wall = blank(style, (DEEP, height - hidden), scale, tone, dirt)
        else:
            plain = style._replace(shop=False, shutters=False)
            wall = elevation(
                plain, DEEP, scale, light, tone=(tone, tone), shade_top=0.0, dirt=dirt, rng=rng
            )
        quad = [(left, height, start), (right, height, start), (right, hidden, start),
                (left, hidden, start)]  # fmt: skip
        canvas.texture(wall, quad, "building")
    if style.mansard:
        _roof(canvas, style, lot, at)


def _roof(canvas: Canvas, style: Style, lot: Lot, at: tuple[float, float]) -> None:
    """A steep roof with dormers."""
    x, start = at
    back, height = x + lot.side * DEEP, style.height
    roof = (
        np.array([0.30, 0.29, 0.31])
        if style.material == "plaster"
        else np.array([0.42, 0.24, 0.18])
    )
    inner, ridge = x + lot.side * 1.1, height + 2.6
    gable = [(x, height, start), (inner, ridge, start), (back, ridge, start), (back, height, start)]
    canvas.polygon(gable, canvas.light.shade(style.wall * 0.9, (0, 0, -1)), "building")
    slope = [(x, height, start), (x, height, lot.end), (inner, ridge, lot.end),
             (inner, ridge, start)]  # fmt: skip
    shade = canvas.light.shade(roof, (-lot.side * 0.92, 0.39, 0))
    canvas.polygon(slope, shade, "building")
    for z in np.arange(start + 1.5, lot.end - 1.5, 3.2):
        low, high = height + 0.5, height + 1.9
        near = x + lot.side * 0.15
        face = [(near, low, z), (near, low, z + 1.2), (near, high, z + 1.2), (near, high, z)]
        cheek = [(near, low, z), (near, high, z), (inner, high, z)]
        canvas.polygon(cheek, shade * 0.7, "building")
        canvas.polygon(face, canvas.light.shade((0.16, 0.18, 0.2), (-lot.side, 0, 0)), "building")


def _relief(canvas: Canvas, style: Style, lot: Lot, x: float, start: float) -> None:
    """What stands out from the front: cornice, awnings, balconies."""
    out = -lot.side
    trim = np.minimum(style.wall * 1.08, 0.88)

    def slab(reach: float, y: tuple[float, float], z: tuple[float, float], rgb: Floats) -> None:
        a, b = sorted((x, x + out * reach))
        if z[1] > 5:
            canvas.box((a, y[0], max(z[0], 5)), (b, y[1], z[1]), rgb, "building")

    slab(0.38, (style.height - 0.3, style.height), (start, lot.end), trim)
    axes = bays(style, lot.end - start)
    if style.balconies:
        for floor in range(1, style.floors):
            level = style.base + floor * style.storey
            for axis in axes[::-1][::2]:
                z = start + axis if lot.side < 0 else lot.end - axis
                slab(1.0, (level - 0.05, level + 0.1), (z - 1.0, z + 1.0), trim * 0.9)
                _railing(canvas, x + out, level + 0.1, z - 1.0, z + 1.0)
    if style.shop:
        _awning(canvas, style, x, out, (max(start, 5) + 0.6, lot.end - 0.6))


def _railing(canvas: Canvas, x: float, y: float, z0: float, z1: float) -> None:
    rgb = canvas.light.shade((0.16, 0.16, 0.17), (0, 0, -1))
    for rise in (0.0, 0.45, 0.9):
        canvas.polygon([(x, y + rise, z0), (x, y + rise, z1), (x, y + rise + 0.07, z1),
                        (x, y + rise + 0.07, z0)], rgb, "building")  # fmt: skip
    for z in np.arange(z0, z1 + 0.01, 0.25):
        canvas.polygon([(x, y, z), (x, y, z + 0.05), (x, y + 0.95, z + 0.05), (x, y + 0.95, z)],
                       rgb, "building")  # fmt: skip


def _awning(canvas: Canvas, style: Style, x: float, out: int, span: tuple[float, float]) -> None:
    if span[1] - span[0] < 3:
        return
    edges = np.arange(span[0], span[1], 0.55)
    pale = np.array([0.82, 0.80, 0.74])
    for index, z in enumerate(edges[::-1]):
        far = min(z + 0.55, span[1])
        rgb = style.accent * 1.15 if index % 2 else pale
        roof = [(x, 3.3, z), (x, 3.3, far), (x + out * 1.3, 2.65, far), (x + out * 1.3, 2.65, z)]
        flap = [(x + out * 1.3, 2.65, z), (x + out * 1.3, 2.65, far),
                (x + out * 1.3, 2.4, far), (x + out * 1.3, 2.4, z)]  # fmt: skip
        canvas.polygon(roof, canvas.light.shade(rgb * 0.62, (out * 0.4, -0.6, 0)), "building")
        canvas.polygon(flap, canvas.light.shade(rgb, (out, 0, 0), 0.6), "building")
    cheek = [(x, 3.3, span[0]), (x + out * 1.3, 2.65, span[0]), (x, 2.4, span[0])]
    canvas.polygon(cheek, canvas.light.shade(style.accent * 0.8, (0, 0, -1)), "building")


def paint_end(canvas: Canvas, foliage: Foliage, rng: np.random.Generator) -> None:
    """Close the view: distant roofs and a line of trees across the end of the street."""
    light = canvas.light
    x = -160.0
    while x < 160:
        wide, tall = rng.uniform(9, 22), rng.uniform(7, 17)
        wall = np.array([0.60, 0.55, 0.50]) * rng.uniform(0.7, 1.2)
        canvas.box((x, 0, END + 40), (x + wide, tall, END + 50), wall, "building")
        for y in np.arange(2.5, tall - 1, 3.0):
            canvas.polygon([(x + 1, y, END + 40), (x + wide - 1, y, END + 40),
                            (x + wide - 1, y + 1.3, END + 40), (x + 1, y + 1.3, END + 40)],
                           light.shade(wall * 0.6, (0, 0, -1)))  # fmt: skip
        x += wide * rng.uniform(0.9, 1.3)
    green = light.shade((0.17, 0.22, 0.10), (0, 0.6, -0.8))
    low = [(-170, 0, END + 12), (-170, 2.2, END + 12), (170, 2.2, END + 12), (170, 0, END + 12)]
    canvas.polygon(low, green, "vegetation")
    for x in np.arange(-48, 49, 6.0):
        wide, tall = rng.uniform(8, 13), rng.uniform(6, 11)
        crown = foliage.crowns[int(rng.integers(3))]
        centre = (x + rng.uniform(-1, 1), tall * 0.45, END + 10)
        paint_crown(canvas, crown, centre, (wide, tall * 1.15))
