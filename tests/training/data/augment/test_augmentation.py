"""Every operation can be switched alone, does something, and only what it says."""

from itertools import product

import numpy as np
import pytest

from function_app.vision.categories import IGNORE
from training.data.augment import GROUPS, WEATHER, Augmentation
from training.errors import ConfigError

SIZE = (64, 128)
NAMES = [(group, name) for group, operations in GROUPS.items() for name in operations]
EVERYTHING = dict.fromkeys(GROUPS, True)
Scene = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Coloured blocks with random labels, twice as large as the view."""
    rng = np.random.default_rng(3)
    photo = rng.integers(20, 236, (8, 16, 3), np.uint8).repeat(16, 0).repeat(16, 1)
    return photo, rng.integers(0, 34, photo.shape[:2], np.uint8)


def apply(config: dict[str, object], scene: Scene, seed: int, always: bool = False) -> Scene:
    rng = np.random.default_rng(seed)
    return Augmentation.from_config(config).apply(*scene, SIZE, SIZE, rng, always=always)


@pytest.mark.parametrize(("group", "name"), NAMES)
def test_each_operation_alone_changes_the_photo(scene: Scene, group: str, name: str) -> None:
    plain, plain_labels = apply({}, scene, 0)
    scene_before = [array.copy() for array in scene]
    views = [apply({group: [name]}, scene, seed, always=True) for seed in range(8)]
    photos = [photo for photo, _ in views]
    if group in ("light", "camera"):
        assert all(np.array_equal(labels, plain_labels) for _, labels in views)
    # At the scale of the service this scene fills the view: there is one place to crop.
    changed = [not np.array_equal(photo, plain) for photo in photos]
    assert all(changed) or name == "crop"
    assert len({photo.tobytes() for photo in photos}) > 1 or name in ("flip", "crop")
    for photo in photos:
        assert (photo.shape, photo.dtype) == ((*SIZE, 3), np.uint8)
        assert photo.flags.c_contiguous
    assert all(np.array_equal(*pair) for pair in zip(scene, scene_before, strict=True))


def test_what_is_covered_counts_nowhere_and_all_else_is_untouched(scene: Scene) -> None:
    plain_photo, plain_labels = apply({}, scene, 0)
    for seed in range(12):
        photo, labels = apply({"occlusion": True}, scene, seed, always=True)
        changed = (photo != plain_photo).any(-1)
        assert (labels[changed] == IGNORE).all()
        kept = labels != IGNORE
        assert np.array_equal(labels[kept], plain_labels[kept])
        assert 0.004 < 1 - kept.mean() < 0.17


def test_no_group_on_is_the_plain_photo_whatever_the_seed(scene: Scene) -> None:
    off = dict.fromkeys(GROUPS, False)
    for config, seed in product(({}, off), range(3)):
        assert np.array_equal(apply(config, scene, seed)[0], apply({}, scene, 0)[0])


def test_same_seed_same_bytes(scene: Scene) -> None:
    views = [apply(EVERYTHING, scene, seed, always=True) for seed in (5, 5, 6)]
    assert all(np.array_equal(*pair) for pair in zip(views[0], views[1], strict=True))
    assert not np.array_equal(views[0][0], views[2][0])


@pytest.mark.parametrize("name", ["flip", "jpeg", "night"])
def test_probability_is_that_of_the_table(scene: Scene, name: str) -> None:
    group = next(group for group, known in NAMES if known == name)
    plain = apply({}, scene, 0)[0]
    changed = [not np.array_equal(apply({group: [name]}, scene, s)[0], plain) for s in range(400)]
    assert np.mean(changed) == pytest.approx(GROUPS[group][name][1], abs=0.08)


def test_at_most_one_weather(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    met: set[str] = set()
    table = {
        name: (lambda photo, _, name=name: (seen.append(name), photo)[1], 0.5) for name in WEATHER
    }
    monkeypatch.setitem(GROUPS, "camera", table)
    for seed in range(20):
        seen.clear()
        apply({"camera": True}, scene, seed)
        assert len(seen) <= 1
        met.update(seen)
    assert met == WEATHER


def test_configurations_say_the_same_in_every_form() -> None:
    by_name = {group: list(operations) for group, operations in GROUPS.items()}
    everything = Augmentation.from_config(EVERYTHING)
    assert everything == Augmentation.from_config(by_name)
    assert hash(everything) == hash(Augmentation.from_config(by_name))
    assert Augmentation.from_config({"camera": False, "light": []}) == Augmentation()
    assert Augmentation.from_config({"camera": ["blur"]}).operations == {"blur"}
    assert len(everything.operations) == len(NAMES), "a name stands for one operation"


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"weather": True}, ("weather", "geometry, light, occlusion, camera")),
        ({"camera": ["blur", "bluur"]}, ("augmentation.camera", "bluur", "night, blur")),
        ({"light": ["blur"]}, ("augmentation.light", "blur", "gamma, contrast")),
    ],
    ids=str,
)
def test_mistakes_name_themselves_and_the_choices(
    config: dict[str, bool | list[str]], named: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        Augmentation.from_config(config)
    for part in named:
        assert part in str(caught.value)
