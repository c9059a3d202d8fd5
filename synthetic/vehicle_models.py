"""The kinds of vehicles: their bodies, wheels, ends and colours."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.perspective import Floats

PAINT, GLASS, TRIM, LAMP_REAR, LAMP_FRONT = range(5)

_PAINTS = (
    (0.72, 0.73, 0.74), (0.52, 0.54, 0.56), (0.10, 0.10, 0.11), (0.20, 0.21, 0.23),
    (0.86, 0.86, 0.85), (0.08, 0.13, 0.30), (0.48, 0.06, 0.06), (0.12, 0.24, 0.40),
    (0.30, 0.12, 0.10), (0.16, 0.26, 0.20), (0.70, 0.60, 0.42), (0.55, 0.33, 0.08),
)  # fmt: skip
_BRIGHT = ((0.80, 0.66, 0.12), (0.62, 0.10, 0.09), (0.84, 0.84, 0.82), (0.16, 0.36, 0.58))

# The flank as (share of the half width, share of the way from the sill to the belt): a soft
# shoulder line, so that the paint catches the sky above it and the street below.
_FLANK = ((0.93, 0.0), (0.975, 0.16), (0.99, 0.34), (1.0, 0.54), (0.998, 0.74), (0.972, 0.86),
          (0.94, 1.0))  # fmt: skip


class Shape(NamedTuple):
    """A body: `stations` (N, 5) rear to front of x, underside, belt, roof, half width in metres.

    Cells are named by station index: `screens` have glass on top, `panes` have side windows.
    `lean` is how far the windows lean inwards per metre of their height; `cargo` is a box.
    """

    stations: Floats
    screens: tuple[int, ...]
    panes: tuple[int, ...]
    lean: float
    lamps: bool
    cargo: bool

    def section(self, index: int) -> Floats:
        """The cross-section (23, 3) at one station, from the left sill over the roof."""
        x, low, belt, roof, half = self.stations[index]
        glass = max(0.0, roof - belt)
        rail = half * 0.94 - min(self.lean * glass, 0.2)
        edge = 0.10 if self.lean > 0.05 else 0.02
        side = [(half * wide, low + rise * (belt - low)) for wide, rise in _FLANK]
        side += [
            (half * 0.94 + (rail - half * 0.94) * 0.5, belt + glass * 0.42),
            (rail + 0.01, belt + glass * 0.84), (rail - edge, belt + glass * 0.97),
            (rail * 0.5, roof - 0.01),
        ]  # fmt: skip
        left, right = ([(x, y, sign * w) for w, y in side] for sign in (-1, 1))
        return np.array([*left, (x, roof, 0.0), *right[::-1]])

    def faces(self) -> tuple[Floats, NDArray[np.int64]]:
        """The body's faces as quads (M, 4, 3) in vehicle coordinates, and their materials (M,)."""
        rings = np.stack([self.section(index) for index in range(len(self.stations))])
        a, b = rings[:-1, :-1], rings[:-1, 1:]
        c, d = rings[1:, 1:], rings[1:, :-1]
        quads = np.stack([a, b, c, d], axis=2)
        material = np.full(quads.shape[:2], PAINT)
        material[self.screens, 9:13] = GLASS
        for column in (6, 7, 14, 15):
            material[self.panes, column] = GLASS
        material[:, 0] = material[:, -1] = TRIM
        for column in (3, 4, 5) if self.lamps else ():
            material[0, [column, -1 - column]] = LAMP_REAR
            material[-1, [column, -1 - column]] = LAMP_FRONT
        return quads.reshape(-1, 4, 3), material.ravel()


# Metres right of the middle and up, width, height; colour, or a share of the ambient light, or, if
# negative, of the colour of glass.
Panel = tuple[float, float, float, float, float | tuple[float, ...]]


class Model(NamedTuple):
    """A kind of vehicle: its bodies, label, wheels (x of axles, radius) and how tall its ends are.

    `panels` are what stands on its rear and on its front, besides plates and lamps.
    """

    shapes: tuple[Shape, ...]
    label: str
    axles: tuple[float, ...]
    wheel: float
    lamp: tuple[float, float]
    plate: float
    panels: tuple[tuple[Panel, ...], tuple[Panel, ...]] = ((), ())

    @property
    def shape(self) -> Shape:
        """The body that bears the doors, or the cargo box."""
        return self.shapes[0]

    @property
    def length(self) -> float:
        """In metres."""
        return float(self.shapes[-1].stations[-1, 0])

    @property
    def half(self) -> float:
        """Half the width in metres."""
        return float(self.shape.stations[:, 4].max())


def _shape(
    rows: list[tuple[float, ...]], screens: tuple[int, ...], panes: tuple[int, ...],
    lean: float = 0.36, *, lamps: bool = True, cargo: bool = False,
) -> Shape:  # fmt: skip
    return Shape(np.array(rows), screens, panes, lean, lamps, cargo)


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
    (1.25, 0.24, 0.96, 1.38, 0.90), (1.45, 0.24, 0.95, 1.42, 0.90), (2.05, 0.24, 0.94, 1.45, 0.90),
    (2.15, 0.24, 0.94, 1.45, 0.90), (2.65, 0.24, 0.93, 1.41, 0.90), (3.45, 0.24, 0.92, 0.97, 0.90),
    (4.00, 0.24, 0.85, 0.90, 0.89), (4.40, 0.25, 0.75, 0.79, 0.86), (4.58, 0.27, 0.66, 0.69, 0.80),
    (4.66, 0.31, 0.60, 0.62, 0.70),
], (2, 7), (3, 4, 6, 7))  # fmt: skip
_ESTATE = _shape([
    (0.00, 0.32, 0.88, 0.92, 0.80), (0.08, 0.27, 0.95, 1.02, 0.87), (0.42, 0.24, 0.96, 1.40, 0.90),
    (0.62, 0.24, 0.96, 1.45, 0.90), (1.30, 0.24, 0.95, 1.49, 0.90), (1.38, 0.24, 0.95, 1.49, 0.90),
    (2.05, 0.24, 0.94, 1.49, 0.90), (2.15, 0.24, 0.94, 1.49, 0.90), (2.65, 0.24, 0.93, 1.43, 0.90),
    (3.45, 0.24, 0.92, 0.97, 0.90), (4.05, 0.24, 0.85, 0.90, 0.89), (4.45, 0.25, 0.74, 0.78, 0.86),
    (4.64, 0.30, 0.62, 0.64, 0.72),
], (1, 8), (3, 5, 7, 8))  # fmt: skip
_SUV = _shape([
    (0.00, 0.40, 1.02, 1.06, 0.82), (0.09, 0.34, 1.08, 1.16, 0.90), (0.38, 0.30, 1.09, 1.58, 0.93),
    (0.60, 0.30, 1.09, 1.65, 0.93), (1.20, 0.30, 1.08, 1.69, 0.94), (1.30, 0.30, 1.08, 1.69, 0.94),
    (2.00, 0.30, 1.07, 1.69, 0.94), (2.10, 0.30, 1.07, 1.69, 0.94), (2.60, 0.30, 1.06, 1.62, 0.94),
    (3.30, 0.30, 1.05, 1.11, 0.93), (3.95, 0.30, 1.00, 1.06, 0.925), (4.35, 0.32, 0.88, 0.93, 0.90),
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
], (), (), 0.0, lamps=False, cargo=True)  # fmt: skip
_CAB = _shape([
    (5.40, 0.55, 1.55, 2.40, 1.12), (5.50, 0.50, 1.55, 2.52, 1.17), (6.30, 0.48, 1.52, 2.55, 1.18),
    (6.95, 0.48, 1.42, 2.45, 1.17), (7.22, 0.48, 1.38, 1.46, 1.15), (7.30, 0.55, 1.20, 1.24, 1.05),
], (3,), (2, 3), 0.12, lamps=False)  # fmt: skip

_BUS_SIGN: tuple[Panel, ...] = (
    (0, 2.68, 1.2, 0.28, (0.03, 0.03, 0.03)), (0, 2.68, 0.9, 0.13, (0.95, 0.60, 0.12))
)  # fmt: skip
MODELS = {
    "hatch": Model((_HATCH,), "car", (0.78, 3.28), 0.32, (0.70, 0.88), 0.62),
    "sedan": Model((_SEDAN,), "car", (0.95, 3.72), 0.33, (0.68, 0.84), 0.60),
    "estate": Model((_ESTATE,), "car", (0.92, 3.70), 0.33, (0.68, 0.88), 0.62),
    "suv": Model((_SUV,), "car", (0.90, 3.62), 0.37, (0.82, 1.02), 0.74),
    "van": Model((_VAN,), "car", (0.95, 3.90), 0.34, (0.80, 1.15), 0.62, (
        ((-0.42, 1.50, 0.66, 0.52, -1), (0.42, 1.50, 0.66, 0.52, -1), (0, 1.05, 0.02, 1.5, 0.1)),
        (),
    )),
    "bus": Model((_BUS,), "bus", (2.9, 8.7), 0.48, (0.85, 1.15), 0.62, (
        ((0, 1.95, 2.0, 0.9, -1), (0, 1.75, 1.9, 0.3, -0.6), *_BUS_SIGN, (0, 0.95, 1.5, 0.5, 0.09)),
        ((0, 1.75, 2.0, 1.6, -1), (0, 1.2, 1.9, 0.3, -0.6), *_BUS_SIGN),
    )),
    "truck": Model((_CARGO, _CAB), "truck", (1.3, 6.5), 0.46, (0.66, 0.82), 0.72, (
        ((0, 2.1, 0.03, 2.3, 0.2), (0, 1.3, 2.1, 0.03, 0.3), (0, 2.9, 2.1, 0.03, 0.3),
         (0, 0.75, 2.2, 0.22, 0.12)),
        (),
    )),
}  # fmt: skip


def sample_paint(name: str, rng: np.random.Generator) -> Floats:
    """A body colour (3,)."""
    if name in ("bus", "truck", "van"):
        return np.array(_BRIGHT[int(rng.integers(4))])
    return np.array(_PAINTS[int(rng.integers(len(_PAINTS)))]) * rng.uniform(0.9, 1.1)
