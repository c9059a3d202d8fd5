"""Pedestrians and riders, built on small skeletons."""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from synthetic.canvas import Canvas
from synthetic.perspective import Floats
from synthetic.shadows import GroundShadows

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


class Rig:
    """Maps body coordinates (right, up, forward, in body heights) to the street."""

    def __init__(self, person: Person) -> None:
        self._person = person

    def at(self, right: float, up: float, forward: float) -> tuple[float, float, float]:
        """The street point of a body coordinate."""
        body = self._person
        sin, cos = np.sin(body.heading), np.cos(body.heading)
        tall = body.height
        return (
            body.x + (right * cos + forward * sin) * tall,
            up * tall,
            body.z + (forward * cos - right * sin) * tall,
        )


def person_shadow(shadows: GroundShadows, person: Person) -> None:
    """The shadow of a standing body."""
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    ring = np.stack([np.cos(angles) * 0.22, 0 * angles, np.sin(angles) * 0.22], axis=1)
    shadows.contact(np.add(ring, (person.x, 0, person.z)))
    for low, high, wide in ((0.0, 0.5, 0.16), (0.45, 0.85, 0.24), (0.82, 1.0, 0.11)):
        x, z = person.x, person.z
        shadows.cast(np.array([
            (x - wide, low * person.height, z), (x + wide, low * person.height, z),
            (x + wide, high * person.height, z), (x - wide, high * person.height, z),
        ]))  # fmt: skip


def paint_person(canvas: Canvas, person: Person) -> None:
    """Paint a walking body."""
    rig = Rig(person)
    swing = person.stride
    far_first = (-1, 1) if np.sin(person.heading) > 0 else (1, -1)
    for side in far_first:
        _leg(canvas, rig, person, side, swing * side)
        if side == far_first[0]:
            _arm(canvas, rig, person, side, -swing * side)
    _trunk(canvas, rig, person, lean=0.015)
    paint_head(canvas, rig, person, (0.0, 0.0))
    _arm(canvas, rig, person, far_first[1], -swing * far_first[1])
    if person.umbrella:
        _umbrella(canvas, rig, person)


def paint_bar(
    canvas: Canvas,
    person: Person,
    ends: ArrayLike,
    radii: tuple[float, float],
    rgb: Floats,
    *,
    label: str = "person",
) -> None:
    """A limb between two street points; `radii` are shares of the body's height."""
    canvas.tapered_bar(ends, (radii[0] * person.height, radii[1] * person.height), rgb, label)


def _leg(canvas: Canvas, rig: Rig, person: Person, side: int, swing: float) -> None:
    hip = rig.at(side * 0.048, 0.50, 0)
    bend = max(0.0, -swing) * 0.5
    knee = rig.at(side * 0.050, 0.275, swing * 0.24 + 0.02)
    ankle = rig.at(side * 0.046, 0.045 + bend * 0.12, swing * 0.46 - bend * 0.05)
    toe = rig.at(side * 0.056, 0.018 + bend * 0.05, swing * 0.46 + 0.085 - bend * 0.05)
    paint_bar(canvas, person, [hip, knee], (0.054, 0.037), person.legs)
    paint_bar(canvas, person, [knee, ankle], (0.037, 0.024), person.legs)
    paint_bar(canvas, person, [ankle, toe], (0.022, 0.016), person.legs * 0.35 + 0.03)


def _arm(canvas: Canvas, rig: Rig, person: Person, side: int, swing: float) -> None:
    shoulder = rig.at(side * 0.118, 0.80, 0.0)
    raised = person.umbrella and side > 0
    elbow = rig.at(side * 0.135, 0.63, swing * 0.16 - 0.01)
    hand = rig.at(side * 0.125, 0.49, swing * 0.34 + 0.03)
    if raised:
        elbow, hand = rig.at(side * 0.14, 0.66, 0.05), rig.at(side * 0.09, 0.78, 0.13)
    paint_bar(canvas, person, [shoulder, elbow], (0.034, 0.028), person.top * 0.92)
    paint_bar(canvas, person, [elbow, hand], (0.027, 0.020), person.top * 0.92)
    paint_bar(
        canvas, person, [hand, (hand[0], hand[1] - 0.03, hand[2])], (0.019, 0.016), person.skin
    )


def _trunk(canvas: Canvas, rig: Rig, person: Person, lean: float) -> None:
    if person.coat:
        skirt = [rig.at(side * wide, up, 0) for side in (-1, 1)
                 for wide, up in ((0.04, 0.6), (0.07, 0.36))]  # fmt: skip
        canvas.skin(
            skirt, [part * person.height for part in (0.06, 0.05) * 2], person.top * 0.94, "person"
        )
    # On somebody who comes towards the camera, the bag is behind the back.
    hidden = np.cos(person.heading) < 0
    if person.bag and hidden:
        _bag(canvas, rig, person)
    joints = [rig.at(side * wide, up, lean * (up > 0.6)) for side in (-1, 1)
              for wide, up in ((0.080, 0.785), (0.052, 0.62), (0.050, 0.52))]  # fmt: skip
    canvas.skin(
        joints, [part * person.height for part in (0.042, 0.050, 0.056) * 2], person.top, "person"
    )
    if person.bag and not hidden:
        _bag(canvas, rig, person)


def _bag(canvas: Canvas, rig: Rig, person: Person) -> None:
    straps = [rig.at(0.0, 0.76, -0.085), rig.at(0.0, 0.62, -0.085)]
    paint_bar(canvas, person, straps, (0.062, 0.066), person.legs * 0.6 + person.skin * 0.12)


def paint_head(
    canvas: Canvas,
    rig: Rig,
    person: Person,
    shift: tuple[float, float],
    *,
    label: str = "person",
    helmet: bool = False,
) -> None:
    """The head, moved by `shift` (up, forward) from a walker's, bare or under a helmet."""
    up, forward = shift
    neck, chin = rig.at(0, 0.815 + up, forward), rig.at(0, 0.87 + up, forward + 0.01)
    crown = rig.at(0, 0.945 + up, forward + 0.005)
    hair = person.hair if not helmet else person.top * 0.5 + 0.35
    facing = -np.cos(person.heading)
    paint_bar(canvas, person, [neck, chin], (0.030, 0.028), person.skin * 0.85, label=label)
    paint_bar(canvas, person, [chin, crown], (0.040, 0.052), person.skin, label=label)
    top = rig.at(0, 0.962 + up, forward - 0.016)
    if facing < 0.3:
        back = rig.at(0, 0.90 + up, forward - 0.022)
        paint_bar(canvas, person, [back, top], (0.048, 0.050), hair, label=label)
    else:
        paint_bar(canvas, person, [rig.at(-0.018, 0.972 + up, forward), rig.at(0.018, 0.972 + up,
             forward)], (0.034, 0.034), hair, label=label)  # fmt: skip


def _umbrella(canvas: Canvas, rig: Rig, person: Person) -> None:
    hand, tip = rig.at(0.09, 0.74, 0.13), rig.at(0.05, 1.24, 0.06)
    canvas.tapered_bar([hand, tip], (0.012, 0.012), np.array([0.1, 0.1, 0.1]), "person")
    angles = np.linspace(0, 2 * np.pi, 9)
    rim = [(tip[0] + 0.52 * np.cos(a), tip[1] - 0.24, tip[2] + 0.52 * np.sin(a)) for a in angles]
    ribs = sorted(itertools.pairwise(rim), key=lambda pair: -float(pair[0][2]))
    for index, (a, b) in enumerate(ribs):
        tone = canvas.light.shade(person.top * 0.8 + 0.05, (0, 0.8, -0.5))
        canvas.polygon([tip, a, b], tone * (0.8 + 0.05 * index), "person")
