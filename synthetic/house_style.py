"""How a house looks, before anything of it is drawn."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.perspective import Floats

_PLASTER = (
    (0.78, 0.72, 0.60), (0.80, 0.76, 0.70), (0.74, 0.62, 0.48), (0.72, 0.66, 0.62),
    (0.66, 0.70, 0.70), (0.80, 0.68, 0.56), (0.62, 0.64, 0.58), (0.70, 0.52, 0.42),
    (0.84, 0.82, 0.78), (0.58, 0.62, 0.68),
)  # fmt: skip
_BRICK = ((0.46, 0.30, 0.24), (0.41, 0.28, 0.23), (0.50, 0.38, 0.29), (0.38, 0.32, 0.29))
_CONCRETE = ((0.56, 0.56, 0.54), (0.64, 0.62, 0.58), (0.46, 0.48, 0.50))
_ACCENTS = (
    (0.55, 0.13, 0.11), (0.12, 0.28, 0.20), (0.14, 0.22, 0.40), (0.62, 0.46, 0.14),
    (0.16, 0.16, 0.17), (0.36, 0.16, 0.26), (0.72, 0.70, 0.66),
)  # fmt: skip


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


def sample_style(rng: np.random.Generator) -> Style:
    """A house style: plaster, brick or modern."""
    material = str(rng.choice(["plaster", "plaster", "brick", "modern"]))
    walls = {"plaster": _PLASTER, "brick": _BRICK, "modern": _CONCRETE}[material]
    wall = np.array(walls[int(rng.integers(len(walls)))]) * rng.uniform(0.92, 1.05)
    modern = material == "modern"
    width = rng.uniform(1.9, 2.6) if modern else rng.uniform(1.0, 1.35)
    trim = np.array([0.24, 0.25, 0.27]) if modern else np.array([0.82, 0.80, 0.76])
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


def bays(style: Style, length: float) -> NDArray[np.float64]:
    """The centres of the window axes along a front of `length` metres."""
    count = max(1, int((length - 0.8) / style.bay))
    return (np.arange(count) + 0.5) * length / count
