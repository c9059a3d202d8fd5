"""Lots along the street: where houses stand, and the shadows that they throw."""

import itertools
from typing import NamedTuple

import numpy as np

from synthetic.house_style import Style, sample_style
from synthetic.shadows import GroundShadows
from synthetic.street import Street

END = 190.0


DEEP = 11.0


class Lot(NamedTuple):
    """A stretch of the street front from z `start` to `end`; `style` is None on an open lot."""

    side: int
    start: float
    end: float
    style: Style | None
    fence: str


def sample_lots(rng: np.random.Generator) -> list[Lot]:
    """Both rows of lots from beside the camera to the end of the street."""
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


def cast_shadows(shadows: GroundShadows, street: Street, lots: list[Lot]) -> None:
    """Throw the houses' shadows on the ground."""
    for lot in lots:
        if lot.style is None:
            continue
        x = lot.side * street.front(lot.side)
        back = x + lot.side * DEEP
        top = lot.style.height
        # Each wall throws a quad; together they cover the house's shadow.
        corners = ((x, lot.start), (x, lot.end), (back, lot.end), (back, lot.start), (x, lot.start))
        for (ax, az), (bx, bz) in itertools.pairwise(corners):
            wall = [(ax, 0, az), (ax, top, az), (bx, top, bz), (bx, 0, bz)]
            shadows.cast(np.array(wall, np.float64))
        foot = [(x - lot.side * 0.35, 0, lot.start), (x - lot.side * 0.35, 0, lot.end),
                (x, 0, lot.end), (x, 0, lot.start)]  # fmt: skip
        shadows.contact(np.array(foot, np.float64))
