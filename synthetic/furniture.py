"""Street furniture: lamps, traffic lights, signs, bollards, bins."""

import itertools

import numpy as np
from numpy.typing import ArrayLike

from synthetic.canvas import Canvas, Rgb
from synthetic.perspective import Floats

_STEEL = np.array([0.30, 0.31, 0.32])
_RED, _BLUE, _WHITE = (0.66, 0.07, 0.07), (0.06, 0.20, 0.52), (0.86, 0.86, 0.84)
_YELLOW, _DARK = (0.82, 0.62, 0.08), (0.05, 0.05, 0.055)
_SIGNALS = ((1.0, 0.10, 0.06), (1.0, 0.62, 0.08), (0.15, 1.0, 0.55))
_SQUARE = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)


def _circle(radius: float, corners: int = 24, rotation: float = 0.0) -> Floats:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rotation
    return np.stack([np.sin(angles), np.cos(angles)], axis=1) * radius


def _tilted(shape: Floats) -> Floats:
    """A shape (N, 2) turned by 45 degrees."""
    sin, cos = np.sin(0.785), np.cos(0.785)
    return np.asarray(shape @ np.array([[cos, -sin], [sin, cos]]))


Part = tuple[float, float, Floats, Rgb]

# Each sign as its parts, the plate first: right and up from the middle, outline, colour.
_LIMIT: list[Part] = [(0, 0, _circle(0.34), _RED), (0, 0, _circle(0.26), _WHITE)]
for _shift in (-0.085, 0.085):
    _LIMIT.append((_shift, 0, _SQUARE * [0.065, 0.12], _DARK))
    _LIMIT.append((_shift, 0, _SQUARE * [0.022, 0.07], _WHITE))
_SIGNS: dict[str, list[Part]] = {
    "limit": _LIMIT,
    "yield": [(0, 0, _circle(0.46, 3, np.pi), _RED), (0, 0, _circle(0.29, 3, np.pi), _WHITE)],
    "parking": [
        (0, 0, _SQUARE * 0.33, _WHITE), (0, 0, _SQUARE * 0.30, _BLUE),
        (-0.07, 0, _SQUARE * [0.035, 0.19], _WHITE), (0.04, 0.08, _SQUARE * [0.11, 0.11], _WHITE),
        (0.02, 0.08, _SQUARE * [0.055, 0.05], _BLUE),
    ],
    "ban": [
        (0, 0, _circle(0.34), _RED), (0, 0, _circle(0.26), _BLUE),
        (0, 0, _tilted(_SQUARE * [0.05, 0.27]), _RED),
    ],
    "turn": [
        (0, 0, _circle(0.34), _WHITE), (0, 0, _circle(0.32), _BLUE),
        (0, -0.06, _SQUARE * [0.035, 0.14], _WHITE), (0, 0.12, _circle(0.13, 3), _WHITE),
    ],
    "priority": [(0, 0, _tilted(_SQUARE * 0.32), _WHITE)],
    "warn": [
        (0, 0, _circle(0.46, 3), _RED), (0, 0, _circle(0.29, 3), _WHITE),
        (0, 0, _SQUARE * [0.025, 0.10], _DARK),
    ],
}  # fmt: skip


def _post(
    canvas: Canvas, at: tuple[float, float], y: tuple[float, float], radii: tuple[float, float],
    rgb: ArrayLike = _STEEL,
) -> None:  # fmt: skip
    """An upright bar at street (x, z) from height y[0] to y[1]."""
    x, z = at
    canvas.tapered_bar([(x, y[0], z), (x, y[1], z)], radii, rgb, "pole", blunt=True)


def _plate(
    canvas: Canvas, centre: ArrayLike, outline: Floats, rgb: ArrayLike, label: str | None
) -> None:
    """A flat shape (N, 2) in metres that faces the camera at a street point (3,)."""
    shade = canvas.light.shade(rgb, (0, 0.2, -0.95)) + np.asarray(rgb) * 0.08
    canvas.polygon(_upright(outline) + np.asarray(centre), shade, label)


def _upright(outline: Floats) -> Floats:
    """A shape (N, 2) as points (N, 3) of the plane that faces the camera."""
    return np.pad(outline, ((0, 0), (0, 1)))


def paint_sign(canvas: Canvas, at: tuple[float, float], rng: np.random.Generator) -> None:
    """A post with one or two signs at street (x, z)."""
    x, z = at
    high = rng.uniform(2.3, 2.7)
    _post(canvas, at, (0, high + 0.3), (0.035, 0.035), _STEEL * 1.3)
    sign = str(rng.choice(list(_SIGNS)))
    parts = _SIGNS[sign]
    if sign == "priority":
        parts = [*parts, (0, 0, _tilted(_SQUARE * rng.uniform(0.22, 0.24)), _YELLOW)]
    for index, (right, up, outline, rgb) in enumerate(parts):
        near = np.add((x, high, z - 0.05), (0, 0, -0.01 if index else 0))
        label = None if index else "traffic sign"
        _plate(canvas, np.add(near, (right, up, 0)), outline, rgb, label)
    if rng.random() < 0.4:
        extra = np.array([(-0.3, -0.12), (0.3, -0.12), (0.3, 0.12), (-0.3, 0.12)])
        _plate(canvas, (x, high - 0.55, z - 0.05), extra, _WHITE, "traffic sign")
        _plate(canvas, (x, high - 0.55, z - 0.06), extra * [0.7, 0.25], _DARK, None)


def paint_traffic_light(canvas: Canvas, at: tuple[float, float], reach: float, state: int) -> None:
    """A signal on a post, with a second one on an arm `reach` metres towards the road.

    `state` is 0 for red, 1 for amber, 2 for green.
    """
    x, z = at
    arm = abs(reach) > 1
    top = 5.6 if arm else 3.2
    _post(canvas, at, (0, top), (0.085, 0.065))
    if arm:
        ends = [(x, top - 0.1, z), (x + reach, top + 0.15, z)]
        canvas.tapered_bar(ends, (0.06, 0.045), _STEEL, "pole")
        _signal(canvas, (x + reach * 0.94, top - 0.45, z - 0.12), state, 1.15)
    _signal(canvas, (x - np.sign(reach) * -0.24, 2.75, z - 0.12), state, 1.0)


def _signal(canvas: Canvas, at: tuple[float, float, float], state: int, size: float) -> None:
    x, y, z = at
    half, tall = 0.17 * size, 0.50 * size
    back = _SQUARE * [half + 0.07, tall + 0.07]
    _plate(canvas, at, back, (0.04, 0.04, 0.045), "traffic light")
    low, high = (x - half, y - tall, z - 0.25), (x + half, y + tall, z - 0.02)
    canvas.box(low, high, (0.09, 0.10, 0.10), "traffic light")
    lens = _upright(_circle(0.105 * size, 20))
    for index, rgb in enumerate(_SIGNALS):
        centre = (x, y + (1 - index) * 0.31 * size, z - 0.26)
        shade = np.array(rgb) * (1.0 if index == state else 0.10)
        canvas.polygon(lens + centre, shade, None)
        if index == state:
            canvas.polygon(lens * 0.5 + centre, np.minimum(shade + 0.35, 1.0), None)
            canvas.glow(centre, 0.30, rgb)


def paint_lamp(canvas: Canvas, at: tuple[float, float], reach: float, height: float) -> None:
    """A street lamp at street (x, z) whose arm spans `reach` metres towards the road."""
    x, z = at
    _post(canvas, at, (0, 1.0), (0.10, 0.095))
    _post(canvas, at, (1.0, height - 0.8), (0.07, 0.05))
    bow = np.linspace(0, 1, 7)
    path = np.stack([x + reach * bow**1.6, height - 0.8 + 0.8 * np.sin(bow * np.pi / 2),
                     np.full(7, z)], axis=1)  # fmt: skip
    for a, b in itertools.pairwise(path):
        canvas.tapered_bar([a, b], (0.05, 0.045), _STEEL, "pole")
    tip = path[-1]
    head = [tip, np.add(tip, (reach * 0.32, -0.04, 0))]
    canvas.tapered_bar(head, (0.10, 0.07), _STEEL * 0.9, "pole")
    if canvas.light.lamps:
        centre = np.add(tip, (reach * 0.16, -0.1, 0))
        bulb = np.array([(-0.25, 0, 0), (0.25, 0, 0), (0.2, -0.07, 0), (-0.2, -0.07, 0)])
        canvas.polygon(centre + bulb, (1.0, 0.86, 0.6), None)
        canvas.glow(centre, 0.9, (1.0, 0.72, 0.40))


def paint_bollard(canvas: Canvas, at: tuple[float, float]) -> None:
    """A knee-high post with a white band."""
    x, z = at
    dark = np.array([0.14, 0.14, 0.15])
    canvas.tapered_bar([(x, 0, z), (x, 0.85, z)], (0.07, 0.06), dark, "pole")
    canvas.tapered_bar([(x, 0.62, z), (x, 0.70, z)], (0.063, 0.063), _WHITE, None)


def paint_bin(canvas: Canvas, at: tuple[float, float], rng: np.random.Generator) -> None:
    """A litter bin: static, so void."""
    x, z = at
    green = np.array([0.12, 0.24, 0.18]) * rng.uniform(0.7, 1.3)
    canvas.box((x - 0.28, 0.05, z - 0.28), (x + 0.28, 0.95, z + 0.28), green, "static")
    canvas.box((x - 0.31, 0.95, z - 0.31), (x + 0.31, 1.05, z + 0.31), green * 0.6, "static")
