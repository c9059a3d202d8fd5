"""How far a batch is, and what it came to: read from the logs of its results."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any

from function_app.batches import batch_store
from function_app.batches.messages import ListTask, SplitTask, Task
from function_app.batches.planning import GROUP, SHOWN_FILES, Page, listed_pages
from function_app.batches.request import Batch
from function_app.batches.results import (
    Failure,
    Totals,
    add_page_up,
    page_results,
    pages_with_results,
    totals_by_page,
)
from function_app.batches.task_queue import send
from function_app.batches.tasks import TASK_SECONDS
from function_app.storage.concurrency import PARALLEL, in_parallel, start, wait_for
from function_app.storage.errors import StorageError

MAX_FAILURES = 1000
"""Failures in an answer: as soon as there are so many, the rest is for the next one."""

STALL_SECONDS = 20.0
"""A batch waits for a group after as long without a result, at least: after four times what groups
took so far. How long they take is not known before the first one, which has `TASK_SECONDS` more."""

LOCK_SECONDS = 600.0
"""After which Azure's host delivers the message of an instance that was killed to another one; not
`visibilityTimeout`, which is for messages that fail."""

FUNCTION_SECONDS = 120.0
"""Most seconds that an instance works on one message: host.json's functionTimeout."""

LIFELESS_SECONDS = FUNCTION_SECONDS + 30
"""After as long without a result, nobody works on what is left."""

log = logging.getLogger(__name__)

_lock = threading.Lock()
_looking: dict[str, Future[dict[str, Any]]] = {}


def shared_status(batch: Batch) -> dict[str, Any]:
    """Return the status document of a batch; all who ask at the same time share one look.

    Raises:
        StorageError: storage does not answer.
    """
    with _lock:
        looking = _looking.get(batch.id)
        if looking is None:
            mine = _looking[batch.id] = Future()
    if looking is not None:
        return wait_for(looking)
    try:
        mine.set_result(status(batch))
    except Exception as error:  # noqa: BLE001 - it is raised for all who wait
        mine.set_exception(error)
    finally:
        del _looking[batch.id]
    return mine.result()


def status(batch: Batch) -> dict[str, Any]:
    """Return the status document of a batch; docs/api.md says what is in it.

    Storage is asked for three documents and logs and one listing, however many photos there are,
    and for one log more of each page that is being worked on: few, as the queue is taken in order.

    Raises:
        StorageError: storage does not answer.
    """
    stopping = start(partial(batch_store.stopped, batch.id))
    pages, by_page = _totals(batch.id)
    stopped = wait_for(stopping)
    totals = Totals()
    for part in by_page.values():
        totals.add(part)
    document = _document(batch, pages, totals, stopped)
    last = _last_sign(batch, totals)
    if document["waiting"] and time.time() - last > LIFELESS_SECONDS:
        open_pages = [p for p in pages if p.photos and by_page[p.number].photos < p.photos]
        _send_again(batch, document["state"], open_pages, last)
    return document


def begun(batch: Batch) -> dict[str, Any]:
    """Return the status document of a batch that has just begun; storage is not asked."""
    return _document(batch, [], Totals(), None)


def failures(batch: Batch, position: int) -> tuple[list[Failure], int | None]:
    """Return the failures of a page of the plan and of those after it, and where to go on.

    Raises:
        StorageError: storage does not answer.
    """
    found: list[Failure] = []
    _, totals = _totals(batch.id)
    wanted = sorted(page for page in totals if page >= position and totals[page].failed)
    for first in range(0, len(wanted), PARALLEL):
        pages = wanted[first : first + PARALLEL]
        results = in_parallel(lambda page: page_results(batch.id, page), pages)
        for page, groups in zip(pages, results, strict=True):
            if len(found) >= MAX_FAILURES:
                return found, page
            found += [failure for group in groups.values() for failure in group.failures]
    return found, None


def latest(limit: int) -> list[Batch]:
    """Return the batches that were asked for last, newest first.

    Raises:
        StorageError: storage does not answer.
    """
    chosen = sorted(batch_store.names(batch_store.REQUESTS), reverse=True)[:limit]
    documents = in_parallel(batch_store.read, chosen)
    return [Batch.from_dict(document) for document in documents if document is not None]


def _totals(batch: str) -> tuple[list[Page], dict[int, Totals]]:
    """Return the listed pages, and the totals of each that has photos."""
    reads: tuple[Callable[[str], Any], ...] = (listed_pages, totals_by_page, pages_with_results)
    pages, complete, begun = in_parallel(lambda read: read(batch), reads)
    # Pages may be waiting by the hundred: only of those that have begun there is a log to read.
    opened = [p for p in pages if p.photos and p.number in begun and p.number not in complete]
    added = in_parallel(lambda page: add_page_up(batch, page.number, page.photos), opened)
    known = complete | {page.number: part for page, part in zip(opened, added, strict=True)}
    # Other pages may have been listed, and done, while this was being read.
    return pages, {page.number: known.get(page.number, Totals()) for page in pages if page.photos}


def _document(
    batch: Batch, pages: Sequence[Page], totals: Totals, stopped: str | None
) -> dict[str, Any]:
    planned = sum(page.photos for page in pages)
    left = planned - totals.photos
    # Pages are listed one after the other: with the last, all are there.
    state = _state(any(page.last for page in pages), left, stopped)
    examples = [name for page in pages for name in page.examples]
    return {
        **batch.summary(),
        "state": state,
        "reason": None if state == "done" else stopped,
        "photos": {
            "planned": planned,
            "done": totals.done,
            "failed": totals.failed,
            "left": left,
        },
        "left_out": {
            "files": sum(page.left_out for page in pages),
            "examples": examples[:SHOWN_FILES],
        },
        **_pace(batch, totals, left, running=state in {"planning", "running"}),
        "evaluation": totals.evaluation(),
    }


def _state(is_planned: bool, left: int, stopped: str | None) -> str:
    if is_planned and not left:
        return "done"  # whatever came too late: what is done stays so
    if stopped is not None:
        return "cancelled" if stopped == batch_store.CANCELLED else "failed"
    return "running" if is_planned else "planning"


def _pace(batch: Batch, totals: Totals, left: int, *, running: bool) -> dict[str, Any]:
    """Say how long it took, how long it will take, and whether it waits for a dead instance."""
    now, last = time.time(), _last_sign(batch, totals)
    first = last if totals.started is None else totals.started
    # While it runs, time goes on between two results: work that is stuck gets a rate that falls.
    seconds = max((max(last, now) if running else last) - first, 0.001)
    rate = totals.photos / seconds
    patience = TASK_SECONDS + STALL_SECONDS
    if totals.photos:
        patience = max(STALL_SECONDS, 4 * GROUP * (last - first) / totals.photos)
    waits = running and now - last > patience
    back = last + FUNCTION_SECONDS + LOCK_SECONDS
    return {
        "seconds": round(seconds, 1) if totals.photos else None,
        "rate": round(rate, 3) if totals.photos else None,
        "seconds_left": round(left / rate, 1) if running and rate and not waits else None,
        "waiting": {"since": _iso(last), "until": _iso(back) if back > now else None}
        if waits
        else None,
    }


def _last_sign(batch: Batch, totals: Totals) -> float:
    """Return when the last result came, or the batch began; Unix time in seconds."""
    created = datetime.fromisoformat(batch.created).timestamp()
    return created if totals.finished is None else totals.finished


def _send_again(batch: Batch, state: str, pages: Sequence[Page], last: float) -> None:
    """Have what shows no life sent again, once after each result.

    It need not wait for the queue to deliver it again, and a message that was lost never would be.
    Splitting a page again leaves out what is done, but puts new messages beside those of groups
    that still wait: `work_on` drops the second of each. Several who look at once may send it twice.
    """
    mark = f"{batch.id}/sent_again/{last:.3f}.json"
    tasks: Sequence[Task] = [SplitTask(batch.id, page.number) for page in pages]
    if state == "planning":
        tasks = [ListTask(batch.id)]
    try:
        if batch_store.read(mark) is None:
            for task in tasks:
                send(task)
            batch_store.create(mark, {})
    except StorageError as error:
        log.warning("batch %s: what is left could not be sent again: %s", batch.id, error)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
