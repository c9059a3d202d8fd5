"""The messages of the queue of batches: tasks, and how they are written."""

import json
from typing import NamedTuple

QUEUE = "batches"
POISON = "batches-poison"
"""Where Azure's host puts a message that was delivered `maxDequeueCount` times in vain."""


class ListTask(NamedTuple):
    """The message that has the photos of a batch listed.

    Attributes:
        batch: its id.
        page: where to go on, from 0.
        before: photos of the pages before.
        marker: where the listing goes on; None for the first page, and for ids.
    """

    batch: str
    page: int = 0
    before: int = 0
    marker: str | None = None


class SplitTask(NamedTuple):
    """The message that has a page, once it is listed, split into groups.

    Attributes:
        batch: its id.
        page: from 0.
    """

    batch: str
    page: int


class GroupTask(NamedTuple):
    """The message that has photos worked on.

    Attributes:
        batch: its id.
        page: from 0.
        of: photos of the page.
        group: name of the group within its page.
        photos: names of blobs.
    """

    batch: str
    page: int
    of: int
    group: str
    photos: list[str]


Task = ListTask | SplitTask | GroupTask

_KINDS: dict[str, type[Task]] = {"list": ListTask, "split": SplitTask, "group": GroupTask}
_NAMES = {kind: name for name, kind in _KINDS.items()}


class InvalidMessage(ValueError):
    """A message that says no task; delivering it again would change nothing."""


def to_message(task: Task) -> str:
    """Render a task as a message: even of the longest names it is one that a queue takes."""
    return json.dumps({"task": _NAMES[type(task)], **task._asdict()}, ensure_ascii=False)


def from_message(body: bytes) -> Task:
    """Read what `to_message` wrote.

    Raises:
        InvalidMessage: it is no JSON of a known task with all its fields.
    """
    try:
        values = json.loads(body)
        task = _KINDS[values.pop("task")](**values)
        is_task = isinstance(task.batch, str) and isinstance(task.page, int)
        if isinstance(task, GroupTask):
            texts = [task.group, *task.photos]
            is_task &= isinstance(task.of, int) and all(isinstance(t, str) for t in texts)
        elif isinstance(task, ListTask):
            is_task &= isinstance(task.before, int)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise InvalidMessage(f"no task of a batch: {type(error).__name__}: {error}") from error
    if not is_task:
        raise InvalidMessage(f"no task of a batch: {body[:100]!r}")
    return task
