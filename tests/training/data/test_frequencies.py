"""Median frequency balancing, against numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.data import DataError, Scene
from training.data.frequencies import median_frequency_weights

ROAD, SKY, PERSON, IGNORED = 7, 23, 24, 255


def scene(folder: Path, name: str, counts: dict[int, int], **options: object) -> Scene:
    """Write a scene of one row that has so many pixels of each label."""
    labels = np.concatenate([np.full(n, label, np.uint8) for label, n in counts.items()])[None]
    photo = np.zeros((*labels.shape, 3), np.uint8)
    paths = folder / f"{name}_photo.png", folder / f"{name}_labels.png"
    for path, array in zip(paths, (photo, labels), strict=True):
        Image.fromarray(array).save(path)
    return Scene(name, *paths, **options)  # type: ignore[arg-type]


def test_a_weight_is_the_median_frequency_over_the_category_s_own(tmp_path: Path) -> None:
    scenes = [
        scene(tmp_path, "a", {ROAD: 60, SKY: 40, IGNORED: 1000}),
        scene(tmp_path, "b", {ROAD: 280, PERSON: 20, 40: 7}),
    ]
    # Of the pixels of the scenes they occur in: road 340 / 400, sky 40 / 100, human 20 / 300.
    weights = median_frequency_weights(scenes, progress=False)
    assert list(weights) == ["flat", "sky", "human"]
    assert weights == pytest.approx({"flat": 0.4 / 0.85, "sky": 1.0, "human": 0.4 / (20 / 300)})
    assert weights == median_frequency_weights(scenes[::-1], progress=False)


def test_the_file_s_own_values_are_looked_up_first(tmp_path: Path) -> None:
    lookup = np.full(256, IGNORED, np.uint8)
    lookup[:2] = ROAD, PERSON
    weights = median_frequency_weights(
        [scene(tmp_path, "a", {0: 30, 1: 10, 2: 500}, lookup=lookup)], progress=False
    )
    assert weights == pytest.approx({"flat": 0.5 / 0.75, "human": 0.5 / 0.25})


@pytest.mark.parametrize("counts", [None, {IGNORED: 9}])
def test_nothing_to_count_is_refused(tmp_path: Path, counts: dict[int, int] | None) -> None:
    scenes = [scene(tmp_path, "a", counts)] if counts else []
    with pytest.raises(DataError, match=r"no pixel of [01] scenes has a category"):
        median_frequency_weights(scenes)
