"""Paints cars, vans, trucks and buses: bodies lofted from a side profile, wheels, lamps, plates."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from synthetic.canvas import Canvas, Rgb
from synthetic.ground import GroundShadows
from synthetic.light import Light
from synthetic.perspective import Floats, hull
from synthetic.vehicle_models import GLASS, LAMP_FRONT, LAMP_REAR, MODELS, PAINT, TRIM, Model, Shape

_DETAIL = 45.0  # metres beyond which spokes and door seams are thinner than a pixel
_ANGLES = np.linspace(0, 2 * np.pi, 22, endpoint=False)
_DISC = np.stack([np.cos(_ANGLES), np.sin(_ANGLES), 0 * _ANGLES], axis=1)
_SPOKE = np.array([(0.0, -0.09, 0), (0.58, -0.08, 0), (0.58, 0.08, 0), (0.0, 0.09, 0)])


class Pose(NamedTuple):
    """Where a vehicle stands: its centre in street (x, z), `heading` 0 away from the camera."""

    x: float
    z: float
    heading: float
    length: float
    lit: float

    def street(self, local: ArrayLike) -> Floats:
        """Vehicle coordinates (N, 3), forward from the rear, up, right -> street (N, 3)."""
        ahead, up, right = np.asarray(local, np.float64).T
        ahead = ahead - self.length / 2
        sin, cos = np.sin(self.heading), np.cos(self.heading)
        return np.stack(
            [self.x + ahead * sin + right * cos, up, self.z + ahead * cos - right * sin], axis=1
        )


def vehicle_shadow(shadows: GroundShadows, model: Model, pose: Pose) -> None:
    """The dark under a vehicle and the shadow the sun throws."""
    half, length, stations = model.half, pose.length, model.shape.stations

    def ring(start: float, end: float, height: float, wide: float) -> Floats:
        corners = ((start, -wide), (end, -wide), (end, wide), (start, wide))
        return pose.street([(ahead, height, right) for ahead, right in corners])

    shadows.contact(ring(0.1, length - 0.1, 0, half))
    roof, belt = float(stations[:, 3].max()) - 0.05, float(stations[:, 2].mean())
    for top in (
        ring(0.0, length, belt, half),
        ring(length * 0.18, length * 0.66, roof, half * 0.75),
    ):
        shadows.cast(top)
        low = top * [1, 0, 1] + [0, 0.2, 0]
        for a, b in ((0, 1), (1, 2), (2, 3), (3, 0)):
            shadows.cast([low[a], low[b], top[b], top[a]])


class Vehicle:
    """A vehicle of MODELS at a pose; `lit` turns its lamps on."""

    def __init__(self, canvas: Canvas, name: str, pose: Pose, paint: Floats, lit: bool) -> None:
        self._canvas, self._name, self._pose, self._paint, self._lit = (
            canvas, name, pose, paint, lit
        )  # fmt: skip
        self._model, self._light = MODELS[name], canvas.light

    def paint(self) -> None:
        """Paint it from its far side to its near one."""
        model, cos = self._model, np.cos(self._pose.heading)
        self._tyres()
        for shape in model.shapes[:: -1 if cos > 0 else 1]:
            self._body(shape)
        # The flank that the camera sees: 1 for the right one.
        x = self._canvas.camera.x - self._pose.x - self._canvas.camera.bend * self._pose.z**2
        side = 1 if x * cos + self._pose.z * np.sin(self._pose.heading) > 0 else -1
        if model.label == "car" and self._pose.z < _DETAIL:
            self._doors(side)
        self._rims(side)
        if abs(cos) > 0.15:
            self._end(rear=bool(cos > 0))

    def _polygon(self, local: ArrayLike, rgb: Rgb, label: str | None = None) -> None:
        self._canvas.polygon(self._pose.street(local), rgb, label)

    def _body(self, shape: Shape) -> None:
        pose, light, label = self._pose, self._light, self._model.label
        quads, material = shape.faces()
        albedo = np.empty((5, 3))
        albedo[PAINT] = self._paint * 0.4 + 0.5 if shape.cargo else self._paint
        albedo[GLASS], albedo[TRIM] = (0.035, 0.04, 0.045), (0.05, 0.05, 0.055)
        albedo[LAMP_REAR] = (0.55, 0.03, 0.03)
        albedo[LAMP_FRONT] = (0.9, 0.9, 0.85) if light.lamps else (0.55, 0.57, 0.58)
        gloss = np.array([0.09, 0.20, 0.03, 0.12, 0.3])
        end = -1 if np.cos(pose.heading) <= 0 else 0
        normal = pose.street([(0, 0, 0), (1 if end else -1, 0, 0)])
        tone = light.shade(albedo[PAINT], normal[1] - normal[0], pose.lit)
        self._polygon(shape.section(end), tone * 0.93, label)
        _paint_faces(self._canvas, pose, quads, albedo[material], gloss[material], label)

    def _rubber(self) -> Floats:
        return self._light.ambient * 0.065 + self._light.sun_rgb * 0.012

    def _tyres(self) -> None:
        """All wheels as dark drums, before the body hides most of them."""
        model = self._model
        half = model.half * 0.95
        for axle in model.axles:
            for side in (-1, 1):
                drum = np.concatenate([
                    self._pose.street(_DISC * model.wheel + [axle, model.wheel, side * wide])
                    for wide in (half, half - 0.22)
                ])  # fmt: skip
                pixels, depth = self._canvas.camera.project(drum)
                self._canvas.fill(hull(pixels), self._rubber(), model.label, float(depth.mean()))

    def _rims(self, side: int) -> None:
        """Wheel arches, tyres and rims on the flank `side`."""
        model, disc = self._model, _DISC * self._model.wheel
        metal = self._light.shade((0.42, 0.43, 0.45), (side * 0.8, 0.6, 0), self._pose.lit)
        for axle in model.axles:
            hub = np.array([axle, model.wheel, side * model.half * 0.955])
            arch = _DISC[:12] * model.wheel * 1.16 + hub + [0, 0, side * model.half * 0.04]
            self._polygon(arch, self._rubber() * 0.5, model.label)
            self._polygon(disc + hub, self._rubber(), model.label)
            for radius, tone in ((0.69, 0.40), (0.64, 1.0), (0.53, 0.42)):
                self._polygon(disc * radius + hub, metal * tone)
            for angle in _ANGLES[::4] if self._pose.z < _DETAIL else ():
                sin, cos = np.sin(angle), np.cos(angle)
                spoke = _SPOKE * model.wheel @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
                self._polygon(spoke + hub, metal * 0.95)

    def _doors(self, side: int) -> None:
        """Seams, handles and the mirror on the flank `side`."""
        model, stations = self._model, self._model.shape.stations
        half, low = model.half, float(stations[3, 1])
        belt = float(stations[len(stations) // 2, 2])
        seam = self._light.shade(self._paint * 0.32, (side, 0, 0), self._pose.lit)

        def mark(x0: float, y0: float, x1: float, y1: float, rgb: Floats) -> None:
            corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
            self._polygon([(x, y, side * half * 0.995) for x, y in corners], rgb)

        front, rear = model.axles[1] - 0.55, model.axles[0] + 0.5
        middle = (front + rear) / 2 - 0.05
        for x in (rear, middle, front):
            mark(x, low + 0.10, x + 0.018, belt - 0.02, seam)
        mark(rear, low + 0.10, front, low + 0.115, seam)
        for x in (middle - 0.28, front - 1.02):
            mark(x, belt - 0.16, x + 0.2, belt - 0.125, seam * 0.8)
        mirror = float(stations[max(model.shape.panes) + 1, 0]) - 0.42
        ear = [(mirror, belt + 0.08, side * (half + out)) for out in (0.07, 0.17)]
        self._canvas.skin(self._pose.street(ear), (0.075, 0.065), self._paint * 0.8, model.label)

    def _end(self, *, rear: bool) -> None:
        """Lamps, plates, grille and, on tall vehicles, windows and doors."""
        model, light, pose, half = self._model, self._light, self._pose, self._model.half
        x = -0.012 if rear else pose.length + 0.012
        base = light.ambient + light.sun_rgb * 0.25 * pose.lit

        def panel(right: float, y: float, wide: float, tall: float, rgb: Rgb) -> None:
            signs = ((-1, -1), (-1, 1), (1, 1), (1, -1))
            corners = [(x, y + up * tall / 2, right + out * wide / 2) for up, out in signs]
            self._polygon(corners, rgb, model.label)

        glass = light.horizon * 0.16 + 0.03
        for right, y, wide, tall, shade in model.panels[0 if rear else 1]:
            if isinstance(shade, tuple):
                rgb = np.array(shade)
            else:
                rgb = light.ambient * shade if shade > 0 else glass * -shade
            panel(right, y, wide, tall, rgb)
        panel(0, 0.42, half * 1.5, 0.16, base * 0.06)
        panel(0, model.plate, 0.52, 0.115, base * 0.80)
        panel(0, model.plate, 0.40, 0.05, base * 0.25)
        low, high = model.lamp if rear else (model.lamp[0] - 0.14, model.lamp[1] - 0.24)
        middle, tall = (low + high) / 2, high - low
        lamp = np.array([0.62, 0.03, 0.03] if rear else [0.85, 0.87, 0.86])
        for side in (-1, 1):
            spot = half * 0.70 * side
            panel(spot, middle, half * 0.26, tall, base * lamp * (0.5 if rear else 0.4))
            lens = lamp * 1.5 if self._lit else base * lamp * 0.9
            panel(spot, middle, half * 0.20, tall * 0.7, lens)
            if self._lit:
                glow = (1.0, 0.12, 0.06) if rear else (1.0, 0.95, 0.82)
                point = pose.street([(x, middle, spot)])[0]
                self._canvas.glow(point, 0.30 if rear else 0.42, glow)
        if not rear and self._name not in ("bus", "truck"):
            panel(0, middle - 0.02, half * 0.8, 0.12, base * 0.05)


def _paint_faces(
    canvas: Canvas, pose: Pose, quads: Floats, rgb: Floats, gloss: Floats, label: str
) -> None:
    """Paint the faces (M, 4, 3) of one convex body that the camera sees, far ones first."""
    corners = canvas.camera.to_world(pose.street(quads.reshape(-1, 3))).reshape(-1, 4, 3)
    # A face's corners run the same way round on the whole body, so this points outwards.
    normals = np.cross(corners[:, 3] - corners[:, 1], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    view = corners.mean(axis=1) - canvas.camera.eye
    seen = (view * normals).sum(axis=1) < 0
    colours = _shade_faces(canvas.light, view, normals, rgb, gloss, pose.lit)
    pixels, depth = canvas.camera.project_world(corners.reshape(-1, 3))
    pixels, depth = pixels.reshape(-1, 4, 2), depth.reshape(-1, 4).mean(axis=1)
    if depth.min() < 1.0:
        return
    for index in np.argsort(-depth, kind="stable"):
        if seen[index]:
            canvas.fill(pixels[index], colours[index], label, float(depth[index]))


def _shade_faces(
    light: Light, view: Floats, normals: Floats, rgb: Floats, gloss: Floats, lit: float
) -> Floats:
    """Colours (M, 3) of faces of albedo (M, 3), seen along `view` (M, 3): matt, mirror and sun."""
    view = view / np.linalg.norm(view, axis=1, keepdims=True)
    facing = np.clip(-(view * normals).sum(axis=1), 0, 1)
    mirror = view + 2 * facing[:, None] * normals
    sun = np.clip(normals @ light.sun, 0, 1)[:, None] * lit
    matt = rgb * (light.ambient * (0.62 + 0.38 * normals[:, 1:2]) + light.sun_rgb * sun)
    up = mirror[:, 1:2]
    sky = light.horizon + (light.zenith - light.horizon) * np.clip(up * 1.2 - 0.2, 0, 1)
    houses = light.ambient * (0.62 - 0.5 * np.clip(up, 0, 1))
    street = light.ambient * (0.34 + 0.5 * np.clip(up, -0.5, 0)) + light.sun_rgb * (0.12 * lit)
    reflected = np.where(up > 0, houses + (sky - houses) * np.clip(up * 5 - 1.6, 0, 1), street)
    share = gloss[:, None] + (1 - gloss[:, None]) * (1 - facing[:, None]) ** 5
    spark = np.clip(mirror @ light.sun, 0, 1)[:, None] ** 90 * light.shadow * lit
    return np.asarray(matt * (1 - share) + reflected * share + light.sun_rgb * spark * 1.2)
