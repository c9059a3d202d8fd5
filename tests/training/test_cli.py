"""The commands as a user types them: help, mistakes, and what they do without."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from training.__main__ import main

COMMANDS = (
    "show-augmentation", "train", "compare", "export", "quantize", "evaluate", "package",
    "publish", "activate", "rollback", "list",
)  # fmt: skip

Run = Callable[..., int | str | None]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process; returns what it exits with."""
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)

    def command(*arguments: object) -> int | str | None:
        monkeypatch.setattr(sys, "argv", ["training", *map(str, arguments)])
        try:
            return main()
        except SystemExit as ended:
            return ended.code

    return command


def test_every_command_has_help_with_an_example(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--help") == 0
    assert f"{{{','.join(COMMANDS)}}}" in "".join(capsys.readouterr().out.split())
    for command in COMMANDS:
        assert run(command, "--help") == 0
        assert f"example: python -m training {command}" in " ".join(capsys.readouterr().out.split())


def test_mistakes_are_one_line_and_name_the_input(
    run: Run, tmp_path: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, named in (
        (("train", tmp_path / "none.yaml", "--data-root", tmp_path), "none.yaml"),
        (("evaluate", tmp_path, "--data-root", tmp_path), "manifest.json"),
        (("evaluate", package, "--data-root", tmp_path), str(tmp_path)),
        (("quantize", package, "--data-root", tmp_path), str(tmp_path)),
        (("package", package, "--results", tmp_path), "evaluate"),
        (("publish", package), "--account-url"),
    ):
        assert run(*arguments) == 1, arguments
        error = capsys.readouterr().err
        assert named in error
        assert error.count("\n") == 1


def test_scoring_and_drawing_need_no_training_extras(tmp_path: Path) -> None:
    for name in ("yaml", "tqdm", "onnx", "tensorflow"):
        (tmp_path / f"{name}.py").write_text("raise ImportError(__name__)")

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=PROJECT, env={"PYTHONPATH": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert python("-m", "synthetic", "--help").returncode == 0
    assert python("frontend/score_batch.py", "--help").returncode == 0
    # What the command was called once.
    ended = python("-m", "training", "score", "http://127.0.0.1:9", "--folder", "val")
    assert ended.returncode == 1
    note, error = ended.stderr.splitlines()
    assert note.endswith("frontend/score_batch.py")
    assert error == "error: The API at http://127.0.0.1:9 cannot be reached."
