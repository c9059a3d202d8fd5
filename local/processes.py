"""Child processes and servers in threads that end with their block, and free ports."""

import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseServer


class DemoError(RuntimeError):
    """The demo cannot go on; the message says why and what to do."""


class Children:
    """A group of child processes with log files; leaving the block ends them all.

    Args:
        logs: folder for what they print.
        cwd: folder to start them in, by default this process's.
    """

    def __init__(self, logs: Path, cwd: Path | None = None) -> None:
        self._logs, self._cwd = logs, cwd
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Children":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, command: Sequence[str], **env: str) -> int:
        """Start a child whose output goes to {name}.log; return the id of its process."""
        with (self._logs / f"{name}.log").open("wb") as output:
            self._running[name] = subprocess.Popen(  # noqa: S603
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self._cwd,
                env={**os.environ, **env},
                # Ctrl-C goes to the parent alone, which then ends its children in order.
                start_new_session=True,
            )
        return self._running[name].pid

    def check(self) -> None:
        """Raise DemoError, with the end of its log, if a child has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                tail = (self._logs / f"{name}.log").read_text(errors="replace")[-2000:]
                raise DemoError(f"{name} ended with status {process.returncode}:\n{tail}")

    def wait_for(self, url: str, seconds: float = 60) -> None:
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


def free_port() -> int:
    """Return a port that nobody listens on, on loopback, right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(ports: dict[str, int]) -> None:
    """Raise DemoError naming the variables of ports that are taken on loopback."""
    taken = []
    for variable, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                taken.append(f"port {port} is taken: free it, or choose another with {variable}=")
    if taken:
        raise DemoError("\n".join(taken))


@contextmanager
def in_background(server: BaseServer) -> Iterator[None]:
    """Have a server answer in a thread until the block ends, which closes it."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
