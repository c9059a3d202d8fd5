"""Riders and their bicycles."""

import itertools

import numpy as np

from synthetic.canvas import Canvas
from synthetic.people import Person, Rig, paint_bar, paint_head
from synthetic.shadows import GroundShadows


def rider_shadow(shadows: GroundShadows, person: Person) -> None:
    """The shadow of a rider and the bicycle."""
    rig = Rig(person)
    feet = [rig.at(0.08, 0, 0.5), rig.at(-0.08, 0, 0.5), rig.at(-0.08, 0, -0.5),
            rig.at(0.08, 0, -0.5)]  # fmt: skip
    shadows.contact(np.array(feet) * [1, 0, 1])
    shadows.cast(np.array([rig.at(0, 0.1, -0.4), rig.at(0, 0.95, -0.1), rig.at(0, 0.95, 0.1),
                         rig.at(0, 0.1, 0.4)]))  # fmt: skip


def paint_bicycle(canvas: Canvas, person: Person) -> None:
    """Paint a bicycle at the person's place and heading."""
    rig = Rig(person)
    metal, rubber = person.top * 0.7 + 0.08, np.array([0.05, 0.05, 0.05])
    angles = np.linspace(0, 2 * np.pi, 17)
    for hub in (-0.31, 0.31):
        rim = [rig.at(0, 0.20 + 0.19 * np.sin(a), hub + 0.19 * np.cos(a)) for a in angles]
        for a, b in itertools.pairwise(rim):
            canvas.tapered_bar([a, b], (0.025, 0.025), rubber, "bicycle")
    saddle, crank = (0, 0.52, -0.13), (0, 0.20, -0.02)
    stem, rear, fork = (0, 0.56, 0.22), (0, 0.20, -0.31), (0, 0.20, 0.31)
    for a, b in ((saddle, crank), (crank, rear), (rear, saddle), (crank, stem), (saddle, stem),
                 (stem, fork)):  # fmt: skip
        canvas.tapered_bar([rig.at(*a), rig.at(*b)], (0.024, 0.024), metal, "bicycle")
    grip = [rig.at(-0.15, 0.61, 0.19), rig.at(0.15, 0.61, 0.19)]
    canvas.tapered_bar(grip, (0.018, 0.018), rubber + 0.1, "bicycle")
    canvas.tapered_bar(
        [rig.at(0, 0.54, -0.19), rig.at(0, 0.54, -0.08)], (0.05, 0.03), rubber, "bicycle"
    )


def paint_rider(canvas: Canvas, person: Person) -> None:
    """Paint a rider on a bicycle; a heading near 0 shows the back."""
    rig = Rig(person)
    paint_bicycle(canvas, person)
    hip = 0.57
    for side, pedal in ((-1, 0.09), (1, -0.09)):
        foot = rig.at(side * 0.06, 0.20 + pedal, -0.02 + pedal * 0.5)
        knee = rig.at(side * 0.065, 0.42 + pedal * 0.5, 0.10)
        paint_bar(
            canvas,
            person,
            [rig.at(side * 0.05, hip, -0.12), knee],
            (0.055, 0.040),
            person.legs,
            label="rider",
        )
        paint_bar(canvas, person, [knee, foot], (0.040, 0.026), person.legs, label="rider")
        paint_bar(
            canvas,
            person,
            [foot, (foot[0], foot[1] - 0.02, foot[2] - 0.02)],
            (0.026, 0.022),
            person.legs * 0.3,
            label="rider",
        )
    joints = [rig.at(side * wide, up, ahead) for side in (-1, 1)
              for wide, up, ahead in ((0.075, 0.86, 0.03), (0.045, hip, -0.12))]  # fmt: skip
    canvas.skin(joints, [part * person.height for part in (0.046, 0.062) * 2], person.top, "rider")
    for side in (-1, 1):
        shoulder, elbow = rig.at(side * 0.115, 0.86, 0.04), rig.at(side * 0.16, 0.71, 0.12)
        paint_bar(canvas, person, [shoulder, elbow], (0.034, 0.028), person.top, label="rider")
        paint_bar(
            canvas,
            person,
            [elbow, rig.at(side * 0.14, 0.62, 0.20)],
            (0.027, 0.02),
            person.top,
            label="rider",
        )
    paint_head(canvas, rig, person, (0.09, 0.08), label="rider", helmet=True)
