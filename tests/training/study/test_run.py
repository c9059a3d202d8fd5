"""The loop over the runs of a study; but for one run, `work` stands in for training."""

import dataclasses
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from function_app.vision.model_package import MANIFEST_FILE, Manifest, ModelRef
from tests.helpers.commands import Ended, run_command
from tests.helpers.packages import SIZE, onnx_model, write_package
from tests.training.study.work import started, store_row, work
from tests.training.tiny import tiny_config
from training.__main__ import main
from training.config import DataConfig, TrainingConfig
from training.data import DataError, Scene
from training.runs import AVERAGE, CHECKPOINTS, CONFIG, CURVES, STATE
from training.study.plan import Run, run_name
from training.study.run import Setup, read_rows, run_all, train_and_measure

pytestmark = pytest.mark.training

FLAT, SKY = 1, 5
"""Ids of categories."""


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.study.run.train_and_measure", work)


@pytest.fixture
def setup(tmp_path: Path, stand_in: None) -> Setup:
    sets = (DataConfig("cityscapes", "city", "val"),)
    return Setup(tmp_path, tmp_path / "runs", tmp_path / "rows", sets, tmp_path / "unit")


def runs(*seeds: int) -> list[Run]:
    configs = [dataclasses.replace(tiny_config(), seed=seed) for seed in seeds]
    return [Run("study", "tiny", "", dataclasses.replace(c, name=run_name(c))) for c in configs]


def test_a_bad_run_does_not_end_the_others(setup: Setup) -> None:
    finished: list[int] = []
    failed = run_all(runs(1, 2, 3, 5), setup, lambda: finished.append(1))
    assert failed == ["study/tiny/2", "study/tiny/3"]
    assert started(setup.runs) == [1, 2, 3, 5]
    assert len(finished) == len(list(setup.rows.iterdir())) == 2
    assert run_all(runs(1, 5), setup, finished.clear) == []
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
            run_all([run], setup, lambda: None)
        assert path.read_bytes() == content
    assert started(setup.runs) == []


def test_sigterm_stops_the_run_under_way_and_keeps_what_is_done(setup: Setup) -> None:
    def stop() -> None:
        while started(setup.runs)[-1:] != [4]:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    threading.Thread(target=stop).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run_all(runs(1, 4, 5), setup, lambda: None)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert started(setup.runs) == [1, 4]
    assert list(read_rows(setup, [run.name for run in runs(1, 4, 5)])) == [runs(1)[0].name]


Compare = Callable[..., Ended]


@pytest.fixture
def compare(tmp_path: Path, synthetic_scenes: Path, stand_in: None) -> Compare:
    """`python -m training compare` of a study of one good and one bad run, in this process."""
    base = tiny_config().to_dict() | {"seed": 1}
    values = {"question": "Which?", "base": "base.yaml", "variants": {"tiny": {}}, "seeds": [1, 2]}
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base))
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(values))
    return partial(
        run_command, main, "compare", tmp_path / "study.yaml", "--data-root", synthetic_scenes,
        "--set", "cityscapes:.:val", "--runs", tmp_path / "runs",
        "--results", tmp_path / "results",
    )  # fmt: skip


def test_from_the_command_line_to_the_summary(
    compare: Compare, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, said, error = compare()
    assert (status, error) == (
        1, "1 of 2 runs failed, the same command tries again:\n  study/tiny/2\n",
    )  # fmt: skip
    assert "ValueError: seed 2 is unlucky" in capfd.readouterr().err
    assert "Which? 1 of 2 runs" in said
    (path,) = (tmp_path / "results" / "runs").iterdir()
    summary = tmp_path / "results" / "study.json"
    assert json.loads(summary.read_text())["variants"][0]["runs"] == [path.stem]

    written = (path.stat().st_mtime_ns, summary.read_bytes())
    assert compare("--only", "study/tiny/1").status == 0
    assert (path.stat().st_mtime_ns, summary.read_bytes()) == written
    assert started(tmp_path / "runs") == [1, 2]
    listed = compare("--dry-run").stdout
    assert f"done  {path.stem}" in listed
    assert "2 runs, 1 to train, about 0.0 h" in listed

    path.rename(tmp_path / "lost.json")
    status, _, error = compare()
    assert status == 1
    assert f"{summary} sums up 1 runs that have no row" in error
    assert summary.read_bytes() == written[1]
    assert started(tmp_path / "runs") == [1, 2]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (("--only", "unet/*"), "--only unet/*"),
        (("--data-root", "nowhere"), "nowhere holds none of"),
    ],
)
def test_mistakes_show_before_anything_is_trained(
    compare: Compare, tmp_path: Path, more: tuple[str, ...], named: str
) -> None:
    status, _, error = compare(*more)
    assert status == 1
    assert named in error
    assert not (tmp_path / "runs").exists()


def test_the_row_of_a_run(
    synthetic_scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training, export and quantisation, tested elsewhere, are models of one category here."""

    def train(config: TrainingConfig, root: Path, run: Path) -> None:
        last = run / CHECKPOINTS / "epoch-0003"
        last.mkdir(parents=True)
        (last / STATE).write_text(json.dumps({"epoch": 3, "seconds": 90.0}))
        (run / CONFIG).write_text(yaml.safe_dump(config.to_dict()))
        (run / CURVES).write_text("loss,step\n0.5,4\n")

    def export(
        config: TrainingConfig, weights: Path, ref: ModelRef, scenes: list[Scene], out: Path
    ) -> Path:
        assert weights == tmp_path / "runs" / config.name / CHECKPOINTS / "epoch-0003" / AVERAGE
        assert len(scenes) == 2
        package = write_package(out, str(ref), category=FLAT)
        manifest = Manifest.from_json((package / MANIFEST_FILE).read_bytes())
        lineage = {"parameters": 7}
        (package / MANIFEST_FILE).write_bytes(
            dataclasses.replace(manifest, lineage=lineage).to_json()
        )
        return package

    def quantize_graph(model: bytes, ref: ModelRef, canvases: Iterable[NDArray[np.uint8]]) -> bytes:
        assert [canvas.shape for canvas in canvases] == [(*SIZE, 3)] * 6
        return onnx_model(category=SKY)

    monkeypatch.setattr("training.study.run.PARITY_PHOTOS", 2)
    monkeypatch.setattr("training.trainer.train", train)
    monkeypatch.setattr("training.export.export", export)
    monkeypatch.setattr("training.quantize.quantize_graph", quantize_graph)
    sets = (DataConfig("cityscapes", ".", "val"),)
    unit = write_package(tmp_path, "unit:1.0.0")
    setup = Setup(synthetic_scenes, tmp_path / "runs", tmp_path / "rows", sets, unit)
    (run,) = runs(1)
    train_and_measure(run.config, setup)
    row = read_rows(setup, [run.name])[run.name]
    assert row["run"] == row["config"]["name"] == run.name
    assert (row["epochs"], row["minutes"]) == (3, 1.5)
    assert row["curves"] == [{"loss": 0.5, "step": 4.0}]
    assert (row["parameters"], row["gmacs"], row["unit"]) == (7, 0, "unit:1.0.0")
    assert row["minutes_measuring"] >= 0
    for form, category in (("float", "flat"), ("int8", "sky")):
        official, with_void = row[form]["scores"]
        assert (official["protocol"], official["photos"]) == ("official", 6)
        assert with_void["protocol"] == "with_void"
        assert {name for name, iou in official["iou"].items() if iou} == {category}
        assert "confusion_matrix" not in official
        assert row[form]["time"] > 0
        assert row[form]["megabytes"] >= 0
