"""Photo and labels move together, labels stay labels, and light touches photos alone."""

import numpy as np
import pytest

from function_app.categories import IGNORE
from function_app.photo import PAD_VALUE
from training.data.augment import Augmentation, random_view


@pytest.fixture
def scene() -> tuple[np.ndarray, np.ndarray]:
    """Vertical stripes whose brightness is ten times their label id."""
    labels = np.tile(np.repeat(np.arange(7, 23, dtype=np.uint8), 16), (128, 1))
    return np.repeat(labels[..., None] * 10, 3, 2), labels


@pytest.mark.parametrize("seed", range(8))
def test_photo_and_labels_stay_aligned(scene: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    photo, labels = random_view(*scene, 1.0, (96, 160), np.random.default_rng(seed))
    assert (photo.shape, labels.shape) == ((96, 160, 3), (96, 160))
    known = labels != IGNORE
    difference = np.abs(photo[..., 0].astype(int) - labels.astype(int) * 10)[known]
    # Interpolation blurs the borders of the stripes; everywhere else they must agree.
    assert np.median(difference) <= 1
    assert (difference > 10).mean() < 0.05
    assert set(np.unique(labels[known])) <= set(range(7, 23))


def test_beyond_the_scene_is_padding_that_counts_nowhere(
    scene: tuple[np.ndarray, np.ndarray],
) -> None:
    photo, labels = random_view(*scene, 0.2, (96, 160), np.random.default_rng(0))
    outside = labels == IGNORE
    assert outside.mean() > 0.5
    assert (photo[outside] == PAD_VALUE).all()


def test_zoom_mirror_and_shift_all_happen(scene: tuple[np.ndarray, np.ndarray]) -> None:
    views = [random_view(*scene, 1.0, (64, 64), np.random.default_rng(s))[1] for s in range(30)]
    mirrored = [v[0, 0] > v[0, -1] for v in views if v[0, -1] != IGNORE]
    assert 0.2 < np.mean(mirrored) < 0.8
    stripes = [len(np.unique(v[v != IGNORE])) for v in views]
    assert max(stripes) > 1.5 * min(stripes), "zoom"


@pytest.mark.parametrize(("light", "camera"), [(True, False), (False, True), (False, False)])
def test_groups_are_switched_one_by_one(light: bool, camera: bool) -> None:
    rng = np.random.default_rng(3)
    photo = rng.integers(0, 256, (64, 64, 3), np.uint8)
    augmentation = Augmentation(light=light, camera=camera)
    changed = [
        not np.array_equal(augmentation.photometric(photo, np.random.default_rng(s)), photo)
        for s in range(12)
    ]
    assert any(changed) == (light or camera)


def test_same_seed_same_result() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    first, second = (Augmentation().photometric(photo, np.random.default_rng(5)) for _ in "ab")
    assert np.array_equal(first, second)
