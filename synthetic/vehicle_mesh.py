"""Vehicle bodies lofted from a side profile, and the shading of their paint and glass."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synthetic.canvas import Canvas
from synthetic.light import Light
from synthetic.perspective import Floats

PAINT, GLASS, TRIM, LAMP_REAR, LAMP_FRONT = range(5)


class Shape(NamedTuple):
    """A body: `stations` (N, 5) rear to front of x, underside, belt, roof, half width in metres.

    Cells are named by station index: `screens` have glass on top, `panes` have side windows.
    `lean` is how far the windows lean inwards per metre of their height.
    """

    stations: Floats
    screens: tuple[int, ...]
    panes: tuple[int, ...]
    lean: float = 0.36
    lamps: bool = True


# The flank as (share of the half width, share of the way from the sill to the belt): a soft
# shoulder line, so that the paint catches the sky above it and the street below.
_FLANK = ((0.93, 0.0), (0.975, 0.16), (0.99, 0.34), (1.0, 0.54), (0.998, 0.74), (0.972, 0.86),
          (0.94, 1.0))  # fmt: skip


@dataclass(frozen=True)
class Pose:
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


def section(station: Floats, lean: float) -> Floats:
    """The cross-section (23, 3) at one station, from the left sill over the roof to the right."""
    x, low, belt, roof, half = station
    body = belt - low
    glass = max(0.0, roof - belt)
    rail = half * 0.94 - min(lean * glass, 0.2)
    edge = 0.10 if lean > 0.05 else 0.02
    side = [(half * wide, low + rise * body) for wide, rise in _FLANK]
    side += [
        (half * 0.94 + (rail - half * 0.94) * 0.5, belt + glass * 0.42),
        (rail + 0.01, belt + glass * 0.84), (rail - edge, belt + glass * 0.97),
        (rail * 0.5, roof - 0.01),
    ]  # fmt: skip
    right = [(x, y, w) for w, y in side]
    left = [(x, y, -w) for w, y in side]
    return np.array([*left, (x, roof, 0.0), *right[::-1]])


def loft(shape: Shape) -> tuple[Floats, NDArray[np.int64]]:
    """The body's faces as quads (M, 4, 3) in vehicle coordinates, and their materials (M,)."""
    rings = np.stack([section(station, shape.lean) for station in shape.stations])
    a, b = rings[:-1, :-1], rings[:-1, 1:]
    c, d = rings[1:, 1:], rings[1:, :-1]
    quads = np.stack([a, b, c, d], axis=2)
    material = np.full(quads.shape[:2], PAINT)
    material[shape.screens, 9:13] = GLASS
    for column in (6, 7, 14, 15):
        material[shape.panes, column] = GLASS
    material[:, 0] = material[:, -1] = TRIM
    if shape.lamps:
        for column in (3, 4, 5):
            material[0, [column, -1 - column]] = LAMP_REAR
            material[-1, [column, -1 - column]] = LAMP_FRONT
    return quads.reshape(-1, 4, 3), material.ravel()


def caps(shape: Shape) -> list[Floats]:
    """The flat rear and front ends (23, 3) of a body."""
    return [section(shape.stations[end], shape.lean) for end in (0, -1)]


def shade_faces(
    light: Light,
    quads: Floats,
    normals: Floats,
    eye: Floats,
    *,
    rgb: Floats,
    gloss: Floats,
    lit: float,
) -> Floats:
    """Colours (M, 3) of faces (M, 4, 3) of albedo (M, 3): matt light, a mirrored street, sun."""
    view = quads.mean(axis=1) - eye
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    facing = np.clip(-(view * normals).sum(axis=1), 0, 1)
    mirror = view + 2 * facing[:, None] * normals
    sun = np.clip(normals @ light.sun, 0, 1)[:, None] * lit
    matt = rgb * (light.ambient * (0.62 + 0.38 * normals[:, 1:2]) + light.sun_rgb * sun)
    up = mirror[:, 1:2]
    sky = light.horizon + (light.zenith - light.horizon) * np.clip(up * 1.2 - 0.2, 0, 1)
    houses = light.ambient * (0.62 - 0.5 * np.clip(up, 0, 1))
    street = light.ambient * (0.34 + 0.5 * np.clip(up, -0.5, 0)) + light.sun_rgb * (0.12 * lit)
    seen = np.where(up > 0, houses + (sky - houses) * np.clip(up * 5 - 1.6, 0, 1), street)
    share = gloss[:, None] + (1 - gloss[:, None]) * (1 - facing[:, None]) ** 5
    spark = np.clip(mirror @ light.sun, 0, 1)[:, None] ** 90 * light.shadow * lit
    return np.asarray(matt * (1 - share) + seen * share + light.sun_rgb * spark * 1.2)


def paint_faces(
    canvas: Canvas, pose: Pose, quads: Floats, *, rgb: Floats, gloss: Floats, label: str
) -> None:
    """Paint the faces (M, 4, 3) of one convex body that the camera sees, far ones first."""
    corners = canvas.camera.to_world(pose.street(quads.reshape(-1, 3))).reshape(-1, 4, 3)
    # A face's corners run the same way round on the whole body, so this points outwards.
    normals = np.cross(corners[:, 3] - corners[:, 1], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    eye = canvas.camera.eye
    seen = ((corners.mean(axis=1) - eye) * normals).sum(axis=1) < 0
    colours = shade_faces(canvas.light, corners, normals, eye, rgb=rgb, gloss=gloss, lit=pose.lit)
    pixels, depth = canvas.camera.project_world(corners.reshape(-1, 3))
    pixels, depth = pixels.reshape(-1, 4, 2), depth.reshape(-1, 4).mean(axis=1)
    if depth.min() < 1.0:
        return
    for index in np.argsort(-depth, kind="stable"):
        if seen[index]:
            canvas.fill(pixels[index], colours[index], label, float(depth[index]))
