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


def test_a_batch_depends_on_seed_epoch_and_number_alone(scenes: list[Scene]) -> None:
    for index in (2, 0, 1):
        for ours, theirs in zip(batches(scenes)[index], batches(scenes)[index], strict=True):
            assert np.array_equal(ours, theirs)
    assert not np.array_equal(batches(scenes)[0][0], batches(scenes, epoch=1)[0][0])
    assert not np.array_equal(batches(scenes)[0][0], batches(scenes, seed=2)[0][0])


def test_shares_hold_and_every_scene_comes_once_before_any_twice(scenes: list[Scene]) -> None:
    """Of six scenes an epoch draws three of the first four and one of the other two."""
    seen: Counter[str] = Counter()
    for epoch in range(4):
        drawn = Counter(s.id for s in batches(scenes, photos_per_epoch=4, epoch=epoch).order)
        assert sum(drawn[s.id] for s in scenes[:4]) == 3
        assert max(drawn.values()) == 1, "twice in one epoch"
        seen += drawn
        for part in (scenes[:4], scenes[4:]):
            counts = [seen[s.id] for s in part]
            assert max(counts) - min(counts) <= 1
    assert [seen[s.id] for s in scenes] == [3, 3, 3, 3, 2, 2]


def test_without_augmentation_a_photo_is_fitted_as_the_service_does(scenes: list[Scene]) -> None:
    photos, _ = ValidationBatches(scenes, (64, 128), batch_size=4)[1]
    assert len(photos) == 2
    assert np.array_equal(photos[0], fit(scenes[4].load()[0], 64, 128).canvas)
    plain = batches(scenes, augmentation=PLAIN, crop_size=(64, 128))
    fitted = [fit(scene.load()[0], 64, 128).canvas for scene in scenes]
    assert any(np.array_equal(plain[0][0][0], photo) for photo in fitted)
