"""The messages of the queue: what they say, and who does it."""

import json
import time
from typing import Any

from function_app.batches import records
from function_app.batches.groups import give_up, work
from function_app.batches.pages import pages_of
from function_app.batches.planning import GroupTask, PageTask, PlanTask, cut_page, plan
from function_app.batches.request import Batch

QUEUE = "batches"
POISON = "batches-poison"
"""Where Azure's host puts a message that was delivered `maxDequeueCount` times in vain."""

Task = PlanTask | PageTask | GroupTask

_KINDS: dict[str, type[Task]] = {"plan": PlanTask, "page": PageTask, "group": GroupTask}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def to_message(task: Task) -> str:
    """Render a task as a message: even of the longest names it is one that a queue takes."""
    return json.dumps({"task": _NAMES[type(task)], **task._asdict()}, ensure_ascii=False)


def from_message(body: bytes) -> Task:
    """Read what `to_message` wrote."""
    values = json.loads(body)
    return _KINDS[values.pop("task")](**values)


def carry_out(task: Task) -> tuple[list[Task], dict[str, Any]]:
    """Do a task, as often as it is delivered: a second time changes nothing.

    Returns:
        The tasks that follow, and what the log should know.

    Raises:
        NoModel, StorageError: it must be delivered again.
    """
    batch = _batch(task)
    if batch is None:
        return [], {"skipped": True}
    if isinstance(task, PlanTask):
        pages = plan(batch, task)
        return list(pages), {"page": task.page, "pages": len(pages)}
    if isinstance(task, PageTask):
        groups = cut_page(batch, task)
        return list(groups), {"page": task.page, "groups": len(groups)}
    started = time.perf_counter()
    part = work(batch, task)
    noted: dict[str, Any] = {"page": task.page, "group": task.group, "model": str(batch.model)}
    if part is None:
        return [], noted | {"skipped": True}
    ms = round((time.perf_counter() - started) * 1000, 2)
    return [], noted | {"photos": part.photos, "failed": len(part.failures), "total_ms": ms}


def abandon(task: Task) -> list[Task]:
    """End a task that failed as often as it may.

    Returns:
        The tasks that follow.

    Raises:
        StorageError: it must be delivered again.
    """
    batch = _batch(task)
    if batch is None:
        return []
    if isinstance(task, GroupTask):
        return list(give_up(batch, task))
    if isinstance(task, PageTask):
        return [] if records.stopped(batch.id) else [task]
    pages = pages_of(batch.id)
    if any(page.last for page in pages):  # it was listed, but perhaps nothing was sent
        return [PageTask(batch.id, page.number) for page in pages]
    records.stop(batch.id, "its photos could not be listed; the log knows why")
    return []


def _batch(task: Task) -> Batch | None:
    """Return the batch of a task; None if its blobs have been deleted, which ends it."""
    try:
        return records.read_batch(task.batch)
    except records.UnknownBatch:
        return None
