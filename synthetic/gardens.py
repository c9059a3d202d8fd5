"""Open lots between the houses: gardens behind a wall, a fence or a hedge."""

import numpy as np

from synthetic.canvas import Canvas
from synthetic.vegetation import Foliage, paint_bush, paint_tree


def paint_garden(
    canvas: Canvas,
    foliage: Foliage,
    fence: str,
    span: tuple[float, float, float],
    rng: np.random.Generator,
) -> None:
    """A garden whose `fence` ("wall", "hedge" or "fence") runs at street x from z to z: `span`."""
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
        ends = [(x, start), (x, end)][::-side]
        quad = [(x, 1.5, ends[0][1]), (x, 1.5, ends[1][1]), (x, 0, ends[1][1]), (x, 0, ends[0][1])]
        canvas.texture(foliage.leafy(rng, 600, 90), quad, "vegetation")
    else:
        _palings(canvas, x, start, end)


def _palings(canvas: Canvas, x: float, start: float, end: float) -> None:
    rgb = canvas.light.shade((0.13, 0.15, 0.15), (0, 0, -1))
    for y in (0.25, 1.35):
        canvas.polygon([(x, y, start), (x, y, end), (x, y + 0.06, end), (x, y + 0.06, start)],
                       rgb, "fence")  # fmt: skip
    for index, z in enumerate(np.arange(start, end, 0.16)):
        wide = 0.09 if index % 14 == 0 else 0.03
        canvas.polygon([(x, 0, z), (x, 0, z + wide), (x, 1.55, z + wide), (x, 1.55, z)],
                       rgb, "fence")  # fmt: skip
