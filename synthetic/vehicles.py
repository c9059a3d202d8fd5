"""Paints cars, vans, trucks and buses."""

from collections.abc import Callable

import numpy as np

from synthetic.canvas import Canvas, Rgb
from synthetic.ground import GroundShadows
from synthetic.perspective import Floats, hull
from synthetic.vehicle_mesh import (
    GLASS,
    LAMP_FRONT,
    LAMP_REAR,
    PAINT,
    TRIM,
    Pose,
    Shape,
    caps,
    loft,
    paint_faces,
)
from synthetic.vehicle_models import CAB, CARGO, MODELS, Model, width_of

_DETAIL = 45.0  # metres beyond which spokes and door seams are thinner than a pixel

Panel = Callable[[float, float, float, float, Rgb], None]


def vehicle_shadow(shadows: GroundShadows, name: str, pose: Pose) -> None:
    """The dark under a vehicle and the shadow the sun throws."""
    half, length = width_of(name) / 2, pose.length
    feet = pose.street([(0.1, 0, -half), (length - 0.1, 0, -half),
                         (length - 0.1, 0, half), (0.1, 0, half)])  # fmt: skip
    shadows.contact(feet)
    roof = float(MODELS[name].shape.stations[:, 3].max()) - 0.05
    belt = float(MODELS[name].shape.stations[:, 2].mean())
    tops = ((0.0, length, belt, half), (length * 0.18, length * 0.66, roof, half * 0.75))
    for start, end, height, wide in tops:
        ring = [(start, height, -wide), (end, height, -wide), (end, height, wide),
                (start, height, wide)]  # fmt: skip
        top = pose.street(ring)
        shadows.cast(top)
        low = top.copy()
        low[:, 1] = 0.2
        for index in range(4):
            after = (index + 1) % 4
            shadows.cast(np.array([low[index], low[after], top[after], top[index]]))


def paint_vehicle(canvas: Canvas, name: str, pose: Pose, paint: Floats, *, lit: bool) -> None:
    """Paint a vehicle of MODELS at `place`; `lit` turns its lamps on."""
    model = MODELS[name]
    _tyres(canvas, model, pose)
    shapes = [model.shape]
    if name == "truck":
        toward = np.cos(pose.heading) > 0
        shapes = [CAB, CARGO] if toward else [CARGO, CAB]
    for shape in shapes:
        _body(canvas, shape, model, pose, paint if shape is not CARGO else paint * 0.4 + 0.5)
    if model.label == "car" and pose.z < _DETAIL:
        _doors(canvas, model, pose, paint)
    _rims(canvas, model, pose)
    _ends(canvas, name, model, pose, lit=lit)


def _body(canvas: Canvas, shape: Shape, model: Model, pose: Pose, paint: Floats) -> None:
    quads, material = loft(shape)
    lamps = canvas.light.lamps
    albedo = np.empty((5, 3))
    albedo[PAINT], albedo[GLASS], albedo[TRIM] = paint, (0.035, 0.04, 0.045), (0.05, 0.05, 0.055)
    albedo[LAMP_REAR] = (0.55, 0.03, 0.03)
    albedo[LAMP_FRONT] = (0.9, 0.9, 0.85) if lamps else (0.55, 0.57, 0.58)
    gloss = np.array([0.09, 0.20, 0.03, 0.12, 0.3])
    for end, cap in enumerate(caps(shape)):
        if (np.cos(pose.heading) > 0) == (end == 0):
            normal = pose.street([(0, 0, 0), (1 if end else -1, 0, 0)])
            tone = canvas.light.shade(paint, normal[1] - normal[0], pose.lit)
            canvas.polygon(pose.street(cap), tone * 0.93, model.label)
    paint_faces(canvas, pose, quads, rgb=albedo[material], gloss=gloss[material], label=model.label)


def _visible_side(canvas: Canvas, pose: Pose) -> int:
    """1 if the camera sees the vehicle's right flank, -1 its left one."""
    x = canvas.camera.x - pose.x - canvas.camera.bend * pose.z**2
    right = x * np.cos(pose.heading) + pose.z * np.sin(pose.heading)
    return 1 if right > 0 else -1


_ANGLES = np.linspace(0, 2 * np.pi, 22, endpoint=False)
_DISC = np.stack([np.cos(_ANGLES), np.sin(_ANGLES), 0 * _ANGLES], axis=1)


def _rubber(canvas: Canvas) -> Floats:
    return canvas.light.ambient * 0.065 + canvas.light.sun_rgb * 0.012


def _tyres(canvas: Canvas, model: Model, pose: Pose) -> None:
    """All wheels as dark drums, before the body hides most of them."""
    half = float(model.shape.stations[:, 4].max()) * 0.95
    for axle in model.axles:
        for side in (-1, 1):
            drum = np.concatenate([
                pose.street(_DISC * model.wheel + [axle, model.wheel, side * wide])
                for wide in (half, half - 0.22)
            ])  # fmt: skip
            pixels, depth = canvas.camera.project(drum)
            canvas.fill(hull(pixels), _rubber(canvas), model.label, float(depth.mean()))


def _rims(canvas: Canvas, model: Model, pose: Pose) -> None:
    """Wheel arches, tyres and rims on the flank the camera sees."""
    side = _visible_side(canvas, pose)
    half = float(model.shape.stations[:, 4].max())
    metal = canvas.light.shade((0.42, 0.43, 0.45), (side * 0.8, 0.6, 0), pose.lit)
    for axle in model.axles:
        hub = np.array([axle, model.wheel, side * half * 0.955])
        arch = _DISC[:12] * model.wheel * 1.16 + hub + [0, 0, side * half * 0.04]
        canvas.polygon(pose.street(arch), _rubber(canvas) * 0.5, model.label)
        canvas.polygon(pose.street(_DISC * model.wheel + hub), _rubber(canvas), model.label)
        for radius, tone in ((0.69, 0.40), (0.64, 1.0), (0.53, 0.42)):
            canvas.polygon(pose.street(_DISC * model.wheel * radius + hub), metal * tone)
        for angle in _ANGLES[::4] if pose.z < _DETAIL else ():
            sin, cos = np.sin(angle), np.cos(angle)
            spoke = _SPOKE * model.wheel @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
            canvas.polygon(pose.street(spoke + hub), metal * 0.95)


_SPOKE = np.array([(0.0, -0.09, 0), (0.58, -0.08, 0), (0.58, 0.08, 0), (0.0, 0.09, 0)])


def _doors(canvas: Canvas, model: Model, pose: Pose, paint: Floats) -> None:
    """Seams, handles and the mirror on the flank the camera sees."""
    side = _visible_side(canvas, pose)
    stations = model.shape.stations
    half, low = float(stations[:, 4].max()), float(stations[3, 1])
    belt = float(stations[len(stations) // 2, 2])
    seam = canvas.light.shade(paint * 0.32, (side, 0, 0), pose.lit)

    def mark(x0: float, y0: float, x1: float, y1: float, rgb: Floats) -> None:
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        canvas.polygon(pose.street([(x, y, side * half * 0.995) for x, y in corners]), rgb)

    front, rear = model.axles[1] - 0.55, model.axles[0] + 0.5
    middle = (front + rear) / 2 - 0.05
    for x in (rear, middle, front):
        mark(x, low + 0.10, x + 0.018, belt - 0.02, seam)
    mark(rear, low + 0.10, front, low + 0.115, seam)
    for x in (middle - 0.28, front - 1.02):
        mark(x, belt - 0.16, x + 0.2, belt - 0.125, seam * 0.8)
    glass = max(model.shape.panes)
    mirror = float(stations[glass + 1, 0]) - 0.42
    ear = pose.street([(mirror, belt + 0.08, side * (half + 0.07)),
                        (mirror, belt + 0.08, side * (half + 0.17))])  # fmt: skip
    canvas.skin(ear, (0.075, 0.065), paint * 0.8, model.label)


def _ends(canvas: Canvas, name: str, model: Model, pose: Pose, *, lit: bool) -> None:
    """Lamps, plates, grille and, on tall rears, the window."""
    rear = bool(np.cos(pose.heading) > 0.15)
    front = bool(np.cos(pose.heading) < -0.15)
    if not rear and not front:
        return
    x = -0.012 if rear else pose.length + 0.012
    half = width_of(name) / 2
    base = canvas.light.ambient + canvas.light.sun_rgb * 0.25 * pose.lit

    def panel(right: float, y: float, wide: float, tall: float, rgb: Rgb) -> None:
        signs = ((-1, -1), (-1, 1), (1, 1), (1, -1))
        corners = [(x, y + up * tall / 2, right + out * wide / 2) for up, out in signs]
        canvas.polygon(pose.street(corners), rgb, model.label)

    if name in ("van", "bus", "truck"):
        _tall_end(canvas, name, panel, rear=rear)
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
            point = pose.street([(x, (low + high) / 2, spot)])[0]
            canvas.glow(point, 0.30 if rear else 0.42, glow)
    if front and name not in ("bus", "truck"):
        panel(0, (low + high) / 2 - 0.02, half * 0.8, 0.12, base * 0.05)


def _tall_end(canvas: Canvas, name: str, panel: Panel, *, rear: bool) -> None:
    """The window and the doors of a van, bus or truck seen from behind or in front."""
    light = canvas.light
    glass = light.horizon * 0.16 + 0.03
    if name == "van" and rear:
        for side in (-0.42, 0.42):
            panel(side, 1.50, 0.66, 0.52, glass)
        panel(0, 1.05, 0.02, 1.5, light.ambient * 0.1)
    elif name == "bus":
        panel(0, 1.95 if rear else 1.75, 2.0, 0.9 if rear else 1.6, glass)
        panel(0, 1.75 if rear else 1.2, 1.9, 0.3, glass * 0.6)
        panel(0, 2.68, 1.2, 0.28, np.array([0.03, 0.03, 0.03]))
        panel(0, 2.68, 0.9, 0.13, np.array([0.95, 0.60, 0.12]))
        if rear:
            panel(0, 0.95, 1.5, 0.5, light.ambient * 0.09)
    elif name == "truck" and rear:
        panel(0, 2.1, 0.03, 2.3, light.ambient * 0.2)
        for y in (1.3, 2.9):
            panel(0, y, 2.1, 0.03, light.ambient * 0.3)
        panel(0, 0.75, 2.2, 0.22, light.ambient * 0.12)
