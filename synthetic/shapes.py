"""Outlines of simple shapes, in pixels."""

import math

import numpy as np

from synthetic.perspective import Floats


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


_ARC, _CUT = (
    np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for angles in (np.linspace(np.pi / 2, 3 * np.pi / 2, count) for count in (7, 2))
)


def capsule(pixels: Floats, widths: Floats, blunt: bool) -> Floats:
    """The outline of a bar, (N, 2)."""
    (x, y), (end_x, end_y) = pixels.tolist()
    first, last = widths.tolist()
    reach = math.hypot(end_x - x, end_y - y) or 1.0
    cos, sin = (end_x - x) / reach, (end_y - y) / reach
    arc = (_CUT if blunt or max(first, last) < 1.5 else _ARC) @ np.array([[cos, sin], [-sin, cos]])
    return np.concatenate([arc * first + [x, y], arc * -last + [end_x, end_y]])
