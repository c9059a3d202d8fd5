"""A queue without a queue: the tasks of batches, as they are delivered."""

import json
from typing import Any

from function_app.batches import records
from function_app.batches.planning import GroupTask, PlanTask
from function_app.batches.request import Batch, parse_request
from function_app.batches.tasks import Task, carry_out, from_message, to_message
from function_app.storage.model_store import MODELS


def new(**asked: Any) -> Batch:
    """A batch whose first message is the test's to deliver."""
    manifest = MODELS.active().manifest
    batch = Batch.new(parse_request(json.dumps(asked).encode()), manifest.ref, manifest.sha256)
    records.create(f"{records.REQUESTS}{batch.id}.json", batch.to_json())
    return batch


def delivered(task: Task) -> list[Task]:
    """What follows a task that went through a queue."""
    following, _ = carry_out(from_message(to_message(task).encode()))
    return following


def planned(batch: Batch) -> list[GroupTask]:
    """Have everything listed and cut; return the groups."""
    tasks: list[Task] = [PlanTask(batch.id)]
    for task in tasks:
        if not isinstance(task, GroupTask):
            tasks += delivered(task)
    return [task for task in tasks if isinstance(task, GroupTask)]


def outcome(document: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on how the tasks were delivered."""
    return {key: document[key] for key in ("state", "photos", "evaluation")}
