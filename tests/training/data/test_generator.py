"""Batches: shapes, shares, order, and the same again for the same seed."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from function_app.vision.photo import fit
from training.data import READERS, Scene
from training.data.augment import Augmentation
from training.data.generator import TrainingBatches, ValidationBatches

pytestmark = pytest.mark.training
PLAIN = Augmentation()
FULL = Augmentation.from_config({"geometry": True, "light": True, "camera": True})


@pytest.fixture(scope="module")
def scenes(synthetic_scenes: Path) -> list[Scene]:
    return READERS["cityscapes"](synthetic_scenes, "val")


def batches(scenes: list[Scene], **options: Any) -> TrainingBatches:
    defaults: dict[str, Any] = {
        "batch_size": 2, "photos_per_epoch": 7, "input_size": (64, 128), "crop_size": (64, 96),
        "augmentation": FULL, "seed": 1,
    }  # fmt: skip
    return TrainingBatches([(scenes[:4], 3.0), (scenes[4:], 1.0)], **{**defaults, **options})


def test_shapes_and_whole_batches(scenes: list[Scene]) -> None:
    made = batches(scenes)
    photos, labels = made[0]
    assert len(made) == 3
    assert (photos.shape, photos.dtype) == ((2, 64, 96, 3), np.uint8)
    assert (labels.shape, labels.dtype) == ((2, 64, 96), np.uint8)


def test_same_seed_and_epoch_give_the_same_batches(scenes: list[Scene]) -> None:
    straight, resumed = batches(scenes), batches(scenes, epoch=1)
    straight.on_epoch_end()
    for index in range(3):
        for ours, theirs in zip(straight[index], resumed[index], strict=True):
            assert np.array_equal(ours, theirs)
    assert not np.array_equal(batches(scenes)[0][0], straight[0][0]), "epochs differ"
    assert not np.array_equal(batches(scenes, seed=2)[0][0], batches(scenes)[0][0]), "seeds differ"


def test_every_scene_once_before_any_twice_and_shares_hold(scenes: list[Scene]) -> None:
    made = batches(scenes, batch_size=4, photos_per_epoch=16)
    seen: Counter[str] = Counter()
    for _ in range(2):
        epoch = Counter(scene.id for scene in made._order)
        first = sum(epoch[scene.id] for scene in scenes[:4])
        assert first == 12, "three quarters come from the first set"
        seen += epoch
        made.on_epoch_end()
    assert {seen[scene.id] for scene in scenes[:4]} == {6}
    assert {seen[scene.id] for scene in scenes[4:]} == {4}


def test_without_augmentation_a_photo_is_fitted_as_the_service_does(scenes: list[Scene]) -> None:
    photos, _ = ValidationBatches(scenes, (64, 128), batch_size=4)[1]
    assert len(photos) == 2
    assert np.array_equal(photos[0], fit(scenes[4].load()[0], 64, 128).canvas)
    plain = batches(scenes, augmentation=PLAIN, crop_size=(64, 128))
    fitted = [fit(scene.load()[0], 64, 128).canvas for scene in scenes]
    assert any(np.array_equal(plain[0][0][0], photo) for photo in fitted)
