"""Places the objects of a scene: vehicles, people, street furniture and trees."""

from collections.abc import Callable
from functools import partial

import numpy as np

from synthetic import furniture, people, vehicles
from synthetic.canvas import Canvas
from synthetic.ground import GroundShadows
from synthetic.street import Street
from synthetic.vegetation import Foliage, crown_shadow, paint_tree
from synthetic.vehicle_models import MODELS, sample_paint

_CARS, _LARGE = ("hatch", "sedan", "estate", "suv", "hatch", "van"), ("bus", "truck", "van")


class Scene:
    """The objects of one scene, gathered with their distances before they are painted."""

    def __init__(self, canvas: Canvas, street: Street, foliage: Foliage) -> None:
        self.canvas, self.street, self.foliage = canvas, street, foliage
        self.shadows = GroundShadows(canvas)
        self.steps: list[tuple[float, Callable[[], None]]] = []
        self.taken: list[tuple[float, float, float, float]] = []

    def nearest_visible(self, x: float) -> float:
        """The distance from which something at street x is inside the picture."""
        camera = self.canvas.camera
        return max(6.0, abs(x - camera.x) * 2 * camera.focal / camera.width * 1.12 + 1.0)

    def claim(self, x: float, z: float, wide: float, long: float) -> bool:
        """Reserve the ground around (x, z) unless something stands there."""
        for ox, oz, ow, ol in self.taken:
            if abs(x - ox) < (wide + ow) / 2 and abs(z - oz) < (long + ol) / 2:
                return False
        self.taken.append((x, z, wide, long))
        return True

    def add(self, z: float, paint: Callable[[], None]) -> None:
        """Paint this at its turn: objects are painted from far to near."""
        self.steps.append((z, paint))


def _add_vehicle(
    scene: Scene, name: str, at: tuple[float, float], heading: float, rng: np.random.Generator,
    *, moving: bool = True,
) -> None:  # fmt: skip
    (x, z), model, light = at, MODELS[name], scene.canvas.light
    across = abs(np.sin(heading)) > 0.7
    span = (model.length + 1, 2.4) if across else (2.0, model.length + 0.9)
    if not scene.claim(x, z, *span):
        return
    pose = vehicles.Pose(x, z, heading, model.length, light.lit(x))
    paint = sample_paint(name, rng)
    vehicles.vehicle_shadow(scene.shadows, model, pose)
    dim = light.lamps or light.wet > 0.5 or light.weather == "fog"
    lit = moving and bool(dim or rng.random() < 0.5)
    scene.add(z, vehicles.Vehicle(scene.canvas, name, pose, paint, lit).paint)


def add_vehicles(scene: Scene, rng: np.random.Generator) -> None:
    """Put a vehicle ahead, oncoming ones, sometimes a crossing one, and parked cars."""
    street = scene.street
    own = street.own_lane()
    z = float(rng.uniform(11, 26))
    name = str(rng.choice(_CARS if z < 18 or rng.random() < 0.6 else _LARGE))
    _add_vehicle(scene, name, (own + rng.normal(0, 0.15), z), rng.normal(0, 0.02), rng)
    if street.two_way:
        z = float(rng.uniform(12, 30))
        while z < 110:
            name = str(rng.choice(_CARS if rng.random() < 0.82 else _LARGE))
            _add_vehicle(scene, name, (-own + rng.normal(0, 0.15), z + 4), np.pi, rng)
            z += rng.uniform(16, 60)
    if rng.random() < 0.16:
        name, at = str(rng.choice(_CARS)), (rng.uniform(-4, 4), rng.uniform(34, 48))
        _add_vehicle(scene, name, at, float(rng.choice([-1, 1])) * np.pi / 2, rng)
    _park(scene, rng)


def _park(scene: Scene, rng: np.random.Generator) -> None:
    """Fill the parking strips, or the kerbs of a road that is wide enough."""
    street = scene.street
    fill = rng.uniform(0.35, 0.95)
    for side in (-1, 1):
        strip = street.parking[side > 0]
        if not strip and (street.half_road < 3.9 or rng.random() < 0.5):
            continue
        x = side * (street.half_road + (1.1 if strip else -0.95))
        heading = 0.0 if side > 0 or not street.two_way else np.pi
        for z in np.arange(6.8, 100, 5.6):
            if rng.random() < fill and z > scene.nearest_visible(x) - 4:
                name, turned = str(rng.choice(_CARS)), heading + rng.normal(0, 0.025)
                _add_vehicle(scene, name, (x, float(z)), turned, rng, moving=False)


def add_people(scene: Scene, rng: np.random.Generator) -> None:
    """Put passers-by on the pavements and the crossing, and riders on the road."""
    street, rain = scene.street, scene.canvas.light.weather == "rain"
    spots = []
    for side in (-1, 1):
        edge = street.kerb(side) + street.verge[side > 0]
        for _ in range(int(rng.integers(2, 8))):
            x = side * rng.uniform(edge + 0.6, street.front(side) - 0.5)
            near = scene.nearest_visible(x)
            spots.append((x, near + rng.exponential(14), float(rng.choice([0.0, np.pi]))))
    if street.crossing is not None and rng.random() < 0.75:
        for _ in range(int(rng.integers(1, 4))):
            x = rng.uniform(-street.half_road, street.half_road)
            heading = float(rng.choice([-1, 1])) * np.pi / 2
            spots.append((x, street.crossing + rng.uniform(0.5, 2.7), heading))
    for x, z, heading in spots:
        body = people.sample_person(rng, (x, z), heading + rng.normal(0, 0.25), rain=rain)
        if scene.claim(x, z, 0.7, 0.7):
            people.person_shadow(scene.shadows, body)
            scene.add(z, partial(people.paint_person, scene.canvas, body))
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2]))):
        away = bool(rng.random() < 0.6)
        x = (1 if away else -1) * (street.half_road - rng.uniform(0.5, 0.9))
        z = scene.nearest_visible(x) + rng.uniform(1, 16)
        body = people.sample_person(rng, (x, z), 0.0 if away else np.pi, rain=False)
        if scene.claim(x, z, 0.8, 2.2):
            people.rider_shadow(scene.shadows, body)
            scene.add(z, partial(people.paint_rider, scene.canvas, body))


def add_furniture(scene: Scene, rng: np.random.Generator) -> None:
    """Line both kerbs with lamps, signs, bollards and bins, and guard the crossing."""
    street, canvas = scene.street, scene.canvas
    gap, height = rng.uniform(22, 32), rng.uniform(6.5, 9)
    lamp_side = int(rng.choice([-1, 1]))
    sign = partial(furniture.paint_sign, canvas, rng=rng)
    bollard = partial(furniture.paint_bollard, canvas)
    litter = partial(furniture.paint_bin, canvas, rng=rng)
    for side in (-1, 1):
        x = side * (street.kerb(side) + 0.35)
        near = scene.nearest_visible(x)
        if side == lamp_side or rng.random() < 0.4:
            lamp = partial(furniture.paint_lamp, canvas, reach=-side * 1.8, height=height)
            for z in np.arange(near + rng.uniform(0, 8), 120, gap):
                _add_item(scene, (x, float(z)), height, lamp)
        for _ in range(int(rng.integers(1, 4))):
            _add_item(scene, (x, near + rng.uniform(0, 30)), 2.6, sign)
        if rng.random() < 0.3:
            for z in np.arange(near, near + rng.uniform(8, 26), 2.2):
                _add_item(scene, (x, float(z)), 0.8, bollard)
        if rng.random() < 0.5:
            _add_item(scene, (x + side * 0.3, near + rng.uniform(0, 20)), 1.0, litter)
    if street.crossing is not None and rng.random() < 0.65:
        state = int(rng.choice([0, 1, 2], p=[0.45, 0.1, 0.45]))
        for side in (-1, 1):
            reach = -side * (rng.uniform(2.6, 4.2) if side > 0 else 0.3)
            light = partial(furniture.paint_traffic_light, canvas, reach=reach, state=state)
            _add_item(scene, (side * (street.kerb(side) + 0.4), street.crossing + 4.2), 4.0, light)


def _add_item(
    scene: Scene, at: tuple[float, float], tall: float, paint: Callable[[tuple[float, float]], None]
) -> None:
    """Set a thing on the pavement, with its shadow, if the place is free."""
    x, z = at
    if scene.claim(x, z, 0.5, 0.8):
        scene.shadows.cast([(x - 0.07, 0, z), (x + 0.07, 0, z), (x + 0.07, tall, z),
                            (x - 0.07, tall, z)])  # fmt: skip
        scene.add(z, partial(paint, at))


def add_trees(scene: Scene, rng: np.random.Generator) -> None:
    """Plant a row of trees along the kerbs."""
    street = scene.street
    for side in (-1, 1):
        verge = street.verge[side > 0]
        if not verge and rng.random() < 0.35:
            continue
        x = side * (street.kerb(side) + (verge / 2 if verge else 0.75))
        tall, gap = rng.uniform(5.5, 10.5), rng.uniform(8, 17)
        for z in np.arange(scene.nearest_visible(x) + rng.uniform(-2, 8), 130, gap):
            height = tall * rng.uniform(0.85, 1.15)
            at = (x, float(z))
            if not scene.claim(*at, 0.8, 0.8):
                continue
            for cluster in crown_shadow(at, height, rng):
                scene.shadows.cast(cluster)
            scene.add(at[1], partial(paint_tree, scene.canvas, scene.foliage, at, height, rng))
