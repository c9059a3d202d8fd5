"""Worker processes for `bench.batches`, some of which are killed."""

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.proc import cpu_seconds
from local.processes import Children
from local.service import start_worker

READY = "predict_upload"
"""The last trigger that a worker says it listens to."""


@dataclass
class Workers:
    """`python -m local worker` processes that share a queue; killed ones are replaced."""

    children: Children
    logs: Path
    connection: str
    lease: int
    settings: dict[str, str]
    pids: dict[str, int] = field(default_factory=dict)

    def add(self) -> None:
        """Start one more."""
        name = f"worker-{len(self.pids)}"
        self.pids[name] = start_worker(
            self.children, self.connection, name, "--lease", str(self.lease), **self.settings
        )

    def wait_ready(self) -> None:
        """Wait until all of them listen; raise DemoError if one has ended."""
        while not all(READY in self._log(name) for name in self.pids):
            self.children.check()
            time.sleep(0.1)

    def kill(self, number: int) -> None:
        """Kill the process that was started as this one, from 0, and start another."""
        os.kill(self.pids[f"worker-{number}"], signal.SIGKILL)
        self.add()

    def cpu_seconds(self) -> float:
        """CPU time that they have used; none of them may have been killed."""
        return sum(map(cpu_seconds, self.pids.values()))

    def deliveries(self, batch: str) -> Iterator[dict[str, Any]]:
        """Yield the log lines of a batch's messages, each of a delivery that ended."""
        for name in self.pids:
            for text in self._log(name).splitlines():
                _, begin, rest = text.partition(" INFO {")
                if begin and (line := json.loads("{" + rest)).get("batch") == batch:
                    yield line

    def _log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")


@contextmanager
def running_workers(
    workers: int, connection: str, lease: int, **settings: str
) -> Iterator[Workers]:
    """Have so many workers listen until the block ends.

    Args:
        workers: how many.
        connection: connection string of the storage.
        lease: seconds after which the message of one that was killed comes again.
        settings: more of their environment.
    """
    with tempfile.TemporaryDirectory() as logs, Children(Path(logs)) as children:
        running = Workers(children, Path(logs), connection, lease, settings)
        for _ in range(workers):
            running.add()
        running.wait_ready()
        yield running
