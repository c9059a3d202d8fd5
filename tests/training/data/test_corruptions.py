"""Corruptions: repeatable, harder with strength, alike at every size of the same photo."""

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from function_app.vision.photo import resize
from training.data import READERS
from training.data.corruptions import KINDS, STRENGTHS, corrupt

ALL = list(product(KINDS, STRENGTHS))


@pytest.fixture(scope="module")
def photo(synthetic_scenes: Path) -> np.ndarray:
    scene = READERS["cityscapes"](synthetic_scenes, "val")[0].load()[0]
    return resize(scene, 256, 512)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


@pytest.mark.parametrize("kind", KINDS)
def test_stronger_is_worse_but_recognisable(photo: np.ndarray, kind: str) -> None:
    before = photo.copy()
    corrupted = [corrupt(photo, kind, strength, seed=1) for strength in STRENGTHS]
    assert np.array_equal(photo, before), "the photo itself is left alone"
    for result in corrupted:
        assert (result.shape, result.dtype) == (photo.shape, np.uint8)
        assert result.flags.c_contiguous
    quality = [psnr(result, photo) for result in corrupted]
    assert all(mild > strong + 1 for mild, strong in pairwise(quality)), quality
    # Recognisable: what was bright is still brighter than what was dark.
    assert np.corrcoef(corrupted[-1].ravel(), photo.ravel())[0, 1] > 0.3


@pytest.mark.parametrize(("kind", "strength"), ALL)
def test_the_seed_decides_alone(photo: np.ndarray, kind: str, strength: int) -> None:
    small = photo[::4, ::4]
    first, again, other = (corrupt(small, kind, strength, seed) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert (kind == "blur") == np.array_equal(first, other), "blur alone has nothing to draw"


@pytest.mark.parametrize(("kind", "strength"), ALL)
def test_large_and_small_photos_are_corrupted_alike(
    photo: np.ndarray, kind: str, strength: int
) -> None:
    large = resize(photo, 1024, 2048)
    small = resize(large, 128, 256)
    harm_small = psnr(corrupt(small, kind, strength, 3), small)
    harm_large = psnr(resize(corrupt(large, kind, strength, 3), 128, 256), small)
    # 8 pixels for one: were sizes counted in pixels, noise would differ by 16 dB, blur by 13.
    assert harm_large == pytest.approx(harm_small, abs=3)


@pytest.mark.parametrize(("kind", "strength"), [("snow", 1), ("fog", 0), ("fog", 4)])
def test_unknown_kinds_and_strengths_are_named(kind: str, strength: int) -> None:
    with pytest.raises(ValueError, match="choose from") as caught:
        corrupt(np.zeros((8, 8, 3), np.uint8), kind, strength, 0)
    assert ("snow" if kind == "snow" else str(strength)) in str(caught.value)
