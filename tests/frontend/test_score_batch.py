"""`python score_batch.py` against a canned API; test_real_batches.py runs it on the service."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import score_batch
from canned_answers import OTHER, batch
from canned_api import CannedApi, problem

Run = Callable[..., int | str | None]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The command in this process, below an empty folder; returns what it exits with."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> int | str | None:
        monkeypatch.setattr(sys, "argv", ["score_batch.py", *map(str, arguments)])
        try:
            return score_batch.main()
        except SystemExit as ended:
            return ended.code

    return command


def have_slept(patch: pytest.MonkeyPatch, sleep: Callable[[float], None]) -> None:
    """Put this in place of the script's pauses; servers in this process keep theirs."""
    for module in ("score_batch", "future_vision_batches"):
        patch.setattr(f"{module}.time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))


@pytest.fixture
def states(api: CannedApi, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets batch started-0 go through states, one at each pause."""

    def follow(*rows: dict[str, object]) -> None:
        left = iter(rows)

        def sleep(seconds: float) -> None:
            api.batches["started-0"] = next(left)

        have_slept(monkeypatch, sleep)

    return follow


def test_scores_are_printed_and_stored(
    run: Run, api: CannedApi, states: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    times = {"since": "2026-01-02T03:04:05+00:00", "until": "2026-01-02T03:14:05+00:00"}
    waiting = {**batch("started-0", {}, "running"), "waiting": times}
    states(waiting, {**batch("started-0", {}, "done", scored=8), "waiting": times})
    assert run("--folder", "val", "--model", OTHER, "--outputs", "evaluation") == 0
    assert json.loads(api.bodies[0]) == {"folder": "val", "model": OTHER, "outputs": ["evaluation"]}
    said, progress = capsys.readouterr()
    scores = batch("started-0", {}, "done", scored=8)["evaluation"]
    official = scores["official"]
    assert f"official  {official['mean_iou']:.4f}   flat {official['iou']['flat']:.3f}" in said
    assert f"with_void {scores['with_void']['mean_iou']:.4f}   void" in said
    assert "scored: 8 photos with true masks" in said
    assert [line.split(",")[0] for line in progress.splitlines()] == [
        "0/0 photos", "4/8 photos", "8/8 photos",
    ]  # fmt: skip
    assert "waiting for an instance that died, until 03:14 UTC" in progress
    stored = json.loads(Path("results/batches/started-0.json").read_text())
    assert stored["created"] == stored["waiting_since"] == "2026-01-02T03:04:05+00:00"
    assert (stored["state"], stored["done"], stored["evaluation"]) == ("done", 8, scores)
    assert [path.name for path in Path("results/batches").iterdir()] == ["started-0.json"]


def test_ids_of_a_file(run: Run, api: CannedApi, states: Callable[..., None]) -> None:
    states(batch("started-0", {}, "done"))
    Path("ids.txt").write_text("a_0\n\n b_1 \n")
    assert run("--ids", "ids.txt", "--out", "made/scores.json") == 0
    assert json.loads(api.bodies[0]) == {"ids": ["a_0", "b_1"]}
    assert json.loads(Path("made/scores.json").read_text())["evaluation"] is None


def test_the_first_failures_are_named_and_the_others_counted(
    run: Run, api: CannedApi, capsys: pytest.CaptureFixture[str]
) -> None:
    left_out = {"files": 9, "examples": ["val/a.jfif"]}
    api.batches["b"] = {**batch("b", {}, "done", failed=7), "left_out": left_out}
    api.failures = [(f"p_{number}", "It is no photo.") for number in range(7)]
    assert run("--batch", "b") == 0
    said = capsys.readouterr().out
    assert "1 of 8 photos are done, 7 failed" in said
    assert [line for line in said.splitlines() if line.startswith("failed: ")] == [
        f"failed: p_{number}: It is no photo." for number in range(5)
    ]
    assert "left out: 9 files without the suffix of a photo, like val/a.jfif\n" in said
    assert f"and 2 more: {api.url}/api/batches/b/failures" in said


def test_a_batch_that_was_cancelled_stores_nothing(run: Run, api: CannedApi) -> None:
    api.batches["b"] = batch("b", {}, "running")
    assert run("--batch", "b", "--cancel") == 0
    assert api.asked[-1] == "DELETE /api/batches/b"
    assert str(run("--batch", "b")).startswith("batch b is cancelled; 4 of 8 photos")
    assert not Path("results").exists()


def test_ctrl_c_says_how_to_go_on(
    run: Run, api: CannedApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    have_slept(monkeypatch, interrupt)
    assert run() == 130
    again = f"python score_batch.py --api {api.url} --batch started-0"
    said = capsys.readouterr().err
    assert f"Follow it:  {again}\n" in said
    assert said.endswith(f"{again} --cancel\n")


def test_a_service_may_be_away_for_a_while(
    run: Run, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.raw["/api/batches/b"] = problem(502, "The gateway has no service.")
    api.batches["b"] = batch("b", {}, "done")

    def sleep(seconds: float) -> None:
        if len(api.asked) == 2:
            del api.raw["/api/batches/b"]

    have_slept(monkeypatch, sleep)
    assert run("--batch", "b") == 0
    api.raw["/api/batches/b"] = problem(502, "The gateway has no service.")
    monkeypatch.setattr("score_batch.PATIENCE", -1)
    assert run("--batch", "b") == "error: The gateway has no service."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--ids", "empty.txt"), "--ids empty.txt: expected ids"),
        (("--ids", "none.txt"), "none.txt"),
        (("--batch", "x", "--folder", "val"), "leave out --folder"),
        (("--cancel",), "--batch ID"),
        (("--api", "func-1.azurewebsites.net"), "must start with http"),
        (("--batch", "nowhere"), "There is no batch nowhere."),
    ],
)
def test_a_mistake_is_named_in_one_line(
    run: Run, api: CannedApi, arguments: tuple[str, ...], said: str
) -> None:
    Path("empty.txt").touch()
    message = str(run(*arguments))
    assert message.startswith("error: ")
    assert said in message
    assert "\n" not in message
    assert not api.batches
