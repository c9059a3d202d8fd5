"""What queues trigger. Azure's host delivers a message again when a function raises."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, List  # noqa: UP035

import azure.functions as func

from function_app.batches import tasks, uploads
from function_app.batches.messages import POISON, QUEUE, InvalidMessage, from_message, to_message
from function_app.batches.task_queue import CONNECTION
from function_app.observability import scrub
from function_app.storage.concurrency import storage_time
from function_app.storage.errors import StorageError

# Azure's worker knows typing's List, and refuses list.
Messages = func.Out[List[str]]  # noqa: UP006
"""What is sent to a queue when the function has returned."""

log = logging.getLogger("function_app.tasks")
log.setLevel(logging.INFO)

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@blueprint.queue_trigger("message", queue_name=QUEUE, connection=CONNECTION)
@blueprint.queue_output("messages", queue_name=QUEUE, connection=CONNECTION)
def batch_task(message: func.QueueMessage, messages: Messages) -> None:
    """List the photos of a batch, split a page of them into groups, or work on a group."""
    with _line(message, "batch_task") as line:
        task = from_message(message.get_body())
        line["batch"] = task.batch
        following, noted = tasks.run(task)
        line.update(noted)
        if following:
            messages.set([to_message(next) for next in following])


@blueprint.queue_trigger("message", queue_name=POISON, connection=CONNECTION)
@blueprint.queue_output("messages", queue_name=QUEUE, connection=CONNECTION)
def batch_poison(message: func.QueueMessage, messages: Messages) -> None:
    """End what failed too often: a group is tried photo by photo, a photo is a failure.

    Nothing comes here again but what storage kept from being ended: a poison queue has none of its
    own.
    """
    with _line(message, "batch_poison") as line:
        task = from_message(message.get_body())
        try:
            following = tasks.give_up_on(task)
        except StorageError:
            raise
        except Exception as error:
            raise InvalidMessage(f"it cannot be ended: {error!r}") from error
        line.update(batch=task.batch, page=task.page, alone=len(following))
        if following:
            messages.set([to_message(next) for next in following])


@blueprint.queue_trigger("message", queue_name=uploads.QUEUE, connection=CONNECTION)
def predict_upload(message: func.QueueMessage) -> None:
    """Predict a photo that has just been stored."""
    with _line(message, "predict_upload") as line:
        photo = uploads.stored_photo(message.get_body())
        line["photo"] = (photo or "none")[-64:]
        if photo is not None:
            with storage_time(tasks.TASK_SECONDS):
                line["outcome"] = uploads.predict_stored(photo)


@contextmanager
def _line(message: func.QueueMessage, function: str) -> Iterator[dict[str, Any]]:
    """Log one line of JSON for the message; docs/observability.md explains its fields."""
    line: dict[str, Any] = {"function": function, "deliveries": message.dequeue_count}
    started = perf_counter()
    try:
        yield line
    except (InvalidMessage, uploads.InvalidEvent) as error:
        line["dropped"] = scrub(str(error))[:500]
    except Exception as error:
        line["error"] = scrub(f"{type(error).__name__}: {error}")[:500]
        raise
    finally:
        line.setdefault("total_ms", round((perf_counter() - started) * 1000, 2))
        log.info(json.dumps(line))
