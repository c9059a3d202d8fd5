"""`python -m local demo` as a user runs it: everything answers, and nothing is left running."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.demo import Ports, start_site
from local.processes import Children, free_port
from tests.conftest import PROJECT
from tests.helpers.waiting import wait_until


class Demo:
    """A demo whose output goes to a file, on ports of its own."""

    def __init__(self, children: Children, logs: Path, command: list[str]) -> None:
        self.ports = {name: free_port() for name in Ports().variables()}
        self._log, self._children = logs / "demo.log", children
        self.pid = children.start("demo", command, **{k: str(v) for k, v in self.ports.items()})

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def wait_for(self, words: str) -> list[str]:
        """Return the lines that it has printed once `words` are among them."""

        def printed() -> bool:
            self._children.check()
            return words in self._log.read_text()

        wait_until(printed, 300)
        return self._log.read_text().splitlines()

    def end(self, number: signal.Signals) -> int:
        """Send a signal, and return the status that the demo ends with."""
        os.kill(self.pid, number)
        return self._children.wait("demo")

    def listening(self) -> list[str]:
        """The ports that something still listens on."""
        found = []
        for name, port in self.ports.items():
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    found.append(name)
        return found


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    with Children(tmp_path, cwd=PROJECT) as group:
        yield group


@pytest.fixture
def command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    synthetic_scenes: Path,
    installed_azurite: Path,
    built_site: Path,
) -> list[str]:
    """The demo, with what it would fetch in its place; the data is below the home folder."""
    del built_site
    state = tmp_path / "demo state"
    state.mkdir()
    for kept in installed_azurite, installed_azurite.parent / "site":
        (state / kept.name).symlink_to(kept)
    monkeypatch.setenv("HOME", str(synthetic_scenes.parent))
    data = f"~/{synthetic_scenes.name}"
    return [sys.executable, "-m", "local", "demo", "--state", str(state), "--data", data]


def test_it_starts_answers_and_ends_by_ctrl_c(
    children: Children, command: list[str], tmp_path: Path
) -> None:
    demo = Demo(children, tmp_path, command)
    lines = demo.wait_for("Ctrl-C ends it all")
    explorer = f"  Explorer   {demo.address('PORT_EXPLORER')}"
    assert lines.index(explorer) < lines.index("Building the static site ..."), "as soon as it is"
    assert lines.count(explorer) == 2
    (first,) = [line for line in lines if " ms by " in line]
    assert first.startswith("Sending a first prediction")
    assert "in the service: " in first
    for name, path in {
        "PORT_API": "/api/health/ready",
        "PORT_EXPLORER": "/_stcore/health",
        "PORT_SITE": "/config.js",
    }.items():
        assert any(demo.address(name) in line for line in lines)
        with urllib.request.urlopen(demo.address(name) + path, timeout=60) as answer:
            said = answer.read().decode()
    assert demo.address("PORT_API") in said
    with urllib.request.urlopen(f"{demo.address('PORT_API')}/api/batches?limit=5") as answer:
        assert b'"batches": []' in answer.read().replace(b'":[', b'": [')
    assert demo.end(signal.SIGINT) == 0
    assert demo.listening() == []


def test_after_a_killed_demo_the_next_one_starts(
    children: Children, command: list[str], tmp_path: Path
) -> None:
    killed = Demo(children, tmp_path, command)
    killed.wait_for("  Explorer ")
    killed.end(signal.SIGKILL)
    wait_until(lambda: not killed.listening())
    again = Demo(children, tmp_path, command)
    again.wait_for("  Explorer ")
    assert again.end(signal.SIGTERM) == 0
    assert again.listening() == []


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {name: str(free_port()) for name in Ports().variables()}
        ended = subprocess.run(
            [sys.executable, "-m", "local", "demo", "--state", tmp_path],
            cwd=PROJECT, env={**os.environ, **ports, "PORT_EXPLORER": str(port)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ended.returncode == 1
    assert f"port {port} is taken" in ended.stderr
    assert "PORT_EXPLORER=" in ended.stderr


def test_a_site_that_cannot_be_built_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("no folder")
    with Children(tmp_path / "logs") as children:
        said = start_site(children, tmp_path, Ports())
    assert said.startswith("left out: ")
    assert len(said.splitlines()) == 1
