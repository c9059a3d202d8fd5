"""The loop over the runs of a study; but for one real run, `work` stands in for training."""

import dataclasses
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.training.study.work import started, store_row, work
from tests.training.tiny import tiny_config
from training.__main__ import main
from training.config import DataConfig
from training.data import DataError
from training.study.plan import Run, run_name
from training.study.run import Setup, read_rows, run_all

pytestmark = pytest.mark.training


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    (tmp_path / "runs").mkdir()
    sets = (DataConfig("cityscapes", "city", "val"),)
    return Setup(tmp_path, tmp_path / "runs", tmp_path / "rows", sets, tmp_path / "unit")


def runs(*seeds: int) -> list[Run]:
    configs = [dataclasses.replace(tiny_config(), seed=seed) for seed in seeds]
    return [Run("study", "tiny", "", dataclasses.replace(c, name=run_name(c))) for c in configs]


def test_a_bad_run_does_not_end_the_others(setup: Setup) -> None:
    finished: list[int] = []
    failed = run_all(runs(1, 2, 3, 5), setup, lambda: finished.append(1), work)
    assert failed == ["study/tiny/2", "study/tiny/3"]
    assert started(setup.runs) == [1, 2, 3, 5]
    assert len(finished) == len(list(setup.rows.iterdir())) == 2
    assert run_all(runs(1, 5), setup, finished.clear, work) == []
    assert started(setup.runs) == [1, 2, 3, 5]
    assert len(finished) == 2


def test_a_row_is_never_overwritten(setup: Setup) -> None:
    (run,) = runs(1)
    path = setup.rows / f"{run.name}.json"
    store_row(run.config, setup, village=0.5)
    for content, message in (
        (path.read_bytes(), "has no scores of city val: choose another --results"),
        (b"{}", "is not the row of a run"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=f"{run.name}.json {message}"):
            run_all([run], setup, lambda: None, work)
        assert path.read_bytes() == content
    assert started(setup.runs) == []


def test_sigterm_stops_the_run_under_way_and_keeps_what_is_done(setup: Setup) -> None:
    def stop() -> None:
        while started(setup.runs)[-1:] != [4]:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    threading.Thread(target=stop).start()
    with pytest.raises(KeyboardInterrupt):
        run_all(runs(1, 4, 5), setup, lambda: None, work)
    assert started(setup.runs) == [1, 4]
    assert list(read_rows(setup, [run.name for run in runs(1, 4, 5)])) == [runs(1)[0].name]
    assert signal.getsignal(signal.SIGTERM) == before


Compare = Callable[..., int | str | None]


@pytest.fixture
def compare(tmp_path: Path, synthetic_scenes: Path, monkeypatch: pytest.MonkeyPatch) -> Compare:
    """`python -m training compare` of a study of one good and one bad network, in this process."""
    variants = {"fast": {"architecture": "fast_scnn", "epochs": 1}, "none": {"architecture": "x"}}
    values = {"question": "Which?", "base": "base.yaml", "variants": variants, "seeds": [1]}
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(tiny_config().to_dict()))
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(values))

    def command(*more: object) -> int | str | None:
        arguments = [
            "compare", tmp_path / "tiny.yaml", "--data-root", synthetic_scenes,
            "--set", "cityscapes:.:val", "--runs", tmp_path / "runs",
            "--results", tmp_path / "results", *more,
        ]  # fmt: skip
        monkeypatch.setattr(sys, "argv", ["training", *map(str, arguments)])
        try:
            return main()
        except SystemExit as ended:
            return ended.code

    return command


def test_from_the_command_line_to_the_summary(
    compare: Compare, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert compare() == ("1 of 2 runs failed, the same command tries again:\n  tiny/none/1")
    said, errors = capfd.readouterr()
    assert "ConfigError: no architecture 'x'" in errors
    assert "Which? 1 of 2 runs" in said
    (path,) = (tmp_path / "results" / "runs").iterdir()
    row = json.loads(path.read_text())
    assert row["config"]["name"] == row["run"] == path.stem
    assert (row["epochs"], len(row["curves"])) == (1, 1)
    assert row["unit"] == "lite0-fpn:1.0.0"
    assert 1e6 < row["parameters"] < 2e6
    for form in ("float", "int8"):
        protocols = [score["protocol"] for score in row[form]["scores"]]
        assert protocols == ["official", "with_void"]
        assert row[form]["scores"][0]["photos"] == 6
        assert row[form]["time"] > 0
    assert row["int8"]["megabytes"] < 0.5 * row["float"]["megabytes"]
    summary = tmp_path / "results" / "tiny.json"
    assert json.loads(summary.read_text())["variants"][0]["runs"] == [row["run"]]

    written = (path.stat().st_mtime_ns, summary.read_bytes())
    assert compare("--only", "tiny/fast/*") == 0
    assert (path.stat().st_mtime_ns, summary.read_bytes()) == written
    capfd.readouterr()
    assert compare("--dry-run") == 0
    listed = capfd.readouterr().out
    assert f"done  {row['run']}" in listed
    assert "2 runs, 1 to train, about" in listed

    path.rename(tmp_path / "lost.json")
    assert compare() == 1
    assert f"{summary} sums up 1 runs that have no row" in capfd.readouterr().err
    assert summary.read_bytes() == written[1]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (("--only", "unet/*"), "--only unet/*"),
        (("--data-root", "nowhere"), "nowhere holds none of"),
    ],
)
def test_mistakes_show_before_anything_is_trained(
    compare: Compare, tmp_path: Path, more: tuple[str, ...], named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert compare(*more) == 1
    assert named in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
