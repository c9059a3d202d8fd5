"""`python -m training evaluate` as a user types it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from function_app.vision.model_package import ModelRef
from tests.helpers.commands import Ended, run_command
from training.__main__ import main
from training.data import READERS, Scene
from training.evaluator import evaluate, load_package
from training.registry import FolderRegistry, activate

BOTH = ("--set", "cityscapes:near:val", "--set", "cityscapes:far:val")


Run = Callable[..., Ended]


@pytest.fixture
def run(reading_package: Path, data_root: Path, tmp_path: Path) -> Run:
    """Evaluate `package` on `data_root` with more arguments; results go to tmp_path/out."""

    def evaluate_with(*more: object, package: Path = reading_package) -> Ended:
        options = ("--data-root", data_root, "--results", tmp_path / "out", "--threads", 1)
        return run_command(main, "evaluate", package, *options, *more)

    return evaluate_with


def stored(tmp_path: Path) -> Any:
    (file,) = (tmp_path / "out").iterdir()
    return json.loads(file.read_text())


def test_scores_are_stored_recorded_and_drawn(
    run: Run, reading_package: Path, tmp_path: Path
) -> None:
    package = shutil.copytree(reading_package, tmp_path / "package")
    plots = tmp_path / "plots"
    ended = run(*BOTH, "--robustness", 1, "--plots", plots, "--record", package=package)
    assert ended.status == 0, ended.stderr
    assert "2/2" in ended.stderr, "progress"
    results = stored(tmp_path)
    assert [(r["data"], r["protocol"], r["photos"]) for r in results["scores"]] == [
        ("near", "official", 2), ("near", "with_void", 2),
        ("far", "official", 2), ("far", "with_void", 2),
    ]  # fmt: skip
    assert [r["id"] for r in results["worst"]][:2] == [
        "town/a_000000_000000",
        "town/a_000001_000000",
    ]
    assert len(results["robustness"]) == 2 * 13
    assert {row["photos"] for row in results["robustness"]} == {1}
    assert results["robustness"][0]["mean_iou"] == results["scores"][0]["mean_iou"]
    assert [r["data"] for r in results["runs"]] == ["near", "far"]
    metrics = load_package(package).manifest.metrics
    assert [m["mean_iou"] for m in metrics] == [r["mean_iou"] for r in results["scores"]]
    assert metrics[0]["robustness"]["clean"] == metrics[0]["mean_iou"]
    assert results["sha256"] == load_package(package).manifest.sha256
    assert len(list((plots / "reading-0.0.1").glob("*.png"))) == 6


def test_the_default_sets_and_what_is_missing_of_them(run: Run, data_root: Path) -> None:
    (data_root / "near").rename(data_root / "cityscapes_sharp")
    ended = run()
    assert ended.status == 0, ended.stderr
    for name in ("camvid", "kitti"):
        assert f"{data_root / name} does not exist: left out" in ended.stdout
    assert "cityscapes_sharp" in ended.stdout


def test_scores_are_not_written_to_the_active_package(
    run: Run, reading_package: Path, tmp_path: Path
) -> None:
    """Versions are immutable: what is served may not change under its name."""
    package = shutil.copytree(reading_package, tmp_path / "models" / "reading" / "0.0.1")
    before = (package / "manifest.json").read_bytes()
    activate(ModelRef("reading", "0.0.1"), FolderRegistry(tmp_path / "models"))
    ended = run(*BOTH, "--record", package=package)
    assert ended.status == 1
    assert "reading:0.0.1 is active" in ended.stderr
    assert (package / "manifest.json").read_bytes() == before
    assert run(*BOTH, package=package).status == 0


def test_an_interruption_loses_no_finished_set(
    run: Run, reading_package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Scene.load

    def interrupted(scene: Scene) -> Any:
        if "far" in scene.photo.parts:
            raise KeyboardInterrupt
        return load(scene)

    package = shutil.copytree(reading_package, tmp_path / "package")
    with monkeypatch.context() as patch:
        patch.setattr(Scene, "load", interrupted)
        assert run(*BOTH, "--record", package=package).status == 130
    before = stored(tmp_path)
    assert {row["data"] for row in before["scores"]} == {"near"}
    assert load_package(package).manifest.metrics == ()
    assert run(*BOTH, "--only", "far", "--record", package=package).status == 0
    after = stored(tmp_path)
    assert after["scores"][:2] == before["scores"]
    assert after["runs"][0] == before["runs"][0]
    recorded = load_package(package).manifest.metrics
    assert [m["data"] for m in recorded] == ["near", "near", "far", "far"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "holds none of cityscapes_sharp, cityscapes_exact, kitti, camvid"),
        (
            ("--only", "munich"),
            "--only munich: choose from cityscapes_sharp, cityscapes_exact, kitti, camvid",
        ),
        ((*BOTH, "--only", "kitti"), "--only kitti: choose from near, far"),
        (("--set", "near"), "--set near: expected reader:path:split"),
        (("--set", "cityscapes:near"), "--set cityscapes:near: expected reader:path:split"),
        (("--set", "coco:near:val"), "no reader 'coco': choose from cityscapes, camvid, kitti"),
        (("--set", "cityscapes:../near:val"), "below --data-root"),
        (("--set", "cityscapes:/near:val"), "below --data-root"),
        (
            ("--set", "cityscapes:near:test"),
            "is missing: is the path, the split or the reader wrong?",
        ),
        ((*BOTH, "--robustness", 0), "--robustness 0"),
        ((*BOTH, "--threads", 0), "--threads 0"),
    ],
)
def test_mistakes_are_one_line_that_names_the_input(
    run: Run, tmp_path: Path, arguments: tuple[object, ...], named: str
) -> None:
    ended = run(*arguments)
    assert ended.status == 1
    assert ended.stderr.startswith("error: ")
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_mistake_in_the_last_set_shows_before_the_first_is_scored(
    run: Run, data_root: Path, tmp_path: Path
) -> None:
    shutil.rmtree(data_root / "far" / "gtFine")
    ended = run(*BOTH)
    assert ended.status == 1
    assert str(data_root / "far" / "gtFine") in ended.stderr
    assert not (tmp_path / "out").exists()


def test_the_bundled_model_holds_its_marks_on_real_photos(shared_data: Path, package: Path) -> None:
    """Quick, and far enough above the marks to tell a broken model."""
    segmenter = load_package(package)
    for reader, folder, every in (("cityscapes", "cityscapes_exact", 8), ("kitti", "kitti", 1)):
        scenes = READERS[reader](shared_data / folder, "val")[::every]
        official, _ = evaluate(segmenter, scenes, folder, "val")
        assert official["mean_iou"] > 0.68, official["iou"]
