"""Worker processes for `bench.batches`, some of which are killed."""

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.proc import cpu_seconds
from local.processes import Children
from local.service import start_worker

READY = "predict_upload"
"""The last trigger that a worker says it listens to."""


class Workers:
    """`python -m local worker` processes that share a queue; killed ones are replaced.

    Args:
        children: who they belong to.
        logs: folder of what they print.
        connection: connection string of the storage.
        lease: seconds after which the message of one that was killed comes again.
        settings: more of their environment.
    """

    def __init__(
        self, children: Children, logs: Path, connection: str, lease: int, settings: dict[str, str]
    ) -> None:
        self._children, self._logs = children, logs
        self._connection, self._lease, self._settings = connection, lease, settings
        self._names: list[str] = []
        self._pids: list[int] = []

    def add(self) -> None:
        """Start one more."""
        name = f"worker-{len(self._names)}"
        options = ("--lease", str(self._lease))
        pid = start_worker(self._children, self._connection, name, *options, **self._settings)
        self._names.append(name)
        self._pids.append(pid)

    def wait_ready(self) -> None:
        """Wait until all of them listen; raise DemoError if one has ended."""
        while not all(READY in self._log(name) for name in self._names):
            self._children.check()
            time.sleep(0.1)

    def kill_oldest(self) -> None:
        """Kill the one that has worked longest, and start another."""
        os.kill(self._pids.pop(0), signal.SIGKILL)
        self.add()

    def cpu_seconds(self) -> float:
        """CPU time that those who live have used."""
        return sum(map(cpu_seconds, self._pids))

    def deliveries(self, batch: str) -> Iterator[dict[str, Any]]:
        """Give the log lines of a batch's messages, each of a delivery that ended."""
        for name in self._names:
            for text in self._log(name).splitlines():
                _, begin, rest = text.partition(" INFO {")
                if begin:
                    line = json.loads("{" + rest)
                    if line.get("batch") == batch:
                        yield line

    def _log(self, name: str) -> str:
        return (self._logs / f"{name}.log").read_text(errors="replace")


@contextmanager
def running_workers(
    workers: int, connection: str, lease: int, **settings: str
) -> Iterator[Workers]:
    """Have so many workers listen until the block ends."""
    with tempfile.TemporaryDirectory() as logs, Children(Path(logs)) as children:
        running = Workers(children, Path(logs), connection, lease, settings)
        for _ in range(workers):
            running.add()
        running.wait_ready()
        yield running
