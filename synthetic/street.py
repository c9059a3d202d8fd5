"""The street's layout: road, parking strips, kerbs, verges, pavements, building lines."""

from dataclasses import dataclass

import numpy as np

from synthetic.perspective import Floats

KERB = 0.28


@dataclass(frozen=True)
class Street:
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
