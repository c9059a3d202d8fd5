"""Packages, models and data sets of hand-made predictions."""

from pathlib import Path

import numpy as np
import pytest

from function_app.vision.segmenter import Segmenter
from tests.training.evaluator.reading import (
    HEIGHT,
    WIDTH,
    reading_model,
    write_reading_package,
    write_scene,
)
from training.evaluator import load_package


@pytest.fixture(scope="session")
def reading_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reading_package(tmp_path_factory.mktemp("packages"), reading_model())


@pytest.fixture(scope="session")
def segmenter(reading_package: Path) -> Segmenter:
    return load_package(reading_package, threads=1)


@pytest.fixture
def data_root(tmp_path: Path) -> Path:
    """Two data sets of two scenes, a quarter and a half of the pixels wrong."""
    root = tmp_path / "data"
    for name, wrong in (("near", 16), ("far", 32)):
        labels = np.full((HEIGHT, WIDTH), 7)
        labels[HEIGHT // 2 :] = 26
        prediction = np.where(labels == 7, 1, 7)
        prediction[:, :wrong] = 2
        for scene in ("a_000000_000000", "a_000001_000000"):
            write_scene(root / name, scene, labels, prediction)
    return root
