"""A whole study of one tiny network, from the command line to its summary, and again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import PROJECT
from tests.training.tiny import tiny_config

pytestmark = pytest.mark.training


def compare(study: Path, data: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable, "-m", "training", "compare", study, "--data-root", data,
            "--set", "cityscapes:.:val", "--runs", out / "runs", "--results", out / "results",
            *more,
        ],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(tiny_config().to_dict()))
    path = tmp_path / "tiny.yaml"
    variants = {
        "fast": {"architecture": "fast_scnn", "epochs": 1},
        "none": {"architecture": "nonesuch"},
    }
    values = {"question": "Which?", "base": "base.yaml", "variants": variants, "seeds": [1]}
    path.write_text(yaml.safe_dump(values))
    return path


def test_from_the_command_line_to_the_summary(
    study: Path, synthetic_scenes: Path, tmp_path: Path
) -> None:
    ended = compare(study, synthetic_scenes, tmp_path)
    assert ended.returncode == 1
    assert "1 of 2 runs failed" in ended.stderr
    assert "tiny/none/1: training.config.ConfigError: no architecture 'nonesuch'" in ended.stderr
    assert "Which? 1 of 2 runs" in ended.stdout
    (path,) = (tmp_path / "results" / "runs").iterdir()
    row = json.loads(path.read_text())
    assert row["config"]["name"] == row["run"] == path.stem
    assert (row["epochs"], len(row["curves"])) == (1, 1)
    assert row["unit"] == "lite0-fpn:0.3.0"
    assert 1e6 < row["parameters"] < 2e6
    for form in ("float", "int8"):
        protocols = [score["protocol"] for score in row[form]["scores"]]
        assert protocols == ["official", "with_void"]
        assert row[form]["scores"][0]["photos"] == 6
        assert 0 < row[form]["time"] < 1
    assert row["int8"]["megabytes"] < 0.5 * row["float"]["megabytes"]
    summary = json.loads((tmp_path / "results" / "tiny.json").read_text())
    assert summary["variants"][0]["runs"] == [row["run"]]

    before = path.stat().st_mtime_ns
    again = compare(study, synthetic_scenes, tmp_path, "--only", "tiny/fast/*")
    assert again.returncode == 0, again.stderr
    assert path.stat().st_mtime_ns == before
    assert "after epoch" not in again.stdout

    listed = compare(study, synthetic_scenes, tmp_path, "--only", "tiny/fast/*", "--dry-run")
    assert f"done  {row['run']}" in listed.stdout
    assert "1 runs, 1 done, the others about 0.0 h here" in listed.stdout


def test_what_is_missing_shows_before_anything_is_trained(study: Path, tmp_path: Path) -> None:
    for more, named in (
        (["--only", "unet/*"], "--only unet/*"),
        ([], "holds none of"),
    ):
        ended = compare(study, tmp_path / "nowhere", tmp_path, *more)
        assert ended.returncode == 1
        assert named in ended.stderr
        assert not (tmp_path / "runs").exists()
