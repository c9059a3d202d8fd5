"""What it takes to plan a batch of very many photos, and to say how far it is.

As a command it plans one batch as a worker would and prints what that took: alone in its process,
so that its memory is the planning's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from bench.proc import cpu_seconds, peak_rss_mb, reset_peak
from bench.record import PROJECT
from bench.service import AZURITE, running_service, seed_storage
from function_app.batches import batch_store
from function_app.batches.messages import QUEUE
from function_app.batches.planning import GROUP
from function_app.batches.results import GroupResult, Totals, total
from local import azurite

FOLDER = "plan/"


def plan(photos: int) -> dict[str, Any]:
    """Plan a batch of so many stored photos, which are but names, and ask how far it is.

    Returns:
        `listed`: chosen by folder; `ids`: chosen by as many ids; `status`: seconds of a request
        when all groups but one are done, asked for the first time, again, and of another process.
    """
    ids = [f"{FOLDER}photo_{n:07}" for n in range(photos)]
    with storage_of_names([f"photos/{id}.png" for id in ids]) as connection:
        with running_service(connection) as service:
            listed, begin = _timed(lambda: service.api.start_batch(folder=FOLDER))
            row = _planned(connection, listed.id)
            reset_peak(service.pid)
            named, begin_ids = _timed(lambda: service.api.start_batch(ids=ids))
            peak = peak_rss_mb(service.pid)
            of_ids = _planned(connection, named.id)
        return {
            "photos": photos,
            "listed": {"start_seconds": begin, **row},
            "ids": {"start_seconds": begin_ids, "service_peak_mb": peak, **of_ids},
            "status_seconds": _status(connection, listed.id),
        }


@contextmanager
def storage_of_names(names: Sequence[str]) -> Iterator[str]:
    """Run Azurite with blobs of these names in `scenes`; gives its connection string.

    For each upload Azurite looks through all blobs that it has: 100,000 uploads take over an hour.
    So one is uploaded, and its row in Azurite's table is copied.
    """
    azurite.install(AZURITE)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        with azurite.running(AZURITE, state) as connection:
            seed_storage(connection)
            with BlobServiceClient.from_connection_string(connection) as account:
                account.get_container_client("scenes").upload_blob(names[0], b"a photo")
        (tables,) = state.rglob("__azurite_db_blob__.json")
        _copy_row(tables, names)
        with azurite.running(AZURITE, state) as connection:
            yield connection


def _copy_row(tables: Path, names: Sequence[str]) -> None:
    """Give the blob of the first name all the other names too, in a database of LokiJS."""
    database = json.loads(tables.read_bytes())
    (blobs,) = (c for c in database["collections"] if c["name"] == "$BLOBS_COLLECTION$")
    rows: list[dict[str, Any]] = blobs["data"]
    (first,) = (row for row in rows if row["name"] == names[0])
    last = blobs["maxId"]
    rows += [first | {"name": name, "$loki": last + n} for n, name in enumerate(names[1:], 1)]
    blobs["maxId"] = last + len(names) - 1
    for column, index in blobs["binaryIndices"].items():
        index["values"] = sorted(range(len(rows)), key=lambda n: rows[n][column])
    tables.write_text(json.dumps(database))


def _planned(connection: str, batch: str) -> dict[str, Any]:
    """Have a process of its own plan it, and check that all messages are in the queue."""
    with QueueClient.from_connection_string(connection, QUEUE) as queue:
        queue.clear_messages()
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "bench.batches_planning", batch],
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
    _store_results(connection, batch)
    seconds = {}
    for names in (("first", "again"), ("another_instance",)):
        with running_service(connection) as service:
            for name in names:
                _, seconds[name] = _timed(partial(service.api.batch, batch))
    return seconds


def _store_results(connection: str, batch: str) -> None:
    """Store the results of all groups but the last, with full confusion matrices."""
    matrix, now = np.full((8, 8), 10**7), time.time()
    with BlobServiceClient.from_connection_string(connection) as account:
        blobs = account.get_container_client("batches")

        def append(name: str, lines: list[dict[str, Any]]) -> None:
            text = "".join(json.dumps(line) + "\n" for line in lines)
            blobs.upload_blob(name, text, blob_type="AppendBlob")

        complete = []
        pages = blobs.download_blob(batch_store.pages_log(batch)).readall().splitlines()
        for page in map(json.loads, pages):
            results = [
                GroupResult(f"{n:03}", Totals(size, 0, size, matrix, matrix, now - 60, now), [])
                for n, first in enumerate(range(0, page["photos"], GROUP))
                if (size := min(GROUP, page["photos"] - first))
            ]
            if page["last"]:
                results.pop()
            else:
                complete.append({"page": page["number"], "totals": total(results).to_dict()})
            append(
                batch_store.results_log(batch, page["number"]),
                [r._asdict() | {"totals": r.totals.to_dict()} for r in results],
            )
        append(batch_store.totals_log(batch), complete)


def _timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    answer = ask()
    return answer, round(time.perf_counter() - started, 2)


def main() -> None:
    """Plan the batch of the id that is given, and print numbers as JSON."""
    from azure.functions.queue import QueueMessage

    from function_app.batches.messages import (
        GroupTask,
        ListTask,
        SplitTask,
        Task,
        from_message,
        to_message,
    )
    from local.app import load_settings
    from local.worker import load_triggers

    load_settings(PROJECT)
    (trigger,) = (t for t in load_triggers(PROJECT) if t.name == "batch_task")
    before = peak_rss_mb(os.getpid())
    started, listed = time.perf_counter(), 0.0
    tasks: list[Task] = [ListTask(sys.argv[1])]
    pages = messages = 0
    for task in tasks:
        body = QueueMessage(id="0", body=to_message(task).encode(), dequeue_count=1)  # type: ignore[no-untyped-call]
        with trigger.outputs.sent() as outputs:
            trigger.handler(**{trigger.argument: body}, **outputs)
        (output,) = outputs.values()
        sent = list(output.get() or [])
        messages += len(sent)
        # Only what is still planning: the messages of groups are not kept.
        tasks += [next for next in map(from_message, map(str.encode, sent))
                  if not isinstance(next, GroupTask)]  # fmt: skip
        if isinstance(task, ListTask):
            listed = round(time.perf_counter() - started, 2)
        pages += isinstance(task, SplitTask)
    numbers = {
        "pages": pages,
        "messages": messages,
        "list_seconds": listed,
        "plan_seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(cpu_seconds(os.getpid()), 2),
        "before_mb": before,
        "peak_mb": peak_rss_mb(os.getpid()),
    }
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
