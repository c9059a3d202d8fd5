"""A queue without a queue: the tasks of batches, as they are delivered."""

import json
from typing import Any

from function_app.batches import batch_store
from function_app.batches.messages import GroupTask, ListTask, Task, from_message, to_message
from function_app.batches.request import Batch, parse_request
from function_app.batches.tasks import run
from function_app.storage.model_store import MODELS


def new(**asked: Any) -> Batch:
    """A batch whose first message is the test's to deliver."""
    request = parse_request(json.dumps(asked).encode())
    manifest = MODELS.active().manifest
    batch = Batch.new(request, request.model or manifest.ref, manifest.sha256)
    batch_store.create(batch_store.request_name(batch.id), batch.to_dict())
    return batch


def delivered(task: Task) -> list[Task]:
    """What follows a task that went through a queue."""
    following, _ = run(from_message(to_message(task).encode()))
    return following


def planned(batch: Batch) -> list[GroupTask]:
    """Have everything listed and split; return the groups."""
    return planned_from(ListTask(batch.id))


def planned_from(first: ListTask) -> list[GroupTask]:
    """Have what is still to be listed listed and split; return its groups."""
    tasks: list[Task] = [first]
    for task in tasks:
        if not isinstance(task, GroupTask):
            tasks += delivered(task)
    return [task for task in tasks if isinstance(task, GroupTask)]


def finished(batch: Batch) -> Batch:
    """Have all of it planned, and every task delivered once."""
    for task in planned(batch):
        delivered(task)
    return batch


def outcome(document: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on how the tasks were delivered."""
    return {key: document[key] for key in ("state", "photos", "evaluation")}
