"""Children end with their parent; taken ports are named."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local.processes import Children, DemoError, require_free


def test_children_end_with_the_block(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        children.start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"])
        (process,) = children._running.values()
        assert process.poll() is None
    assert process.poll() is not None


def test_a_child_that_ends_is_reported_with_its_log(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        children.start("broken", [sys.executable, "-c", "raise SystemExit('no such option')"])
        with pytest.raises(DemoError, match="broken ended with status 1:\nno such option"):
            children.wait_for("http://127.0.0.1:9/")


def test_taken_ports_are_named_with_their_variable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {port} is taken.*PORT_API="):
            require_free({"PORT_API": port})


def test_a_port_that_is_none_is_named() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "local", "demo"],
        env={**os.environ, "PORT_API": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "PORT_API='1' must be a port" in ended.stderr
