"""A whole scene from one seed, painted from far to near."""

import numpy as np
from numpy.typing import NDArray

from synthetic import buildings, placement
from synthetic.bonnet import paint_bonnet
from synthetic.canvas import SCALE, Canvas
from synthetic.ground import paint_ground
from synthetic.light import sample_light
from synthetic.noise import sample_textures
from synthetic.perspective import Camera, rotation_matrix
from synthetic.street import Street, sample_lots, sample_street
from synthetic.vegetation import Foliage
from synthetic.weather import paint_sky, post_process


def render(
    seed: int, width: int = 1024, height: int = 512
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Photo (height, width, 3) uint8 RGB and Cityscapes label ids (height, width) uint8.

    The same arguments always give the same bytes. The photo says on the bonnet that it is
    synthetic.
    """
    root = np.random.default_rng(seed)
    # One stream per concern, so that a change to one leaves the others' scenes alone.
    layout, sky, ground, leaves, houses, things, projection, car = root.spawn(8)
    street = sample_street(layout)
    camera = _sample_camera(street, width * SCALE, height * SCALE, layout)
    light = sample_light(layout, street)
    canvas = Canvas(camera, light, sample_textures(layout))
    foliage = Foliage(canvas, leaves)
    scene = placement.Scene(canvas, street, foliage)
    lots = sample_lots(houses)
    buildings.cast_shadows(scene.shadows, street, lots)
    placement.add_vehicles(scene, things)
    placement.add_people(scene, things)
    placement.add_furniture(scene, things)
    placement.add_trees(scene, things)
    paint_sky(canvas, sky)
    paint_ground(canvas, street, scene.shadows.finished(), ground)
    buildings.paint_end(canvas, foliage, houses)
    buildings.paint_lots(canvas, street, lots, foliage, houses)
    for _, paint in sorted(scene.steps, key=lambda step: -step[0]):
        paint()
    paint_bonnet(canvas, car)
    return post_process(canvas, projection)


def _sample_camera(street: Street, width: int, height: int, rng: np.random.Generator) -> Camera:
    rotation = rotation_matrix(
        rng.normal(0, 0.025), rng.uniform(0.004, 0.045), rng.normal(0, 0.004)
    )
    return Camera(
        width=width,
        height=height,
        focal=width * rng.uniform(0.82, 1.0),
        x=street.own_lane() + rng.normal(0, 0.2),
        y=rng.uniform(1.22, 1.55),
        rotation=rotation,
        bend=float(rng.choice([0.0, 1.0], p=[0.4, 0.6]) * rng.normal(0, 0.0005)),
    )
