"""The commands as a user types them: help, mistakes, and what publishing does without."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.helpers.commands import run_command
from tests.helpers.packages import write_package
from training.__main__ import main

COMMANDS = (
    "show-augmentation", "train", "compare", "export", "quantize", "evaluate", "package",
    "publish", "activate", "rollback", "list",
)  # fmt: skip


def test_every_command_has_help_with_an_example() -> None:
    status, out, _ = run_command(main, "--help")
    assert status == 0
    assert f"{{{','.join(COMMANDS)}}}" in "".join(out.split())
    for command in COMMANDS:
        status, out, _ = run_command(main, command, "--help")
        assert status == 0
        assert f"example: python -m training {command}" in " ".join(out.split())


def test_mistakes_are_one_line_and_name_the_input(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
    for arguments, named in (
        (("train", tmp_path / "none.yaml", "--data-root", tmp_path), "none.yaml"),
        (("evaluate", tmp_path, "--data-root", tmp_path), "manifest.json"),
        (("evaluate", package, "--data-root", tmp_path), str(tmp_path)),
        (("quantize", package, "--data-root", tmp_path), str(tmp_path)),
        (("package", package, "--results", tmp_path), "evaluate"),
        (("publish", package), "--account-url"),
    ):
        status, _, error = run_command(main, *arguments)
        assert status == 1, arguments
        assert named in error
        assert error.count("\n") == 1


def test_publishing_needs_the_packages_of_the_service_alone(tmp_path: Path) -> None:
    """As the workflow that publishes models installs them."""
    for name in ("yaml", "tqdm", "onnx", "tensorflow", "keras", "pydantic", "matplotlib"):
        (tmp_path / f"{name}.py").write_text("raise ImportError(__name__)")
    package, models = write_package(tmp_path / "made", "a:1.0.0"), tmp_path / "models"
    for arguments, said in (
        (("training", "publish", package), "published a:1.0.0"),
        (("training", "activate", "a:1.0.0"), "is active"),
        (("training", "list"), "a:1.0.0  active"),
    ):
        ended = subprocess.run(
            [sys.executable, "-m", *arguments, "--folder", models], cwd=PROJECT,
            env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said in ended.stdout, ended.stderr
