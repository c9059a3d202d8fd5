"""The commands as a user types them: help and mistakes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

COMMANDS = (
    "synthesize", "show-augmentation", "train", "export", "quantize", "package", "evaluate",
    "publish", "activate", "rollback", "list", "score", "compare",
)  # fmt: skip


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
        (("quantize", package, "--data-root", tmp_path), str(tmp_path)),
        (("package", package, "--results", tmp_path), "evaluate"),
        (("publish", package), "--account-url"),
    ):
        ended = run(*arguments)
        assert ended.returncode == 1
        assert named in ended.stderr
        assert "Traceback" not in ended.stderr
