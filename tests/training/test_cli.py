"""The commands as a user types them: help, mistakes, and evaluation of the bundled package."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import PROJECT
from training.data import READERS
from training.evaluator import evaluate, load_package

COMMANDS = ("synthesize", "train", "export", "evaluate", "publish")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "training", *map(str, arguments)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    ended = run(command, "--help")
    assert ended.returncode == 0
    assert f"example: python -m training {command}" in " ".join(ended.stdout.split())


def test_mistakes_are_one_line_and_name_the_input(tmp_path: Path, package: Path) -> None:
    for arguments, named in (
        (("train", tmp_path / "none.yaml", "--data-root", tmp_path), "none.yaml"),
        (("evaluate", tmp_path, "--data-root", tmp_path), "manifest.json"),
        (("evaluate", package, "--data-root", tmp_path), str(tmp_path)),
        (("publish", package), "--account-url"),
    ):
        ended = run(*arguments)
        assert ended.returncode == 1
        assert named in ended.stderr
        assert "Traceback" not in ended.stderr


def test_evaluate_scores_stores_and_records(
    package: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(package, tmp_path / "package")
    data = tmp_path / "data"
    data.mkdir()
    shutil.copytree(synthetic_scenes, data / "cityscapes_256")
    ended = run("evaluate", copy, "--data-root", data, "--results", tmp_path / "out", "--record")
    assert ended.returncode == 0, ended.stderr
    assert "camvid is not there: left out" in ended.stdout
    (file,) = (tmp_path / "out").iterdir()
    rows = json.loads(file.read_text())
    assert [row["protocol"] for row in rows] == ["official", "with_void"]
    assert rows[0]["mean_iou"] == pytest.approx(
        np.mean([v for v in rows[0]["iou"].values() if v is not None])
    )
    assert np.array(rows[1]["confusion_matrix"]).sum() == 6 * 512 * 1024
    recorded = json.loads((copy / "manifest.json").read_text())["metrics"]
    assert [m["mean_iou"] for m in recorded] == [row["mean_iou"] for row in rows]
    assert load_package(copy).manifest.metrics[0]["data"] == "cityscapes_256"


@pytest.mark.data
def test_the_bundled_model_holds_its_marks_on_real_photos(shared_data: Path, package: Path) -> None:
    """Every eighth validation photo: quick, and far enough above 0.70 to tell a broken model."""
    for reader, folder in (("cityscapes", "cityscapes_256"), ("camvid", "camvid")):
        scenes = READERS[reader](shared_data / folder, "val")[::8]
        official, _ = evaluate(load_package(package), scenes, folder, "val")
        assert official["mean_iou"] > 0.68, official["iou"]
