"""The same batch over 1, 2 and 4 worker processes, and while workers are killed."""

import hashlib
import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient
from future_vision_batches import BatchStatus
from tqdm import tqdm

from bench.proc import cpu_seconds, machine_cpu_seconds
from bench.service import Service
from function_app.batches.messages import QUEUE
from local.processes import Children
from local.service import start_worker
from local.worker import LEASE_SECONDS

SIZE = (512, 256)
"""Width and height of a scene: what the bundled network sees, so that the work is the network's."""

PAUSE = 0.5
"""Seconds between two looks at the batch: how exact its duration is."""

KILLS, KILLED_LEASE = 8, 3
"""Workers that are killed in the last run; seconds after which their messages come again."""

READY = "predict_upload"
"""The last trigger that a worker says it listens to."""

PROTOCOLS = ("official", "with_void")


class OneByOne(NamedTuple):
    """What the service answers for each photo alone.

    Attributes:
        masks: sha256 of the mask by the scene's id.
        matrices: confusion matrices by protocol, summed over the scenes.
        seconds: how long it took one caller.
    """

    masks: dict[str, str]
    matrices: dict[str, list[list[int]]]
    seconds: float


class Setup(NamedTuple):
    """What all runs share.

    Attributes:
        connection: connection string of the emulator, which holds the scenes.
        storage: ids of the emulator's processes.
        service: the HTTP side.
        ids: of the scenes.
    """

    connection: str
    storage: tuple[int, ...]
    service: Service
    ids: list[str]


class Workers:
    """`python -m local worker` processes that share a queue; killed ones are replaced."""

    def __init__(self, logs: Path, start: Callable[[str], int]) -> None:
        self._logs, self._start, self.pids = logs, start, dict[str, int]()

    def add(self) -> None:
        """Start one more."""
        name = f"worker-{len(self.pids)}"
        self.pids[name] = self._start(name)

    def are_ready(self) -> bool:
        """Whether all of them listen."""
        return all(READY in self._log(name) for name in self.pids)

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
        return (self._logs / f"{name}.log").read_text(errors="replace")


def own_children() -> tuple[int, ...]:
    """Ids of the processes that this one has started (proc(5))."""
    threads = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return tuple(int(pid) for thread in threads for pid in thread.read_text().split())


def one_by_one(setup: Setup) -> OneByOne:
    """Ask the service for each scene's mask and scores, one after the other."""
    api, masks = setup.service.api, {}
    sums = np.zeros((len(PROTOCOLS), 8, 8), np.int64)
    started = time.perf_counter()
    for id in tqdm(setup.ids, desc="one by one", unit="photo"):
        masks[id] = _hash(api.render_scene(id, "mask").data)
        scores = api.evaluation(id)
        sums += [scores[name]["confusion"] for name in PROTOCOLS]
    matrices = dict(zip(PROTOCOLS, sums.tolist(), strict=True))
    return OneByOne(masks, matrices, time.perf_counter() - started)


def run(setup: Setup, workers: int, alone: OneByOne) -> dict[str, Any]:
    """Run the batch over so many workers; the row says how fast it was, and whether it is exact."""
    with _workers(setup, workers, LEASE_SECONDS) as (masks, running):

        def clocks() -> list[float]:
            storage = sum(map(cpu_seconds, setup.storage))
            service = cpu_seconds(setup.service.pid)
            return [running.cpu_seconds(), storage, service, machine_cpu_seconds()]

        before = clocks()
        status, seconds = _batch(setup, f"{workers} workers", lambda: None)
        worker, storage, api, everything = np.subtract(clocks(), before).tolist()
        cores = {"workers": worker, "storage": storage, "api": api,
                 "others": max(0.0, everything - worker - storage - api)}  # fmt: skip
        return {
            "workers": workers,
            "seconds": round(seconds, 1),
            "photos_per_second": round(len(setup.ids) / seconds, 2),
            "worker_cpu_seconds": round(worker, 1),
            "photos_per_worker_cpu_second": round(len(setup.ids) / worker, 2),
            "cores": {name: round(used / seconds, 2) for name, used in cores.items()},
            **_exactness(setup, status, masks, alone),
        }


def run_killed(setup: Setup, workers: int, alone: OneByOne, seconds: float) -> dict[str, Any]:
    """Run the batch while workers are killed, one after the other, and replaced.

    Args:
        setup: what all runs share.
        workers: at a time.
        alone: what must come out.
        seconds: how long it takes if nobody is killed.
    """
    pause, kills = max(2 * PAUSE, seconds / (KILLS + 1)), list[float]()
    with _workers(setup, workers, KILLED_LEASE) as (masks, running):
        started = time.monotonic()

        def kill() -> None:
            if len(kills) < KILLS and time.monotonic() > max([started, *kills]) + pause:
                running.kill(len(kills))
                kills.append(time.monotonic())

        status, took = _batch(setup, "killed", kill)
        with QueueClient.from_connection_string(setup.connection, QUEUE) as queue:
            # Messages of those who were killed after their work was stored.
            while queue.get_queue_properties().approximate_message_count:
                time.sleep(PAUSE)
        return {
            "workers": workers,
            "lease_seconds": KILLED_LEASE,
            "kills": len(kills),
            "seconds": round(took, 1),
            **_repeated(running, status.id),
            **_exactness(setup, status, masks, alone),
        }


@contextmanager
def _workers(setup: Setup, workers: int, lease: int) -> Iterator[tuple[ContainerClient, Workers]]:
    """Run workers that store masks in a new container: masks of an earlier run prove nothing."""
    container, connection = f"of-{workers}-lease-{lease}", setup.connection
    with BlobServiceClient.from_connection_string(connection) as account:
        masks = account.create_container(container)
        with tempfile.TemporaryDirectory() as logs, Children(Path(logs)) as children:
            running = Workers(Path(logs), lambda name: start_worker(
                children, connection, name, "--lease", str(lease), PREDICTIONS_CONTAINER=container
            ))  # fmt: skip
            for _ in range(workers):
                running.add()
            while not running.are_ready():
                children.check()
                time.sleep(0.1)
            yield masks, running
        masks.delete_container()


def _batch(setup: Setup, title: str, look: Callable[[], None]) -> tuple[BatchStatus, float]:
    """Run a batch of all scenes, and call a function now and then; how long it took in seconds."""
    started, api = time.perf_counter(), setup.service.api
    status = api.batch(api.start_batch().id)
    with tqdm(total=len(setup.ids), desc=title, unit="photo") as bar:
        while status.running:
            time.sleep(PAUSE)
            status = api.batch(status.id)
            bar.update(status.done - bar.n)
            look()
    return status, time.perf_counter() - started


def _exactness(
    setup: Setup, status: BatchStatus, masks: ContainerClient, alone: OneByOne
) -> dict[str, Any]:
    """Compare what a batch came to with what came of the photos one by one."""
    prefix, same = f"{status.model.replace(':', '/')}/", 0
    for name in masks.list_blob_names(name_starts_with=prefix):
        id = name.removeprefix(prefix).removesuffix(".png")
        same += _hash(masks.download_blob(name).readall()) == alone.masks.get(id)
    scores = status.evaluation or {}
    matrices = {name: scores[name]["confusion"] for name in PROTOCOLS if name in scores}
    return {
        "photos": {"done": status.done, "failed": status.failed},
        "same_masks": same,
        "same_confusion": matrices == alone.matrices,
        "exact": same == status.done == len(setup.ids) and matrices == alone.matrices,
    }


def _repeated(running: Workers, batch: str) -> dict[str, int]:
    """Count messages that came again, and deliveries that found the group's part stored."""
    most: dict[tuple[Any, ...], int] = {}
    skipped = 0
    for line in running.deliveries(batch):
        message = line.get("page"), line.get("group")
        most[message] = max(most.get(message, 1), line["deliveries"])
        skipped += bool(line.get("skipped"))
    return {"messages": len(most), "repeated": sum(most.values()) - len(most), "skipped": skipped}


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
