"""The dashcam: from street coordinates to pixels and, on the ground, back; outlines of shapes.

Street coordinates are metres: x to the right of the road's centre line, y up from the road, z along
the road ahead of the camera. The road may bend; every object is described as if it were straight.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

NEAR = 0.4
FAR = 2000.0


@dataclass(frozen=True)
class Camera:
    """A pinhole camera; `rotation` is the (3, 3) matrix from the world to right, up and forward."""

    width: int
    height: int
    focal: float
    x: float
    y: float
    rotation: Floats
    bend: float

    def to_world(self, points: ArrayLike) -> Floats:
        """Street coordinates (N, 3) -> world coordinates (N, 3), the road's curve applied."""
        world = np.array(points, np.float64)
        if self.bend:
            world[:, 0] += self.bend * world[:, 2] * np.abs(world[:, 2])
        return world

    @cached_property
    def eye(self) -> Floats:
        """The camera's position in the world, (3,)."""
        return np.array([self.x, self.y, 0.0])

    @cached_property
    def projection(self) -> Floats:
        """(3, 3): an offset from the eye, times this, is column * depth, row * depth, depth."""
        focus = np.array([
            [self.focal, 0, self.width / 2], [0, -self.focal, self.height / 2], [0, 0, 1]
        ])  # fmt: skip
        return np.asarray((focus @ self.rotation).T)

    def project_world(self, world: Floats) -> tuple[Floats, Floats]:
        """World coordinates (N, 3) -> pixels (N, 2) and depths (N,) in metres, not clipped."""
        view = (world - self.eye) @ self.projection
        depth = np.maximum(view[:, 2], NEAR)
        return view[:, :2] / depth[:, None], depth

    def project(self, points: ArrayLike) -> tuple[Floats, Floats]:
        """Street coordinates (N, 3) -> pixels (N, 2) and depths (N,) in metres, not clipped."""
        return self.project_world(self.to_world(points))

    def outline(self, points: ArrayLike) -> tuple[Floats, float]:
        """A polygon in street coordinates (N, 3) -> its pixels (M, 2), cut at the near plane.

        Returns also its mean depth in metres. M is 0 if the polygon lies behind the camera.
        """
        view = (self.to_world(points) - self.eye) @ self.projection
        if view[:, 2].min() < NEAR:
            view = _clip_near(view)
        if len(view) < 3:
            return np.empty((0, 2)), 0.0
        depth = view[:, 2]
        return view[:, :2] / depth[:, None], float(depth.sum()) / len(view)

    def horizon(self) -> float:
        """The row of the horizon where the road vanishes, in pixels from the top."""
        return float(self.project_world(np.array([[self.x, self.y, 1e5]]))[0][0, 1])

    def ground(self) -> tuple[int, NDArray[np.float32], NDArray[np.float32]]:
        """The first row that sees the ground, and x and z in street metres of each pixel below.

        The two arrays are (rows, width) float32; z reaches FAR at the horizon.
        """
        tilt = self.rotation[0, 1] / self.rotation[1, 1] * self.width / 2
        top = int(max(0, min(self.height - 2, self.horizon() - abs(tilt))))
        across = ((np.arange(self.width) + 0.5 - self.width / 2) / self.focal).astype(np.float32)
        down = (self.height / 2 - np.arange(top, self.height) - 0.5) / self.focal
        rays = [
            (rotation[0] * across)[None, :]
            + (rotation[1] * down + rotation[2]).astype(np.float32)[:, None]
            for rotation in self.rotation.T.astype(np.float32)
        ]
        reach = self.y / np.maximum(-rays[1], np.float32(self.y / FAR))
        z = reach * rays[2]
        x = np.float32(self.x) + reach * rays[0] - np.float32(self.bend) * z * np.abs(z)
        return top, x.astype(np.float32), z.astype(np.float32)


def _clip_near(view: Floats) -> Floats:
    """The part of a polygon (N, 3), in camera coordinates, that lies ahead of the near plane."""
    kept = []
    for here, there in zip(view, np.roll(view, -1, axis=0), strict=True):
        if here[2] >= NEAR:
            kept.append(here)
        if (here[2] >= NEAR) != (there[2] >= NEAR):
            kept.append(here + (there - here) * ((NEAR - here[2]) / (there[2] - here[2])))
    return np.array(kept).reshape(-1, 3)


def rotation_matrix(yaw: float, pitch: float, roll: float) -> Floats:
    """Rotation (3, 3) of a camera turned right by `yaw`, down by `pitch`, tilted by `roll`."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    yawed = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    pitched = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    rolled = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    return np.asarray(rolled @ pitched @ yawed)


def homography(source: Floats, target: Floats) -> list[float]:
    """Pillow's eight PERSPECTIVE coefficients that take four `source` points to `target` (4, 2)."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), target.ravel())
    return [float(value) for value in solved]


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
