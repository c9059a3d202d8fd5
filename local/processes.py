"""Child processes that end with their block, and free ports."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


class DemoError(RuntimeError):
    """The demo cannot start or continue; the message says why and what to do."""


LEAVING_S = 8
"""Seconds in which the children of a killed demo have ended, see `GUARD`."""

GUARD = """
import os, signal, sys, time
children = [int(line) for line in sys.stdin]
for ending in signal.SIGTERM, signal.SIGKILL:
    for child in children:
        try:
            os.killpg(child, ending)
        except ProcessLookupError:
            pass
    time.sleep(5)
"""
"""Reads the ids of process groups, and ends them when its input ends: its parent has died."""


class Children:
    """A group of child processes with log files; leaving the block ends them all.

    They also end when this process is killed: a guard, a small process of its own, sees that.

    Args:
        logs: folder for what they print.
        cwd: folder to start them in, by default this process's.
    """

    def __init__(self, logs: Path, cwd: Path | None = None) -> None:
        self._logs, self._cwd = logs, cwd
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Children":
        self._logs.mkdir(parents=True, exist_ok=True)
        self._guard = subprocess.Popen(  # noqa: S603
            [sys.executable, "-S", "-E", "-c", GUARD],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        try:
            for process in self._running.values():
                _signal_group(process, signal.SIGTERM)
            for process in self._running.values():
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    _signal_group(process, signal.SIGKILL)
                    process.wait()
        finally:
            self._guard.kill()
            self._guard.communicate()

    def start(self, name: str, command: Sequence[str], **env: str) -> int:
        """Start a child whose output goes to {name}.log; return the id of its process.

        While another of that name runs, the child has a name of its own, such as api-2.
        """
        former = self._running.get(name)
        if former is not None and former.poll() is None:
            name = f"{name}-{len(self._running) + 1}"
        with (self._logs / f"{name}.log").open("wb") as output:
            child = subprocess.Popen(  # noqa: S603
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self._cwd,
                env={**os.environ, **env},
                # Ctrl-C goes to the parent alone, which then ends its children in order.
                start_new_session=True,
            )
        self._running[name] = child
        assert self._guard.stdin  # noqa: S101 - a pipe
        self._guard.stdin.write(b"%d\n" % child.pid)
        self._guard.stdin.flush()
        return child.pid

    def check(self) -> None:
        """Raise DemoError, with the end of its log, if a child has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                tail = (self._logs / f"{name}.log").read_text(errors="replace")[-2000:]
                raise DemoError(f"{name} ended with status {process.returncode}:\n{tail}")

    def wait(self, name: str) -> int:
        """Wait until a child has ended by itself; return its status, and forget it."""
        return self._running.pop(name).wait()

    def wait_for(self, url: str, seconds: float = 120) -> None:
        """Wait until `url` answers anything at all; raise DemoError if it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            try:
                urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - loopback
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise DemoError(f"{url} did not answer within {seconds:.0f} s; see {self._logs}")


def _signal_group(leader: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a child and the processes that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, number)


_reserved: list[socket.socket] = []


def free_port() -> int:
    """Return a port of loopback that nobody listens on.

    On Linux it stays reserved while this process lives: a socket is bound to it that never
    listens. The kernel gives the port to nobody else, and lets a server listen that asks for it by
    its number and with SO_REUSEADDR, as all servers here do. Elsewhere such a socket would be in
    the server's way.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port = int(holder.getsockname()[1])
    if sys.platform == "linux":
        _reserved.append(holder)
    else:
        holder.close()
    return port


def require_free(ports: dict[str, int], seconds: float = LEAVING_S) -> None:
    """Wait until ports of loopback are free, as the children of a killed demo end by themselves.

    Args:
        ports: by the environment variables that choose them.
        seconds: how long to wait.

    Raises:
        DemoError: some are still taken; the message names them, who listens, and the variables.
    """
    deadline = time.monotonic() + seconds
    while taken := {name: port for name, port in ports.items() if _is_taken(port)}:
        if time.monotonic() > deadline:
            raise DemoError(
                "\n".join(
                    f"port {port} is taken{_by(port)}: free it, or choose another with {name}="
                    for name, port in taken.items()
                )
            )
        time.sleep(0.2)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _by(port: int) -> str:
    """Return " by NAME (process ID)", of who listens there; "" where lsof cannot tell."""
    lsof = shutil.which("lsof")
    if lsof is None:
        return ""
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    facts = {line[:1]: line[1:] for line in listed.splitlines()}
    return f" by {facts['c']} (process {facts['p']})" if "c" in facts else ""
