"""A whole scene from one seed: what stands where, and in which order it is painted."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from training.data.synthetic import buildings, furniture, people, vehicles
from training.data.synthetic.bonnet import paint_bonnet
from training.data.synthetic.canvas import SCALE, Canvas
from training.data.synthetic.light import sample_light
from training.data.synthetic.mesh import Place
from training.data.synthetic.noise import sample_textures
from training.data.synthetic.perspective import Camera, aim
from training.data.synthetic.sky import paint_sky
from training.data.synthetic.street import Shade, Street, paint_ground, sample_street
from training.data.synthetic.vegetation import Foliage, crown_shadow, paint_tree
from training.data.synthetic.weather import develop

_Job = tuple[float, Callable[[], None]]


class _Scene:
    """The things of one scene, gathered with their distances before they are painted."""

    def __init__(self, canvas: Canvas, street: Street, foliage: Foliage) -> None:
        self.canvas = canvas
        self.street = street
        self.foliage = foliage
        self.shade = Shade(canvas)
        self.jobs: list[_Job] = []
        self.taken: list[tuple[float, float, float, float]] = []

    def first_seen(self, x: float) -> float:
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
        """Paint this when its distance comes, far to near."""
        self.jobs.append((z, paint))


def render(
    seed: int, width: int = 1024, height: int = 512
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Photo (height, width, 3) uint8 RGB and Cityscapes label ids (height, width) uint8.

    The same arguments always give the same bytes. The photo says on the bonnet that it is
    synthetic.
    """
    root = np.random.default_rng(seed)
    # One stream per concern, so that a change to one leaves the others' scenes alone.
    plan, sky, ground, leaves, houses, things, lens, car = root.spawn(8)
    street = sample_street(plan)
    camera = _sample_camera(street, width * SCALE, height * SCALE, plan)
    light = sample_light(plan)
    side = float(np.sign(light.sun[0]))
    front = side * street.front(int(side))
    throw = 12.0 / max(float(light.sun[1]), 0.1) * float(abs(light.sun[0]))
    light = replace(light, shade_edge=front - side * throw)
    canvas = Canvas(camera, light, sample_textures(plan))
    foliage = Foliage(canvas, leaves)
    scene = _Scene(canvas, street, foliage)
    lots = buildings.sample_lots(street, houses)
    buildings.cast_shadows(scene.shade, street, lots)
    _plan_vehicles(scene, things)
    _plan_people(scene, things)
    _plan_furniture(scene, things)
    _plan_trees(scene, things)
    paint_sky(canvas, sky)
    paint_ground(canvas, street, scene.shade.finished(), ground)
    buildings.paint_end(canvas, foliage, houses)
    buildings.paint_lots(canvas, street, lots, foliage, houses)
    for _, paint in sorted(scene.jobs, key=lambda job: -job[0]):
        paint()
    paint_bonnet(canvas, car)
    return develop(canvas, lens)


def _sample_camera(street: Street, width: int, height: int, rng: np.random.Generator) -> Camera:
    turn = aim(rng.normal(0, 0.025), rng.uniform(0.004, 0.045), rng.normal(0, 0.004))
    return Camera(
        width=width,
        height=height,
        focal=width * rng.uniform(0.82, 1.0),
        x=street.own_lane() + rng.normal(0, 0.2),
        y=rng.uniform(1.22, 1.55),
        turn=turn,
        bend=float(rng.choice([0.0, 1.0], p=[0.4, 0.6]) * rng.normal(0, 0.0005)),
    )


def _add_vehicle(scene: _Scene, kind: str, at: tuple[float, float], heading: float,
                 rng: np.random.Generator, *, moving: bool) -> bool:  # fmt: skip
    x, z = at
    length = vehicles.length_of(kind)
    across = abs(np.sin(heading)) > 0.7
    span = (length + 1, 2.4) if across else (2.0, length + 0.9)
    if not scene.claim(x, z, *span):
        return False
    place = Place(x, z, heading, length, scene.canvas.light.lit(x))
    paint = vehicles.sample_paint(kind, rng)
    vehicles.vehicle_shadow(scene.shade, kind, place)
    light = scene.canvas.light
    dim = light.lamps or light.wet > 0.5 or light.weather == "fog"
    lit = moving and bool(dim or rng.random() < 0.5)
    scene.add(z, lambda: vehicles.paint_vehicle(scene.canvas, kind, place, paint, lit=lit))
    return True


def _plan_vehicles(scene: _Scene, rng: np.random.Generator) -> None:
    street = scene.street
    cars = ["hatch", "sedan", "estate", "suv", "hatch", "van"]
    large = ["bus", "truck", "van"]
    own = street.own_lane()
    z = float(rng.uniform(11, 26))
    small = bool(z < 18 or rng.random() < 0.6)
    kind = str(rng.choice(cars if small else large))
    _add_vehicle(scene, kind, (own + rng.normal(0, 0.15), z), rng.normal(0, 0.02), rng, moving=True)
    if street.two_way:
        z = float(rng.uniform(12, 30))
        while z < 110:
            kind = str(rng.choice(cars if rng.random() < 0.82 else large))
            _add_vehicle(scene, kind, (-own + rng.normal(0, 0.15), z + 4), np.pi, rng, moving=True)
            z += rng.uniform(16, 60)
    if rng.random() < 0.16:
        _add_vehicle(scene, str(rng.choice(cars)), (rng.uniform(-4, 4), rng.uniform(34, 48)),
                     float(rng.choice([-1, 1])) * np.pi / 2, rng, moving=True)  # fmt: skip
    fill = rng.uniform(0.35, 0.95)
    for side in (-1, 1):
        strip = street.parking[side > 0]
        if not strip and (street.half_road < 3.9 or rng.random() < 0.5):
            continue
        x = side * (street.half_road + (1.1 if strip else -0.95))
        for z in np.arange(6.8, 100, 5.6):
            if rng.random() < fill and z > scene.first_seen(x) - 4:
                heading = 0.0 if side > 0 or not street.two_way else np.pi
                _add_vehicle(scene, str(rng.choice(cars)), (x, float(z)),
                             heading + rng.normal(0, 0.025), rng, moving=False)  # fmt: skip


def _plan_people(scene: _Scene, rng: np.random.Generator) -> None:
    street, rain = scene.street, scene.canvas.light.weather == "rain"
    spots = []
    for side in (-1, 1):
        edge = street.kerb(side) + street.verge[side > 0]
        for _ in range(int(rng.integers(2, 8))):
            x = side * rng.uniform(edge + 0.6, street.front(side) - 0.5)
            near = scene.first_seen(x)
            spots.append((x, near + rng.exponential(14), float(rng.choice([0.0, np.pi]))))
    if street.crossing is not None and rng.random() < 0.75:
        for _ in range(int(rng.integers(1, 4))):
            x = rng.uniform(-street.half_road, street.half_road)
            turn = float(rng.choice([-1, 1])) * np.pi / 2
            spots.append((x, street.crossing + rng.uniform(0.5, 2.7), turn))
    for x, z, heading in spots:
        body = people.sample_person(rng, (x, z), heading + rng.normal(0, 0.25), rain=rain)
        if scene.claim(x, z, 0.7, 0.7):
            _add_person(scene, body)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2]))):
        away = bool(rng.random() < 0.6)
        x = (1 if away else -1) * (street.half_road - rng.uniform(0.5, 0.9))
        z = scene.first_seen(x) + rng.uniform(1, 16)
        body = people.sample_person(rng, (x, z), 0.0 if away else np.pi, rain=False)
        if scene.claim(x, z, 0.8, 2.2):
            _add_rider(scene, body)


def _add_person(scene: _Scene, body: people.Person) -> None:
    people.person_shadow(scene.shade, body)
    scene.add(body.z, lambda: people.paint_person(scene.canvas, body))


def _add_rider(scene: _Scene, body: people.Person) -> None:
    people.rider_shadow(scene.shade, body)
    scene.add(body.z, lambda: people.paint_rider(scene.canvas, body))


def _plan_furniture(scene: _Scene, rng: np.random.Generator) -> None:
    street, canvas = scene.street, scene.canvas
    gap, height = rng.uniform(22, 32), rng.uniform(6.5, 9)
    lamp_side = int(rng.choice([-1, 1]))
    for side in (-1, 1):
        x = side * (street.kerb(side) + 0.35)
        near = scene.first_seen(x)
        if side == lamp_side or rng.random() < 0.4:
            for z in np.arange(near + rng.uniform(0, 8), 120, gap):
                _stand(scene, x, float(z), 0.2, height, lambda at, reach=-side * 1.8: (
                    furniture.paint_lamp(canvas, at, reach, height)))  # fmt: skip
        for _ in range(int(rng.integers(1, 4))):
            z = near + float(rng.uniform(0, 30))
            _stand(scene, x, z, 0.2, 2.6, lambda at: furniture.paint_sign(canvas, at, rng))
        if rng.random() < 0.3:
            for z in np.arange(near, near + rng.uniform(8, 26), 2.2):
                _stand(scene, x, float(z), 0.2, 0.8, lambda at: furniture.paint_bollard(canvas, at))
        if rng.random() < 0.5:
            z = near + float(rng.uniform(0, 20))
            _stand(scene, x + side * 0.3, z, 0.6, 1, lambda at: furniture.paint_bin(canvas, at, rng))
    if street.crossing is not None and rng.random() < 0.65:
        state = int(rng.choice([0, 1, 2], p=[0.45, 0.1, 0.45]))
        z = street.crossing + 4.2
        for side in (-1, 1):
            x = side * (street.kerb(side) + 0.4)
            reach = -side * (rng.uniform(2.6, 4.2) if side > 0 else 0.3)
            _stand(scene, x, z, 0.3, 4, lambda at, reach=reach: (
                furniture.paint_traffic_light(canvas, at, reach, state)))  # fmt: skip


def _stand(scene: _Scene, x: float, z: float, wide: float, tall: float,
           paint: Callable[[tuple[float, float]], None]) -> None:  # fmt: skip
    """Set a thing on the pavement, with its shadow, if the place is free."""
    if not scene.claim(x, z, max(wide, 0.5), max(wide, 0.8)):
        return
    half = min(wide, 0.3) / 3
    scene.shade.cast(np.array([(x - half, 0, z), (x + half, 0, z), (x + half, tall, z),
                               (x - half, tall, z)], np.float64))  # fmt: skip
    scene.add(z, lambda: paint((x, z)))


def _plan_trees(scene: _Scene, rng: np.random.Generator) -> None:
    street = scene.street
    for side in (-1, 1):
        verge = street.verge[side > 0]
        if not verge and rng.random() < 0.35:
            continue
        x = side * (street.kerb(side) + (verge / 2 if verge else 0.75))
        tall, gap = rng.uniform(5.5, 10.5), rng.uniform(8, 17)
        for z in np.arange(scene.first_seen(x) + rng.uniform(-2, 8), 130, gap):
            height = tall * rng.uniform(0.85, 1.15)
            at = (x, float(z))
            if not scene.claim(*at, 0.8, 0.8):
                continue
            for cluster in crown_shadow(at, height, rng):
                scene.shade.cast(cluster)
            scene.add(at[1], lambda at=at, height=height: (
                paint_tree(scene.canvas, scene.foliage, at, height, rng)))  # fmt: skip
