"""`python -m local demo` as a user runs it, twice: everything answers, Ctrl-C ends everything."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from local.demo import Ports, start_site
from local.processes import Children, free_port
from tests.conftest import PROJECT

pytestmark = pytest.mark.azurite


class Demo:
    def __init__(self, state: Path, scenes: Path) -> None:
        names = ("PORT_BLOB", "PORT_QUEUE", "PORT_API", "PORT_EXPLORER", "PORT_SITE")
        self.ports = {name: free_port() for name in names}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local", "demo", "--state", state, "--data", scenes],
            cwd=PROJECT, env={**os.environ, **{k: str(v) for k, v in self.ports.items()}},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def until_ready(self) -> str:
        assert self._process.stdout
        seen = ""
        while "Ctrl-C ends it all" not in seen:
            line = self._process.stdout.readline()
            assert line, f"the demo ended:\n{seen}"
            seen += line
        return seen

    def interrupt(self) -> int:
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=30)
        return self._process.returncode


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_demo_starts_answers_ends_and_starts_again(
    synthetic_scenes: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    state = tmp_path_factory.mktemp("demo state")
    for kept in "azurite", "site":
        (state / kept).symlink_to(PROJECT / ".local" / kept)
    seconds = []
    for _ in range(2):
        start = time.monotonic()
        demo = Demo(state, synthetic_scenes)
        try:
            seen = demo.until_ready()
            seconds.append(time.monotonic() - start)
            (first,) = [line for line in seen.splitlines() if " ms by " in line]
            assert first.startswith("Sending a first prediction")
            assert "infer;dur=" in first, "the first prediction prints its timing"
            for name, path in {
                "PORT_API": "/api/health/ready",
                "PORT_EXPLORER": "/_stcore/health",
                "PORT_SITE": "/config.js",
            }.items():
                url = f"http://127.0.0.1:{demo.ports[name]}{path}"
                assert url.split("/", 3)[2] in seen, "the address is printed"
                with urllib.request.urlopen(url, timeout=10) as answer:
                    assert answer.status == 200
                    if name == "PORT_SITE":
                        assert str(demo.ports["PORT_API"]) in answer.read().decode()
        finally:
            assert demo.interrupt() == 0
        assert not any(listening(port) for port in demo.ports.values())
    assert seconds[1] < 20, "well under ten seconds on an idle machine"


def test_demo_names_a_taken_port_and_a_wrong_folder(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = {
            name: str(free_port()) for name in ("PORT_BLOB", "PORT_QUEUE", "PORT_API", "PORT_SITE")
        }
        ended = subprocess.run(
            [sys.executable, "-m", "local", "demo", "--state", tmp_path],
            cwd=PROJECT, env={**os.environ, **ports, "PORT_EXPLORER": str(port)},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert ended.returncode == 1
    assert f"port {port} is taken" in ended.stderr
    assert "PORT_EXPLORER=" in ended.stderr


def test_a_site_that_cannot_be_built_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site").write_text("no folder")
    with Children(tmp_path / "logs") as children:
        said = start_site(children, tmp_path, Ports())
    assert said.startswith("left out: ")
    assert len(said.splitlines()) == 1
    assert capsys.readouterr().out.endswith("\n")
