"""What it takes to plan a batch of very many photos, and to say how far it is."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import numpy as np
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient
from tqdm import tqdm

from bench.batches_names import storage_of_names
from bench.batches_planner import __name__ as planner
from bench.proc import peak_rss_mb, reset_peak
from bench.service import Service, running_service
from function_app.batches import records
from function_app.batches.part import Part, total
from function_app.batches.planning import GROUP
from function_app.batches.tasks import QUEUE
from training.batch_api import BatchApi

FOLDER = "plan/"
THREADS = 8


def plan(photos: int) -> dict[str, Any]:
    """Plan a batch of so many stored photos, which are but names, and ask how far it is.

    Returns:
        `listed`: chosen by folder; `ids`: chosen by as many ids; `status`: seconds of a request
        when all parts but one are there, asked for the first time, again, and of another process.
    """
    names = [f"photos/{FOLDER}photo_{n:07}.png" for n in range(photos)]
    with storage_of_names(names) as connection:
        with running_service(connection) as service:
            api = BatchApi(f"http://127.0.0.1:{service.port}")
            listed, begin = _timed(lambda: api.start({"folder": FOLDER}))
            row = _planned(connection, listed["id"])
            ids = [f"photo_{n:07}" for n in range(photos)]
            _wait_for_scenes(service)
            reset_peak(service.pid)
            named, begin_ids = _timed(lambda: api.start({"ids": ids}))
            peak = peak_rss_mb(service.pid)
            of_ids = _planned(connection, named["id"])
        return {
            "photos": photos,
            "listed": {"start_seconds": begin, **row},
            "ids": {"start_seconds": begin_ids, "service_peak_mb": peak, **of_ids},
            "status_seconds": _status(connection, listed["id"]),
        }


def _wait_for_scenes(service: Service) -> None:
    """Have the service list its scenes; of very many that takes longer than a request may."""
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{service.port}/api/scenes?limit=1").close()
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            time.sleep(1)
        else:
            return


def _planned(connection: str, batch: str) -> dict[str, Any]:
    """Have a process of its own plan it, and check that all messages are in the queue."""
    with QueueClient.from_connection_string(connection, QUEUE) as queue:
        queue.clear_messages()
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-m", planner, batch],
            env={**os.environ, "BLOB_CONNECTION_STRING": connection, "QUEUES": connection},
            stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        row: dict[str, Any] = json.loads(ended.stdout)
        queued = queue.get_queue_properties().approximate_message_count
    if queued != row["messages"]:
        raise RuntimeError(f"{queued} messages are in the queue; expected {row['messages']}")
    return row


def _status(connection: str, batch: str) -> dict[str, float]:
    """Time the status when only one group is left; complete pages have been summed by workers."""
    with BlobServiceClient.from_connection_string(connection) as account:
        blobs = account.get_container_client("batches")
        made = _results(blobs, batch)
        _upload(blobs, made, "storing parts")
    seconds = {}
    with running_service(connection) as service:
        api = BatchApi(f"http://127.0.0.1:{service.port}")
        for name in ("first", "again"):
            _, seconds[name] = _timed(lambda: api.status(batch))
    with running_service(connection) as service:
        api = BatchApi(f"http://127.0.0.1:{service.port}")
        _, seconds["another_instance"] = _timed(lambda: api.status(batch))
    return seconds


def _results(blobs: ContainerClient, batch: str) -> list[tuple[str, bytes]]:
    """Name and content of all parts but the last, with full confusion matrices, and of the sums."""
    matrix = np.full((8, 8), 10**7)
    found: list[tuple[str, bytes]] = []
    for page, name in enumerate(blobs.list_blob_names(name_starts_with=f"{batch}/pages/")):
        photos = json.loads(blobs.download_blob(name).readall())["photos"]
        sizes = [min(GROUP, photos - first) for first in range(0, photos, GROUP)]
        now = time.time()
        parts = [Part(done, [], done, matrix, matrix, now - 60, now) for done in sizes]
        found.append((records.sum_name(batch, page), total(parts).to_json()))
        found += [
            (records.part_name(batch, page, f"{n:03}"), part.to_json())
            for n, part in enumerate(parts)
        ]
    # The last page is not complete: it has no sum, and lacks its last part.
    last = records.sum_name(batch, page)
    return [(name, data) for name, data in found[:-1] if name != last]


def _upload(container: ContainerClient, blobs: Sequence[tuple[str, bytes]], title: str) -> None:
    def upload(blob: tuple[str, bytes]) -> None:
        container.upload_blob(*blob)

    with ThreadPoolExecutor(THREADS) as pool:
        for _ in tqdm(pool.map(upload, blobs), total=len(blobs), desc=title, unit="blob"):
            pass


def _timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    answer = ask()
    return answer, round(time.perf_counter() - started, 2)
