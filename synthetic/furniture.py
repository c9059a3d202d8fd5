"""Street furniture: lamps, traffic lights, signs, bollards, bins."""

import itertools

import numpy as np
from numpy.typing import ArrayLike

from synthetic.canvas import Canvas
from synthetic.perspective import Floats

_STEEL = np.array([0.30, 0.31, 0.32])
_RED, _BLUE, _WHITE = (0.66, 0.07, 0.07), (0.06, 0.20, 0.52), (0.86, 0.86, 0.84)
_YELLOW, _DARK = (0.82, 0.62, 0.08), (0.05, 0.05, 0.055)


def _circle(radius: float, corners: int = 24, rotation: float = 0.0) -> Floats:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rotation
    return np.stack([np.sin(angles), np.cos(angles)], axis=1) * radius


def _plate(
    canvas: Canvas,
    centre: ArrayLike,
    outline: Floats,
    rgb: ArrayLike,
    label: str | None,
) -> None:
    """A flat shape (N, 2) in metres that faces the camera at a street point (3,)."""
    corners = np.zeros((len(outline), 3))
    corners[:, :2] = outline
    shade = canvas.light.shade(rgb, (0, 0.2, -0.95)) + np.asarray(rgb) * 0.08
    canvas.polygon(corners + np.asarray(centre), shade, label)


def paint_sign(canvas: Canvas, at: tuple[float, float], rng: np.random.Generator) -> None:
    """A post with one or two signs at street (x, z)."""
    x, z = at
    high = rng.uniform(2.3, 2.7)
    canvas.tapered_bar(
        [(x, 0, z), (x, high + 0.3, z)], (0.035, 0.035), _STEEL * 1.3, "pole", blunt=True
    )
    sign = str(rng.choice(["limit", "yield", "parking", "ban", "turn", "priority", "warn"]))
    _face(canvas, sign, (x, high, z - 0.05), rng)
    if rng.random() < 0.4:
        extra = np.array([(-0.3, -0.12), (0.3, -0.12), (0.3, 0.12), (-0.3, 0.12)])
        _plate(canvas, (x, high - 0.55, z - 0.05), extra, _WHITE, "traffic sign")
        _plate(canvas, (x, high - 0.55, z - 0.06), extra * [0.7, 0.25], _DARK, None)


def _face(
    canvas: Canvas,
    sign: str,
    at: tuple[float, float, float],
    rng: np.random.Generator,
) -> None:
    near = np.add(at, (0, 0, -0.01))
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
    if sign in ("limit", "ban"):
        _plate(canvas, at, _circle(0.34), _RED, "traffic sign")
        _plate(canvas, near, _circle(0.26), _WHITE if sign == "limit" else _BLUE, None)
        if sign == "ban":
            _plate(canvas, near, square * [0.05, 0.27] @ _rotation(0.785), _RED, None)
            return
        for shift in (-0.085, 0.085):
            _plate(canvas, np.add(near, (shift, 0, 0)), square * [0.065, 0.12], _DARK, None)
            _plate(canvas, np.add(near, (shift, 0, 0)), square * [0.022, 0.07], _WHITE, None)
    elif sign in ("yield", "warn"):
        rotation = np.pi if sign == "yield" else 0.0
        _plate(canvas, at, _circle(0.46, 3, rotation), _RED, "traffic sign")
        _plate(canvas, near, _circle(0.29, 3, rotation), _WHITE, None)
        if sign == "warn":
            _plate(canvas, near, square * [0.025, 0.10], _DARK, None)
    elif sign == "parking":
        _plate(canvas, at, square * 0.33, _WHITE, "traffic sign")
        _plate(canvas, near, square * 0.30, _BLUE, None)
        _plate(canvas, np.add(near, (-0.07, 0, 0)), square * [0.035, 0.19], _WHITE, None)
        _plate(canvas, np.add(near, (0.04, 0.08, 0)), square * [0.11, 0.11], _WHITE, None)
        _plate(canvas, np.add(near, (0.02, 0.08, 0)), square * [0.055, 0.05], _BLUE, None)
    elif sign == "turn":
        _plate(canvas, at, _circle(0.34), _WHITE, "traffic sign")
        _plate(canvas, near, _circle(0.32), _BLUE, None)
        _plate(canvas, np.add(near, (0, -0.06, 0)), square * [0.035, 0.14], _WHITE, None)
        _plate(canvas, np.add(near, (0, 0.12, 0)), _circle(0.13, 3), _WHITE, None)
    else:
        _plate(canvas, at, square * 0.32 @ _rotation(0.785), _WHITE, "traffic sign")
        _plate(canvas, near, square * rng.uniform(0.22, 0.24) @ _rotation(0.785), _YELLOW, None)


def _rotation(angle: float) -> Floats:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def paint_traffic_light(canvas: Canvas, at: tuple[float, float], reach: float, state: int) -> None:
    """A signal on a post, with a second one on an arm `reach` metres towards the road.

    `state` is 0 for red, 1 for amber, 2 for green.
    """
    x, z = at
    arm = abs(reach) > 1
    top = 5.6 if arm else 3.2
    canvas.tapered_bar([(x, 0, z), (x, top, z)], (0.085, 0.065), _STEEL, "pole", blunt=True)
    if arm:
        canvas.tapered_bar(
            [(x, top - 0.1, z), (x + reach, top + 0.15, z)], (0.06, 0.045), _STEEL, "pole"
        )
        _signal(canvas, (x + reach * 0.94, top - 0.45, z - 0.12), state, 1.15)
    _signal(canvas, (x - np.sign(reach) * -0.24, 2.75, z - 0.12), state, 1.0)


def _signal(canvas: Canvas, at: tuple[float, float, float], state: int, size: float) -> None:
    x, y, z = at
    half, tall = 0.17 * size, 0.50 * size
    back = np.array([(-half - 0.07, -tall - 0.07), (half + 0.07, -tall - 0.07),
                     (half + 0.07, tall + 0.07), (-half - 0.07, tall + 0.07)])  # fmt: skip
    _plate(canvas, (x, y, z), back, (0.04, 0.04, 0.045), "traffic light")
    canvas.box((x - half, y - tall, z - 0.25), (x + half, y + tall, z - 0.02), (0.09, 0.10, 0.10),
               "traffic light")  # fmt: skip
    colours = ((1.0, 0.10, 0.06), (1.0, 0.62, 0.08), (0.15, 1.0, 0.55))
    for index, rgb in enumerate(colours):
        centre = (x, y + (1 - index) * 0.31 * size, z - 0.26)
        on = index == state
        projection = np.array(rgb) * (1.0 if on else 0.10)
        corners = np.zeros((20, 3))
        corners[:, :2] = _circle(0.105 * size, 20)
        canvas.polygon(corners + centre, projection, None)
        if on:
            inner = corners * 0.5 + centre
            canvas.polygon(inner, np.minimum(projection + 0.35, 1.0), None)
            canvas.glow(centre, 0.30, rgb)


def paint_lamp(canvas: Canvas, at: tuple[float, float], reach: float, height: float) -> None:
    """A street lamp at street (x, z) whose arm spans `reach` metres towards the road."""
    x, z = at
    canvas.tapered_bar([(x, 0, z), (x, 1.0, z)], (0.10, 0.095), _STEEL, "pole", blunt=True)
    canvas.tapered_bar(
        [(x, 1.0, z), (x, height - 0.8, z)], (0.07, 0.05), _STEEL, "pole", blunt=True
    )
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
        canvas.polygon(centre + np.array([(-0.25, 0, 0), (0.25, 0, 0), (0.2, -0.07, 0),
                                          (-0.2, -0.07, 0)]), (1.0, 0.86, 0.6), None)  # fmt: skip
        canvas.glow(centre, 0.9, (1.0, 0.72, 0.40))


def paint_bollard(canvas: Canvas, at: tuple[float, float]) -> None:
    """A knee-high post with a white band."""
    x, z = at
    canvas.tapered_bar(
        [(x, 0, z), (x, 0.85, z)], (0.07, 0.06), np.array([0.14, 0.14, 0.15]), "pole"
    )
    canvas.tapered_bar([(x, 0.62, z), (x, 0.70, z)], (0.063, 0.063), np.array(_WHITE), None)


def paint_bin(canvas: Canvas, at: tuple[float, float], rng: np.random.Generator) -> None:
    """A litter bin: static, so void."""
    x, z = at
    green = np.array([0.12, 0.24, 0.18]) * rng.uniform(0.7, 1.3)
    canvas.box((x - 0.28, 0.05, z - 0.28), (x + 0.28, 0.95, z + 0.28), green, "static")
    canvas.box((x - 0.31, 0.95, z - 0.31), (x + 0.31, 1.05, z + 0.31), green * 0.6, "static")
