"""Cars, vans, trucks and buses."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from training.data.synthetic.canvas import Canvas, hull
from training.data.synthetic.mesh import (
    GLASS,
    LAMP_FRONT,
    LAMP_REAR,
    PAINT,
    TRIM,
    Place,
    Shape,
    caps,
    loft,
    paint_faces,
)
from training.data.synthetic.perspective import Floats
from training.data.synthetic.street import Shade

_PAINTS = (
    (0.72, 0.73, 0.74), (0.52, 0.54, 0.56), (0.10, 0.10, 0.11), (0.20, 0.21, 0.23),
    (0.86, 0.86, 0.85), (0.08, 0.13, 0.30), (0.48, 0.06, 0.06), (0.12, 0.24, 0.40),
    (0.30, 0.12, 0.10), (0.16, 0.26, 0.20), (0.70, 0.60, 0.42), (0.55, 0.33, 0.08),
)  # fmt: skip


class Model(NamedTuple):
    """A kind of vehicle: its body, label, wheels (x of axles, radius) and how tall its ends are."""

    shape: Shape
    label: str
    axles: tuple[float, ...]
    wheel: float
    lamp: tuple[float, float]
    plate: float


def _shape(rows: list[tuple[float, ...]], screens: tuple[int, ...], panes: tuple[int, ...],
           lean: float = 0.36, *, lamps: bool = True) -> Shape:  # fmt: skip
    return Shape(np.array(rows), screens, panes, lean, lamps)


# x, underside, belt, roof, half width: from the rear bumper to the front.
_HATCH = _shape([
    (0.00, 0.30, 0.88, 0.92, 0.78), (0.10, 0.26, 0.93, 1.00, 0.855), (0.50, 0.24, 0.95, 1.40, 0.88),
    (0.75, 0.24, 0.95, 1.45, 0.885), (1.55, 0.24, 0.94, 1.49, 0.89), (1.65, 0.24, 0.94, 1.49, 0.89),
    (2.25, 0.24, 0.93, 1.45, 0.89), (3.05, 0.24, 0.92, 0.96, 0.885),
    (3.50, 0.24, 0.85, 0.90, 0.88), (3.85, 0.25, 0.76, 0.80, 0.86), (4.02, 0.26, 0.68, 0.71, 0.80),
    (4.10, 0.30, 0.62, 0.64, 0.70),
], (1, 6), (2, 3, 5, 6))  # fmt: skip
_SEDAN = _shape([
    (0.00, 0.32, 0.84, 0.88, 0.80), (0.10, 0.27, 0.93, 0.97, 0.87), (0.60, 0.24, 0.98, 1.03, 0.90),
    (1.25, 0.24, 0.96, 1.38, 0.90), (1.45, 0.24, 0.95, 1.42, 0.905), (2.05, 0.24, 0.94, 1.45, 0.905),
    (2.15, 0.24, 0.94, 1.45, 0.905), (2.65, 0.24, 0.93, 1.41, 0.905), (3.45, 0.24, 0.92, 0.97, 0.90),
    (4.00, 0.24, 0.85, 0.90, 0.89), (4.40, 0.25, 0.75, 0.79, 0.86), (4.58, 0.27, 0.66, 0.69, 0.80),
    (4.66, 0.31, 0.60, 0.62, 0.70),
], (2, 7), (3, 4, 6, 7))  # fmt: skip
_ESTATE = _shape([
    (0.00, 0.32, 0.88, 0.92, 0.80), (0.08, 0.27, 0.95, 1.02, 0.87), (0.42, 0.24, 0.96, 1.40, 0.90),
    (0.62, 0.24, 0.96, 1.45, 0.905), (1.30, 0.24, 0.95, 1.49, 0.905), (1.38, 0.24, 0.95, 1.49, 0.905),
    (2.05, 0.24, 0.94, 1.49, 0.905), (2.15, 0.24, 0.94, 1.49, 0.905), (2.65, 0.24, 0.93, 1.43, 0.905),
    (3.45, 0.24, 0.92, 0.97, 0.90), (4.05, 0.24, 0.85, 0.90, 0.89), (4.45, 0.25, 0.74, 0.78, 0.86),
    (4.64, 0.30, 0.62, 0.64, 0.72),
], (1, 8), (3, 5, 7, 8))  # fmt: skip
_SUV = _shape([
    (0.00, 0.40, 1.02, 1.06, 0.82), (0.09, 0.34, 1.08, 1.16, 0.90), (0.38, 0.30, 1.09, 1.58, 0.93),
    (0.60, 0.30, 1.09, 1.65, 0.935), (1.20, 0.30, 1.08, 1.69, 0.94), (1.30, 0.30, 1.08, 1.69, 0.94),
    (2.00, 0.30, 1.07, 1.69, 0.94), (2.10, 0.30, 1.07, 1.69, 0.94), (2.60, 0.30, 1.06, 1.62, 0.94),
    (3.30, 0.30, 1.05, 1.11, 0.935), (3.95, 0.30, 1.00, 1.06, 0.925), (4.35, 0.32, 0.88, 0.93, 0.90),
    (4.50, 0.38, 0.72, 0.75, 0.78),
], (1, 8), (3, 5, 7, 8))  # fmt: skip
_VAN = _shape([
    (0.00, 0.36, 1.20, 1.86, 0.90), (0.10, 0.32, 1.22, 1.96, 0.96), (0.30, 0.30, 1.22, 2.00, 0.97),
    (1.60, 0.30, 1.22, 2.02, 0.97), (2.75, 0.30, 1.22, 2.02, 0.97), (2.85, 0.30, 1.20, 2.02, 0.97),
    (3.45, 0.30, 1.16, 1.95, 0.97), (4.20, 0.30, 1.12, 1.20, 0.96), (4.65, 0.31, 1.00, 1.06, 0.94),
    (4.82, 0.36, 0.84, 0.88, 0.84),
], (6,), (5, 6), 0.14)  # fmt: skip
_BUS = _shape([
    (0.00, 0.38, 1.25, 2.88, 1.20), (0.12, 0.34, 1.20, 2.98, 1.26), (0.9, 0.32, 1.15, 3.02, 1.27),
    (2.4, 0.32, 1.15, 3.02, 1.27), (2.5, 0.32, 1.15, 3.02, 1.27), (4.2, 0.32, 1.15, 3.02, 1.27),
    (4.3, 0.32, 1.15, 3.02, 1.27), (6.0, 0.32, 1.15, 3.02, 1.27), (6.1, 0.32, 1.15, 3.02, 1.27),
    (7.8, 0.32, 1.15, 3.02, 1.27), (7.9, 0.32, 1.15, 3.02, 1.27), (9.6, 0.32, 1.15, 3.02, 1.27),
    (9.75, 0.32, 1.10, 3.02, 1.27), (11.2, 0.33, 1.00, 3.00, 1.26), (11.4, 0.38, 1.00, 2.86, 1.18),
], (), (2, 4, 6, 8, 10, 12), 0.06)  # fmt: skip
_CARGO = _shape([
    (0.00, 0.95, 2.0, 3.25, 1.20), (0.05, 0.90, 2.0, 3.30, 1.24), (5.2, 0.90, 2.0, 3.30, 1.24),
    (5.25, 0.95, 2.0, 3.25, 1.20),
], (), (), 0.0, lamps=False)  # fmt: skip
_CAB = _shape([
    (5.40, 0.55, 1.55, 2.40, 1.12), (5.50, 0.50, 1.55, 2.52, 1.17), (6.30, 0.48, 1.52, 2.55, 1.18),
    (6.95, 0.48, 1.42, 2.45, 1.17), (7.22, 0.48, 1.38, 1.46, 1.15), (7.30, 0.55, 1.20, 1.24, 1.05),
], (3,), (2, 3), 0.12, lamps=False)  # fmt: skip

MODELS = {
    "hatch": Model(_HATCH, "car", (0.78, 3.28), 0.32, (0.70, 0.88), 0.62),
    "sedan": Model(_SEDAN, "car", (0.95, 3.72), 0.33, (0.68, 0.84), 0.60),
    "estate": Model(_ESTATE, "car", (0.92, 3.70), 0.33, (0.68, 0.88), 0.62),
    "suv": Model(_SUV, "car", (0.90, 3.62), 0.37, (0.82, 1.02), 0.74),
    "van": Model(_VAN, "car", (0.95, 3.90), 0.34, (0.80, 1.15), 0.62),
    "bus": Model(_BUS, "bus", (2.9, 8.7), 0.48, (0.85, 1.15), 0.62),
    "truck": Model(_CARGO, "truck", (1.3, 6.5), 0.46, (0.66, 0.82), 0.72),
}


def length_of(kind: str) -> float:
    """The length of a model in metres."""
    return 7.3 if kind == "truck" else float(MODELS[kind].shape.stations[-1, 0])


def width_of(kind: str) -> float:
    """The width of a model in metres."""
    return 2 * float(MODELS[kind].shape.stations[:, 4].max())


def sample_paint(kind: str, rng: np.random.Generator) -> Floats:
    """A body colour (3,)."""
    if kind in ("bus", "truck", "van"):
        bright = ((0.80, 0.66, 0.12), (0.62, 0.10, 0.09), (0.84, 0.84, 0.82), (0.16, 0.36, 0.58))
        return np.array(bright[int(rng.integers(4))])
    return np.array(_PAINTS[int(rng.integers(len(_PAINTS)))]) * rng.uniform(0.9, 1.1)


def vehicle_shadow(shade: Shade, kind: str, place: Place) -> None:
    """The dark under a vehicle and the shadow the sun throws."""
    half, length = width_of(kind) / 2, place.length
    feet = place.street([(0.1, 0, -half), (length - 0.1, 0, -half),
                         (length - 0.1, 0, half), (0.1, 0, half)])  # fmt: skip
    shade.contact(feet)
    roof = float(MODELS[kind].shape.stations[:, 3].max()) - 0.05
    belt = float(MODELS[kind].shape.stations[:, 2].mean())
    tops = ((0.0, length, belt, half), (length * 0.18, length * 0.66, roof, half * 0.75))
    for start, end, height, wide in tops:
        ring = [(start, height, -wide), (end, height, -wide), (end, height, wide),
                (start, height, wide)]  # fmt: skip
        top = place.street(ring)
        shade.cast(top)
        low = top.copy()
        low[:, 1] = 0.2
        for index in range(4):
            after = (index + 1) % 4
            shade.cast(np.array([low[index], low[after], top[after], top[index]]))


def paint_vehicle(canvas: Canvas, kind: str, place: Place, paint: Floats, *, lit: bool) -> None:
    """Paint a vehicle of MODELS at `place`; `lit` turns its lamps on."""
    model = MODELS[kind]
    _tyres(canvas, model, place)
    shapes = [model.shape]
    if kind == "truck":
        toward = np.cos(place.heading) > 0
        shapes = [_CAB, _CARGO] if toward else [_CARGO, _CAB]
    for shape in shapes:
        _body(canvas, shape, model, place, paint if shape is not _CARGO else paint * 0.4 + 0.5)
    if model.label == "car":
        _doors(canvas, model, place, paint)
    _rims(canvas, model, place)
    _ends(canvas, kind, model, place, lit=lit)


def _body(canvas: Canvas, shape: Shape, model: Model, place: Place, paint: Floats) -> None:
    quads, material = loft(shape)
    lamps = canvas.light.lamps
    albedo = np.empty((5, 3))
    albedo[PAINT], albedo[GLASS], albedo[TRIM] = paint, (0.035, 0.04, 0.045), (0.05, 0.05, 0.055)
    albedo[LAMP_REAR] = (0.55, 0.03, 0.03)
    albedo[LAMP_FRONT] = (0.9, 0.9, 0.85) if lamps else (0.55, 0.57, 0.58)
    gloss = np.array([0.09, 0.20, 0.03, 0.12, 0.3])
    for end, cap in enumerate(caps(shape)):
        if (np.cos(place.heading) > 0) == (end == 0):
            normal = place.street([(0, 0, 0), (1 if end else -1, 0, 0)])
            tone = canvas.light.shade(paint, normal[1] - normal[0], place.lit)
            canvas.polygon(place.street(cap), tone * 0.93, model.label)
    paint_faces(canvas, place, quads, albedo[material], gloss[material], model.label)


def _side_seen(canvas: Canvas, place: Place) -> int:
    """1 if the camera sees the vehicle's right flank, -1 its left one."""
    x = canvas.camera.x - place.x - canvas.camera.bend * place.z**2
    right = x * np.cos(place.heading) + place.z * np.sin(place.heading)
    return 1 if right > 0 else -1


_TURN = np.linspace(0, 2 * np.pi, 22, endpoint=False)
_DISC = np.stack([np.cos(_TURN), np.sin(_TURN), 0 * _TURN], axis=1)


def _rubber(canvas: Canvas) -> Floats:
    return canvas.light.ambient * 0.065 + canvas.light.sun_rgb * 0.012


def _tyres(canvas: Canvas, model: Model, place: Place) -> None:
    """All wheels as dark drums, before the body hides most of them."""
    half = float(model.shape.stations[:, 4].max()) * 0.95
    for axle in model.axles:
        for side in (-1, 1):
            drum = np.concatenate([
                place.street(_DISC * model.wheel + [axle, model.wheel, side * wide])
                for wide in (half, half - 0.22)
            ])  # fmt: skip
            pixels, depth = canvas.camera.project(drum)
            canvas.fill(hull(pixels), _rubber(canvas), model.label, float(depth.mean()))


def _rims(canvas: Canvas, model: Model, place: Place) -> None:
    """Wheel arches, tyres and rims on the flank the camera sees."""
    side = _side_seen(canvas, place)
    half = float(model.shape.stations[:, 4].max())
    metal = canvas.light.shade((0.42, 0.43, 0.45), (side * 0.8, 0.6, 0), place.lit)
    for axle in model.axles:
        hub = np.array([axle, model.wheel, side * half * 0.955])
        arch = _DISC[:12] * model.wheel * 1.16 + hub + [0, 0, side * half * 0.04]
        canvas.polygon(place.street(arch), _rubber(canvas) * 0.5)
        canvas.polygon(place.street(_DISC * model.wheel + hub), _rubber(canvas), model.label)
        for radius, tone in ((0.69, 0.40), (0.64, 1.0), (0.53, 0.42)):
            canvas.polygon(place.street(_DISC * model.wheel * radius + hub), metal * tone)
        for angle in _TURN[::4]:
            sin, cos = np.sin(angle), np.cos(angle)
            spoke = _SPOKE * model.wheel @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
            canvas.polygon(place.street(spoke + hub), metal * 0.95)


_SPOKE = np.array([(0.0, -0.09, 0), (0.58, -0.08, 0), (0.58, 0.08, 0), (0.0, 0.09, 0)])


def _doors(canvas: Canvas, model: Model, place: Place, paint: Floats) -> None:
    """Seams, handles and the mirror on the flank the camera sees."""
    side = _side_seen(canvas, place)
    stations = model.shape.stations
    half, low = float(stations[:, 4].max()), float(stations[3, 1])
    belt = float(stations[len(stations) // 2, 2])
    seam = canvas.light.shade(paint * 0.32, (side, 0, 0), place.lit)

    def mark(x0: float, y0: float, x1: float, y1: float, rgb: Floats) -> None:
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        canvas.polygon(place.street([(x, y, side * half * 0.995) for x, y in corners]), rgb)

    front, rear = model.axles[1] - 0.55, model.axles[0] + 0.5
    middle = (front + rear) / 2 - 0.05
    for x in (rear, middle, front):
        mark(x, low + 0.10, x + 0.018, belt - 0.02, seam)
    mark(rear, low + 0.10, front, low + 0.115, seam)
    for x in (middle - 0.28, front - 1.02):
        mark(x, belt - 0.16, x + 0.2, belt - 0.125, seam * 0.8)
    glass = max(index for index in model.shape.panes)
    mirror = float(stations[glass + 1, 0]) - 0.42
    ear = place.street([(mirror, belt + 0.08, side * (half + 0.07)),
                        (mirror, belt + 0.08, side * (half + 0.17))])  # fmt: skip
    canvas.blob(ear, (0.075, 0.065), paint * 0.8, model.label)


def _ends(canvas: Canvas, kind: str, model: Model, place: Place, *, lit: bool) -> None:
    """Lamps, plates, grille and, on tall rears, the window."""
    rear = bool(np.cos(place.heading) > 0.15)
    front = bool(np.cos(place.heading) < -0.15)
    if not rear and not front:
        return
    x = -0.012 if rear else place.length + 0.012
    half = width_of(kind) / 2
    base = canvas.light.ambient + canvas.light.sun_rgb * 0.25 * place.lit

    def panel(right: float, y: float, wide: float, tall: float, rgb: ArrayLike) -> None:
        corners = [(x, y - tall / 2, right - wide / 2), (x, y - tall / 2, right + wide / 2),
                   (x, y + tall / 2, right + wide / 2), (x, y + tall / 2, right - wide / 2)]  # fmt: skip
        canvas.polygon(place.street(corners), rgb)

    if kind in ("van", "bus", "truck"):
        _tall_end(canvas, kind, panel, rear=rear)
    panel(0, 0.42, half * 1.5, 0.16, base * 0.06)
    panel(0, model.plate, 0.52, 0.115, base * 0.80)
    panel(0, model.plate, 0.40, 0.05, base * 0.25)
    low, high = model.lamp if rear else (model.lamp[0] - 0.14, model.lamp[1] - 0.24)
    lamp = np.array([0.62, 0.03, 0.03]) if rear else np.array([0.85, 0.87, 0.86])
    for side in (-1, 1):
        spot = half * 0.70 * side
        panel(spot, (low + high) / 2, half * 0.26, high - low, base * lamp * (0.5 if rear else 0.4))
        panel(spot, (low + high) / 2, half * 0.20, (high - low) * 0.7,
              lamp * 1.5 if lit else base * lamp * 0.9)  # fmt: skip
        if lit:
            glow = (1.0, 0.12, 0.06) if rear else (1.0, 0.95, 0.82)
            point = place.street([(x, (low + high) / 2, spot)])[0]
            canvas.glow(point, 0.30 if rear else 0.42, glow)
    if front and kind not in ("bus", "truck"):
        panel(0, (low + high) / 2 - 0.02, half * 0.8, 0.12, base * 0.05)


def _tall_end(canvas: Canvas, kind: str, panel, *, rear: bool) -> None:  # type: ignore[no-untyped-def]
    light = canvas.light
    glass = light.horizon * 0.16 + 0.03
    if kind == "van" and rear:
        for side in (-0.42, 0.42):
            panel(side, 1.50, 0.66, 0.52, glass)
        panel(0, 1.05, 0.02, 1.5, light.ambient * 0.1)
    elif kind == "bus":
        panel(0, 1.95 if rear else 1.75, 2.0, 0.9 if rear else 1.6, glass)
        panel(0, 1.75 if rear else 1.2, 1.9, 0.3, glass * 0.6)
        panel(0, 2.68, 1.2, 0.28, np.array([0.03, 0.03, 0.03]))
        panel(0, 2.68, 0.9, 0.13, np.array([0.95, 0.60, 0.12]))
        if rear:
            panel(0, 0.95, 1.5, 0.5, light.ambient * 0.09)
    elif kind == "truck" and rear:
        panel(0, 2.1, 0.03, 2.3, light.ambient * 0.2)
        for y in (1.3, 2.9):
            panel(0, y, 2.1, 0.03, light.ambient * 0.3)
        panel(0, 0.75, 2.2, 0.22, light.ambient * 0.12)
