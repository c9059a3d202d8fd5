"""A made-up study beside the measured results, so that note and slides can be built in a test."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from docs.build.study import OFFICIAL_NAMES
from tests.conftest import PROJECT
from training.files import write_atomically
from training.study.plan import Run, read_study
from training.study.summary import summarise, write_summary

SETS = {"cityscapes_256": 0.65, "camvid": 0.5, "kitti": 0.55}
RECIPE_SETS = {"cityscapes_sharp": 0.7, "cityscapes_exact": 0.65, "camvid": 0.5, "kitti": 0.55}
STUDIES = sorted((PROJECT / "training/configs/study").glob("*.yaml"))


def made_up_row(run: Run) -> dict[str, Any]:
    """A row as `training.study.run` writes it; the name of the run seeds its numbers.

    The chosen network is the best one, as the slides' boxes are made for.
    """
    rng = random.Random(run.name)  # noqa: S311
    sets = RECIPE_SETS if run.study == "recipe" else SETS
    gain = 0.02 * len(run.config.augmentation) + 0.03 * (run.config.architecture == "lite0_fpn")
    scores = [
        {
            "data": data,
            "split": "val",
            "protocol": protocol,
            "photos": 3,
            "input": "256x128",
            "mean_iou": level + gain + rng.gauss(0, 0.004),
            "iou": {name: 0.5 + rng.gauss(0, 0.02) for name in OFFICIAL_NAMES},
        }
        for data, level in sets.items()
        for protocol in ("official", "with_void")
    ]
    form = {"megabytes": 3.5, "time": rng.uniform(0.1, 1), "scores": scores}
    return {
        "run": run.name,
        "parameters": 3_000_000,
        "gmacs": 0.3,
        "unit": "lite0-fpn:1.0.0",
        "minutes": 20.0,
        "curves": [{"epoch": e, "val_category_iou": 0.5 + 0.01 * e} for e in range(8)],
        "minutes_measuring": 2.0,
        "machine": {"processor": "Made-up CPU"},
        "float": form,
        "int8": form,
    }


def write_rows(folder: Path, rows: dict[str, dict[str, Any]]) -> None:
    """Store rows as `python -m training compare` does."""
    for name, row in rows.items():
        write_atomically(folder / f"study/runs/{name}.json", json.dumps(row).encode())


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results whose study is made up and complete."""
    folder = tmp_path_factory.mktemp("results")
    for path in (PROJECT / "results").iterdir():
        if path.name != "study":
            (folder / path.name).symlink_to(path)
    for path in STUDIES:
        study = read_study(path)
        rows = {run.name: made_up_row(run) for run in study.runs}
        write_summary(folder / "study", summarise(study, rows), rows)
        if study.name == "recipe":
            write_rows(folder, rows)
    return folder


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
