"""Children end with their parent, however it ends; ports are reserved, taken ones are named."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from local.processes import Children, DemoError, free_port, require_free
from tests.conftest import PROJECT
from tests.helpers.waiting import wait_until


def test_children_end_with_the_block(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
        started = [children.start(name, sleep) for name in ("api", "api", "worker")]
        assert all(group(leader) for leader in started)
    assert not any(group(leader) for leader in started)
    assert {path.name for path in tmp_path.iterdir()} == {"api.log", "api-2.log", "worker.log"}


PARENT = """
import pathlib, sys, time
from local.processes import Children
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
child = f"import subprocess; subprocess.run({sleep})"
with Children(pathlib.Path(sys.argv[1])) as children:
    print(children.start("child", [sys.executable, "-c", child]), flush=True)
    time.sleep(600)
"""


def group(leader: int) -> list[int]:
    """Processes of a group that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, process_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(process_group) == leader and state != "Z":
                found.append(int(stat.parent.name))
    return found


def test_children_and_theirs_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    try:
        assert parent.stdout
        child = int(parent.stdout.readline())
        wait_until(lambda: len(group(child)) == 2)
    finally:
        parent.kill()
        parent.communicate()
    wait_until(lambda: group(child) == [])


@pytest.mark.skipif(sys.platform != "linux", reason="ports can be reserved on Linux only")
def test_a_free_port_is_for_who_was_given_it() -> None:
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    with socket.socket() as server, socket.socket() as client:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        client.connect(("127.0.0.1", port))


def test_a_child_that_ends_is_reported_with_its_log(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        children.start("broken", [sys.executable, "-c", "raise SystemExit('no such option')"])
        with pytest.raises(DemoError, match="broken ended with status 1:\nno such option"):
            children.wait_for("http://127.0.0.1:9/")


def test_taken_ports_are_named_with_who_listens_and_their_variable() -> None:
    who = rf" by \w+ \(process {os.getpid()}\)" if shutil.which("lsof") else ""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {port} is taken{who}: .*PORT_API="):
            require_free({"PORT_API": port}, 0)


def test_a_port_that_becomes_free_is_waited_for() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    threading.Timer(0.5, taken.close).start()
    require_free({"PORT_API": taken.getsockname()[1]}, 60)
