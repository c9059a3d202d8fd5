"""The street's layout: road, parking strips, kerbs, verges, pavements, and the lots beside them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.perspective import Floats

KERB = 0.28
END = 190.0  # metres to the end of the street

_PLASTER = (
    (0.78, 0.72, 0.60), (0.80, 0.76, 0.70), (0.74, 0.62, 0.48), (0.72, 0.66, 0.62),
    (0.66, 0.70, 0.70), (0.80, 0.68, 0.56), (0.62, 0.64, 0.58), (0.70, 0.52, 0.42),
    (0.84, 0.82, 0.78), (0.58, 0.62, 0.68),
)  # fmt: skip
_BRICK = ((0.46, 0.30, 0.24), (0.41, 0.28, 0.23), (0.50, 0.38, 0.29), (0.38, 0.32, 0.29))
_CONCRETE = ((0.56, 0.56, 0.54), (0.64, 0.62, 0.58), (0.46, 0.48, 0.50))
_WALLS = {"plaster": _PLASTER, "brick": _BRICK, "modern": _CONCRETE}
_ACCENTS = (
    (0.55, 0.13, 0.11), (0.12, 0.28, 0.20), (0.14, 0.22, 0.40), (0.62, 0.46, 0.14),
    (0.16, 0.16, 0.17), (0.36, 0.16, 0.26), (0.72, 0.70, 0.66),
)  # fmt: skip


class Street(NamedTuple):
    """Widths in metres; `parking`, `pavement` and `verge` are (left, right)."""

    half_road: float
    parking: tuple[float, float]
    pavement: tuple[float, float]
    verge: tuple[float, float]
    two_way: bool
    crossing: float | None
    asphalt: Floats
    slabs: Floats

    def kerb(self, side: int) -> float:
        """Distance of the kerb's outer edge from the centre line; side is -1 left, 1 right."""
        return self.half_road + self.parking[side > 0] + KERB

    def front(self, side: int) -> float:
        """Distance of the building line from the centre line."""
        return self.kerb(side) + self.pavement[side > 0] + self.verge[side > 0]

    def own_lane(self) -> float:
        """The x of the lane the camera drives in."""
        return self.half_road / 2 if self.two_way else 0.0


def sample_street(rng: np.random.Generator) -> Street:
    """A street: from a narrow one-way lane to a four-lane avenue."""
    two_way = bool(rng.random() < 0.75)
    half_road = rng.uniform(3.2, 5.4) if two_way else rng.uniform(2.3, 3.2)
    parking = rng.choice([0.0, 2.2], 2, p=[0.35, 0.65])
    verge = rng.choice([0.0, 1.4, 2.6], 2, p=[0.5, 0.25, 0.25])
    pavement = rng.uniform(2.4, 4.2, 2)
    grey = rng.uniform(0.27, 0.36)
    return Street(
        half_road=float(half_road),
        parking=(float(parking[0]), float(parking[1])),
        pavement=(float(pavement[0]), float(pavement[1])),
        verge=(float(verge[0]), float(verge[1])),
        two_way=two_way,
        crossing=float(rng.uniform(14, 30)) if rng.random() < 0.55 else None,
        asphalt=np.array([grey, grey * 1.005, grey * rng.uniform(1.0, 1.07)]),
        slabs=np.array([0.50, 0.47, 0.44]) * rng.uniform(0.85, 1.1) * rng.uniform(0.97, 1.03, 3),
    )


class Style(NamedTuple):
    """How one house looks; lengths in metres, colours (3,) as albedo."""

    material: str
    wall: Floats
    trim: Floats
    accent: Floats
    floors: int
    storey: float
    base: float
    bay: float
    window: tuple[float, float]
    shop: bool
    shutters: bool
    balconies: bool
    mansard: bool

    @property
    def height(self) -> float:
        """From the pavement to the eaves."""
        return self.base + self.floors * self.storey

    def bays(self, length: float) -> NDArray[np.float64]:
        """The centres of the window axes along a front of `length` metres."""
        count = max(1, int((length - 0.8) / self.bay))
        return (np.arange(count) + 0.5) * length / count


def sample_style(rng: np.random.Generator) -> Style:
    """A house style: plaster, brick or modern."""
    material = str(rng.choice(["plaster", "plaster", "brick", "modern"]))
    walls = _WALLS[material]
    wall = np.array(walls[int(rng.integers(len(walls)))]) * rng.uniform(0.92, 1.05)
    modern = material == "modern"
    width = rng.uniform(1.9, 2.6) if modern else rng.uniform(1.0, 1.35)
    trim = np.array([0.24, 0.25, 0.27] if modern else [0.82, 0.80, 0.76])
    return Style(
        material=material,
        wall=wall,
        trim=trim * rng.uniform(0.85, 1.08),
        accent=np.array(_ACCENTS[int(rng.integers(len(_ACCENTS)))]),
        floors=int(rng.integers(2, 6)),
        storey=rng.uniform(2.9, 3.4),
        base=rng.uniform(3.5, 4.2),
        bay=width + rng.uniform(0.6, 1.0 if modern else 1.5),
        window=(width, rng.uniform(1.5, 2.0)),
        shop=bool(rng.random() < 0.5),
        shutters=bool(not modern and rng.random() < 0.25),
        balconies=bool(rng.random() < 0.35),
        mansard=bool(not modern and rng.random() < 0.6),
    )


class Lot(NamedTuple):
    """A stretch of the street front from z `start` to `end`; `style` is None on an open lot."""

    side: int
    start: float
    end: float
    style: Style | None
    fence: str


def sample_lots(rng: np.random.Generator) -> list[Lot]:
    """Both rows of lots, far ones first, from the end of the street to beside the camera."""
    lots = []
    open_share = float(rng.choice([0.06, 0.2, 0.5]))
    tall = int(rng.integers(-3, 2))
    for side in (-1, 1):
        z = rng.uniform(-6, 4)
        while z < END - 25:
            length = rng.uniform(9, 21) + max(0.0, z - 60) * 0.12
            opened = bool(rng.random() < open_share)
            style = sample_style(rng)
            style = style._replace(floors=max(1, min(6, style.floors + tall)))
            fence = str(rng.choice(["wall", "fence", "hedge"]))
            lots.append(Lot(side, z, z + length, None if opened else style, fence))
            z += length
    return sorted(lots, key=lambda lot: -lot.start)
