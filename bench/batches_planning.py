"""What it takes to plan a batch of very many photos, and to say how far it is."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient

from bench.batches_names import storage_of_names
from bench.batches_planner import __name__ as planner
from bench.proc import peak_rss_mb, reset_peak
from bench.service import api_of, running_service
from function_app.batches import batch_store
from function_app.batches.messages import QUEUE
from function_app.batches.planning import GROUP
from function_app.batches.results import GroupResult, Totals, total

FOLDER = "plan/"


def plan(photos: int) -> dict[str, Any]:
    """Plan a batch of so many stored photos, which are but names, and ask how far it is.

    Returns:
        `listed`: chosen by folder; `ids`: chosen by as many ids; `status`: seconds of a request
        when all groups but one are done, asked for the first time, again, and of another process.
    """
    names = [f"photos/{FOLDER}photo_{n:07}.png" for n in range(photos)]
    with storage_of_names(names) as connection:
        with running_service(connection) as service:
            api = api_of(service)
            listed, begin = _timed(lambda: api.start_batch(folder=FOLDER))
            row = _planned(connection, listed.id)
            ids = [f"{FOLDER}photo_{n:07}" for n in range(photos)]
            reset_peak(service.pid)
            named, begin_ids = _timed(lambda: api.start_batch(ids=ids))
            peak = peak_rss_mb(service.pid)
            of_ids = _planned(connection, named.id)
        return {
            "photos": photos,
            "listed": {"start_seconds": begin, **row},
            "ids": {"start_seconds": begin_ids, "service_peak_mb": peak, **of_ids},
            "status_seconds": _status(connection, listed.id),
        }


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
    """Time the status when only one group is left."""
    with BlobServiceClient.from_connection_string(connection) as account:
        blobs = account.get_container_client("batches")
        for name, lines in _results(blobs, batch).items():
            blobs.upload_blob(name, "".join(map(_line, lines)), blob_type="AppendBlob")
    seconds = {}
    with running_service(connection) as service:
        api = api_of(service)
        for name in ("first", "again"):
            _, seconds[name] = _timed(lambda: api.batch(batch))
    with running_service(connection) as service:
        api = api_of(service)
        _, seconds["another_instance"] = _timed(lambda: api.batch(batch))
    return seconds


def _results(blobs: ContainerClient, batch: str) -> dict[str, list[dict[str, Any]]]:
    """Return the logs of the results of all groups but the last, with full confusion matrices."""
    matrix, now = np.full((8, 8), 10**7), time.time()
    pages = blobs.download_blob(batch_store.pages_log(batch)).readall().splitlines()
    logs: dict[str, list[dict[str, Any]]] = {}
    complete = []
    for page in map(json.loads, pages):
        sizes = [min(GROUP, page["photos"] - first) for first in range(0, page["photos"], GROUP)]
        results = [
            GroupResult(f"{n:03}", Totals(size, 0, size, matrix, matrix, now - 60, now), [])
            for n, size in enumerate(sizes)
        ]
        if page["last"]:
            results.pop()
        else:
            complete.append({"page": page["number"], "totals": total(results).to_dict()})
        logs[batch_store.results_log(batch, page["number"])] = [
            result._asdict() | {"totals": result.totals.to_dict()} for result in results
        ]
    return logs | {batch_store.totals_log(batch): complete}


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document) + "\n"


def _timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    answer = ask()
    return answer, round(time.perf_counter() - started, 2)
