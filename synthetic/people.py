"""Pedestrians and riders, built on small skeletons."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from synthetic.canvas import Canvas
from synthetic.ground import GroundShadows
from synthetic.perspective import Floats

_SKIN = ((0.78, 0.58, 0.46), (0.70, 0.50, 0.38), (0.48, 0.32, 0.23), (0.32, 0.21, 0.15))
_HAIR = ((0.10, 0.08, 0.07), (0.22, 0.14, 0.09), (0.45, 0.34, 0.20), (0.50, 0.48, 0.46))
_TOPS = (
    (0.56, 0.14, 0.13), (0.14, 0.22, 0.40), (0.20, 0.20, 0.22), (0.74, 0.72, 0.68),
    (0.18, 0.34, 0.28), (0.70, 0.52, 0.10), (0.30, 0.38, 0.34), (0.30, 0.42, 0.56),
    (0.10, 0.10, 0.11), (0.50, 0.28, 0.38),
)  # fmt: skip
_LEGS = (
    (0.12, 0.15, 0.24), (0.09, 0.09, 0.10), (0.24, 0.24, 0.22), (0.22, 0.26, 0.36),
    (0.28, 0.28, 0.29),
)  # fmt: skip

Point = tuple[float, float, float]


class Person(NamedTuple):
    """One body: where it stands, heading (0 away from the camera), size in metres and clothes."""

    x: float
    z: float
    heading: float
    height: float
    stride: float
    skin: Floats
    hair: Floats
    top: Floats
    legs: Floats
    coat: bool
    bag: bool
    umbrella: bool

    def at(self, right: float, up: float, forward: float) -> Point:
        """The street point of body coordinates, which are shares of the body's height."""
        sin, cos, tall = np.sin(self.heading), np.cos(self.heading), self.height
        return (
            self.x + (right * cos + forward * sin) * tall,
            up * tall,
            self.z + (forward * cos - right * sin) * tall,
        )


def _pick(rng: np.random.Generator, colours: tuple[tuple[float, ...], ...]) -> Floats:
    return np.array(colours[int(rng.integers(len(colours)))]) * rng.uniform(0.85, 1.15)


def sample_person(
    rng: np.random.Generator, at: tuple[float, float], heading: float, *, rain: bool
) -> Person:
    """A passer-by at street (x, z)."""
    return Person(
        x=at[0], z=at[1], heading=heading,
        height=float(np.clip(rng.normal(1.73, 0.09), 1.5, 1.95)),
        stride=float(rng.uniform(-0.48, 0.48)),
        skin=_pick(rng, _SKIN), hair=_pick(rng, _HAIR), top=_pick(rng, _TOPS),
        legs=_pick(rng, _LEGS),
        coat=bool(rng.random() < 0.35), bag=bool(rng.random() < 0.4),
        umbrella=bool(rain and rng.random() < 0.6),
    )  # fmt: skip


def person_shadow(shadows: GroundShadows, person: Person) -> None:
    """The shadow of a standing body."""
    x, z, tall = person.x, person.z, person.height
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    ring = np.stack([np.cos(angles) * 0.22, 0 * angles, np.sin(angles) * 0.22], axis=1)
    shadows.contact(np.add(ring, (x, 0, z)))
    for low, high, wide in ((0.0, 0.5, 0.16), (0.45, 0.85, 0.24), (0.82, 1.0, 0.11)):
        shadows.cast([(x - wide, low * tall, z), (x + wide, low * tall, z),
                      (x + wide, high * tall, z), (x - wide, high * tall, z)])  # fmt: skip


def rider_shadow(shadows: GroundShadows, rider: Person) -> None:
    """The shadow of a rider and the bicycle."""
    feet = [rider.at(x, 0, z) for x, z in ((0.08, 0.5), (-0.08, 0.5), (-0.08, -0.5), (0.08, -0.5))]
    shadows.contact(np.array(feet) * [1, 0, 1])
    shadows.cast([rider.at(0, y, z) for y, z in ((0.1, -0.4), (0.95, -0.1), (0.95, 0.1),
                                                 (0.1, 0.4))])  # fmt: skip


def paint_person(canvas: Canvas, person: Person) -> None:
    """Paint a walking body."""
    body = _Body(canvas, person, "person")
    far, near = (-1, 1) if np.sin(person.heading) > 0 else (1, -1)
    body.leg(far, person.stride * far)
    body.arm(far, -person.stride * far)
    body.leg(near, person.stride * near)
    body.trunk()
    body.head((0.0, 0.0), person.hair)
    body.arm(near, -person.stride * near)
    if person.umbrella:
        body.umbrella()


def paint_rider(canvas: Canvas, rider: Person) -> None:
    """Paint a rider on a bicycle; a heading near 0 shows the back."""
    _bicycle(canvas, rider)
    body, at, hip = _Body(canvas, rider, "rider"), rider.at, 0.57
    for side, pedal in ((-1, 0.09), (1, -0.09)):
        foot = at(side * 0.06, 0.20 + pedal, -0.02 + pedal * 0.5)
        knee = at(side * 0.065, 0.42 + pedal * 0.5, 0.10)
        toe = (foot[0], foot[1] - 0.02, foot[2] - 0.02)
        body.bar([at(side * 0.05, hip, -0.12), knee], (0.055, 0.040), rider.legs)
        body.bar([knee, foot], (0.040, 0.026), rider.legs)
        body.bar([foot, toe], (0.026, 0.022), rider.legs * 0.3)
    joints = [at(side * wide, up, ahead) for side in (-1, 1)
              for wide, up, ahead in ((0.075, 0.86, 0.03), (0.045, hip, -0.12))]  # fmt: skip
    body.skin(joints, (0.046, 0.062) * 2, rider.top)
    for side in (-1, 1):
        elbow = at(side * 0.16, 0.71, 0.12)
        body.bar([at(side * 0.115, 0.86, 0.04), elbow], (0.034, 0.028), rider.top)
        body.bar([elbow, at(side * 0.14, 0.62, 0.20)], (0.027, 0.02), rider.top)
    body.head((0.09, 0.08), rider.top * 0.5 + 0.35)


def _bicycle(canvas: Canvas, rider: Person) -> None:
    metal, rubber = rider.top * 0.7 + 0.08, np.array([0.05, 0.05, 0.05])

    def tube(a: Point, b: Point, radii: tuple[float, float], rgb: Floats) -> None:
        canvas.tapered_bar([rider.at(*a), rider.at(*b)], radii, rgb, "bicycle")

    angles = np.linspace(0, 2 * np.pi, 17)
    for hub in (-0.31, 0.31):
        rim = [(0, 0.20 + 0.19 * np.sin(a), hub + 0.19 * np.cos(a)) for a in angles]
        for a, b in itertools.pairwise(rim):
            tube(a, b, (0.025, 0.025), rubber)
    saddle, crank = (0, 0.52, -0.13), (0, 0.20, -0.02)
    stem, rear, fork = (0, 0.56, 0.22), (0, 0.20, -0.31), (0, 0.20, 0.31)
    for a, b in ((saddle, crank), (crank, rear), (rear, saddle), (crank, stem), (saddle, stem),
                 (stem, fork)):  # fmt: skip
        tube(a, b, (0.024, 0.024), metal)
    tube((-0.15, 0.61, 0.19), (0.15, 0.61, 0.19), (0.018, 0.018), rubber + 0.1)
    tube((0, 0.54, -0.19), (0, 0.54, -0.08), (0.05, 0.03), rubber)


class _Body:
    """Paints the parts of a person with one label; radii are shares of the body's height."""

    def __init__(self, canvas: Canvas, person: Person, label: str) -> None:
        self._canvas, self._person, self._label = canvas, person, label

    def bar(self, ends: ArrayLike, radii: tuple[float, float], rgb: Floats) -> None:
        """A limb between two street points."""
        tall = self._person.height
        self._canvas.tapered_bar(ends, (radii[0] * tall, radii[1] * tall), rgb, self._label)

    def skin(self, joints: ArrayLike, radii: Sequence[float], rgb: Floats) -> None:
        tall = self._person.height
        self._canvas.skin(joints, [radius * tall for radius in radii], rgb, self._label)

    def leg(self, side: int, swing: float) -> None:
        at, legs = self._person.at, self._person.legs
        bend = max(0.0, -swing) * 0.5
        knee = at(side * 0.050, 0.275, swing * 0.24 + 0.02)
        ankle = at(side * 0.046, 0.045 + bend * 0.12, swing * 0.46 - bend * 0.05)
        toe = at(side * 0.056, 0.018 + bend * 0.05, swing * 0.46 + 0.085 - bend * 0.05)
        self.bar([at(side * 0.048, 0.50, 0), knee], (0.054, 0.037), legs)
        self.bar([knee, ankle], (0.037, 0.024), legs)
        self.bar([ankle, toe], (0.022, 0.016), legs * 0.35 + 0.03)

    def arm(self, side: int, swing: float) -> None:
        at, sleeve = self._person.at, self._person.top * 0.92
        elbow = at(side * 0.135, 0.63, swing * 0.16 - 0.01)
        hand = at(side * 0.125, 0.49, swing * 0.34 + 0.03)
        if self._person.umbrella and side > 0:
            elbow, hand = at(side * 0.14, 0.66, 0.05), at(side * 0.09, 0.78, 0.13)
        self.bar([at(side * 0.118, 0.80, 0.0), elbow], (0.034, 0.028), sleeve)
        self.bar([elbow, hand], (0.027, 0.020), sleeve)
        fingers = (hand[0], hand[1] - 0.03, hand[2])
        self.bar([hand, fingers], (0.019, 0.016), self._person.skin)

    def trunk(self) -> None:
        person, at = self._person, self._person.at
        if person.coat:
            skirt = [at(side * wide, up, 0) for side in (-1, 1)
                     for wide, up in ((0.04, 0.6), (0.07, 0.36))]  # fmt: skip
            self.skin(skirt, (0.06, 0.05) * 2, person.top * 0.94)
        joints = [at(side * wide, up, lean) for side in (-1, 1) for wide, up, lean in
                  ((0.080, 0.785, 0.015), (0.052, 0.62, 0.015), (0.050, 0.52, 0.0))]  # fmt: skip
        # On somebody who comes towards the camera, the bag is behind the back.
        behind = np.cos(person.heading) < 0
        if person.bag and behind:
            self._bag()
        self.skin(joints, (0.042, 0.050, 0.056) * 2, person.top)
        if person.bag and not behind:
            self._bag()

    def _bag(self) -> None:
        person = self._person
        straps = [person.at(0.0, 0.76, -0.085), person.at(0.0, 0.62, -0.085)]
        self.bar(straps, (0.062, 0.066), person.legs * 0.6 + person.skin * 0.12)

    def head(self, shift: tuple[float, float], hair: Floats) -> None:
        """The head, moved by `shift` (up, forward) from a walker's; `hair` may be a helmet."""
        at, skin = self._person.at, self._person.skin
        up, forward = shift
        chin = at(0, 0.87 + up, forward + 0.01)
        self.bar([at(0, 0.815 + up, forward), chin], (0.030, 0.028), skin * 0.85)
        self.bar([chin, at(0, 0.945 + up, forward + 0.005)], (0.040, 0.052), skin)
        if -np.cos(self._person.heading) < 0.3:
            back, top = at(0, 0.90 + up, forward - 0.022), at(0, 0.962 + up, forward - 0.016)
            self.bar([back, top], (0.048, 0.050), hair)
        else:
            fringe = [at(side * 0.018, 0.972 + up, forward) for side in (-1, 1)]
            self.bar(fringe, (0.034, 0.034), hair)

    def umbrella(self) -> None:
        person, canvas = self._person, self._canvas
        hand, tip = person.at(0.09, 0.74, 0.13), person.at(0.05, 1.24, 0.06)
        canvas.tapered_bar([hand, tip], (0.012, 0.012), np.array([0.1, 0.1, 0.1]), "person")
        rim = [(tip[0] + 0.52 * np.cos(a), tip[1] - 0.24, tip[2] + 0.52 * np.sin(a))
               for a in np.linspace(0, 2 * np.pi, 9)]  # fmt: skip
        tone = canvas.light.shade(person.top * 0.8 + 0.05, (0, 0.8, -0.5))
        ribs = sorted(itertools.pairwise(rim), key=lambda pair: -float(pair[0][2]))
        for index, (a, b) in enumerate(ribs):
            canvas.polygon([tip, a, b], tone * (0.8 + 0.05 * index), "person")
