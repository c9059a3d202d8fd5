"""What the messages of the queue have done, each within one deadline."""

import time
from typing import Any

from function_app.batches import batch_store
from function_app.batches.groups import FINISH_SECONDS, give_up, work_on
from function_app.batches.messages import GroupTask, ListTask, SplitTask, Task
from function_app.batches.planning import list_photos, split_page
from function_app.batches.request import Batch
from function_app.storage.concurrency import storage_time

BEGIN_SECONDS = 50.0
"""How long one task begins something: another page to list, another photo."""

TASK_SECONDS = BEGIN_SECONDS + FINISH_SECONDS
"""How long storage may keep one task waiting, all calls together. Well below host.json's
functionTimeout of 120 s, which would end the process and everything else in it."""


def run(task: Task) -> tuple[list[Task], dict[str, Any]]:
    """Do a task, as often as it is delivered: a second time changes nothing.

    Returns:
        The tasks that follow, and what the log should know.

    Raises:
        StorageError: it must be delivered again.
    """
    started = time.monotonic()
    with storage_time(TASK_SECONDS):
        batch = _batch(task)
        if batch is None:
            return [], {"skipped": True}
        return _run(batch, task, started + BEGIN_SECONDS)


def _run(batch: Batch, task: Task, end: float) -> tuple[list[Task], dict[str, Any]]:
    if isinstance(task, ListTask):
        pages = list_photos(batch, task, end)
        return list(pages), {"page": task.page, "pages": len(pages)}
    if isinstance(task, SplitTask):
        groups = split_page(batch, task)
        return list(groups), {"page": task.page, "groups": len(groups)}
    result, following = work_on(batch, task, end)
    noted: dict[str, Any] = {"page": task.page, "group": task.group, "model": str(batch.model)}
    if result is None:
        return list(following), noted | {"skipped": True}
    totals = result.totals
    return list(following), noted | {"photos": totals.photos, "failed": totals.failed}


def give_up_on(task: Task) -> list[Task]:
    """End a task that failed as often as it may.

    Returns:
        The tasks that follow.

    Raises:
        StorageError: it must be delivered again.
    """
    with storage_time(TASK_SECONDS):
        batch = _batch(task)
        if batch is None:
            return []
        if isinstance(task, GroupTask):
            return list(give_up(batch, task))
        what = "listed" if isinstance(task, ListTask) else "split into groups"
        batch_store.stop(batch.id, f"its photos could not be {what}; the log knows why")
        return []


def _batch(task: Task) -> Batch | None:
    """Return the batch of a task; None if its blobs have been deleted, which ends it."""
    try:
        return batch_store.read_batch(task.batch)
    except batch_store.UnknownBatch:
        return None
