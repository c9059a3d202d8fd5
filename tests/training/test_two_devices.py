"""A batch shared by two devices is learned from as one device would."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

pytestmark = pytest.mark.training


def test_two_devices_train_as_one(synthetic_scenes: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.training.two_devices", synthetic_scenes, tmp_path],
        cwd=PROJECT, check=True,
    )  # fmt: skip
    rows = []
    for name in ("one", "two"):
        with (tmp_path / name / "curves.csv").open() as file:
            rows += list(csv.DictReader(file))
    one, two = ({key: float(value) for key, value in row.items()} for row in rows)
    assert two == pytest.approx(one, rel=1e-3, abs=1e-4)
