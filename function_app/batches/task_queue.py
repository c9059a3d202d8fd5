"""The queue of tasks, for those that do not follow another task: these the host sends."""

import os
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from function_app.batches import batch_store
from function_app.batches.messages import QUEUE, ListTask, Task, to_message
from function_app.batches.request import Batch
from function_app.settings import settings
from function_app.storage.account import credential
from function_app.storage.concurrency import ask
from function_app.storage.errors import StorageError, StorageUnavailable, patience

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueMessage

CONNECTION = "QUEUES"
"""Name of the connection: locally a connection string, in Azure settings that begin with it."""

HIDDEN_SECONDS = 60
"""How long the message of a batch that is not stored yet is hidden; longer than a request may wait
for storage."""


def start(batch: Batch) -> None:
    """Store a batch and have it listed: either both happen or nothing does.

    The message is sent first, hidden, and shown when the batch is stored. If storing fails, the
    message finds no batch later, and is dropped.

    Raises:
        StorageError: nothing has begun.
    """
    message = send(ListTask(batch.id), HIDDEN_SECONDS)
    # That one is there already is no error: storage did it, and its first answer was lost.
    batch_store.create(batch_store.request_name(batch.id), batch.to_dict())
    with suppress(StorageError):  # it shows by itself, later
        ask(lambda: _queue().update_message(message, visibility_timeout=0))


def send(task: Task, hidden: int = 0) -> "QueueMessage":
    """Send a task to the queue, which is made if it is not there.

    Args:
        task: what is to be done.
        hidden: seconds before anybody gets it.

    Raises:
        StorageError: it could not be sent.
    """

    def sent() -> "QueueMessage":
        from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

        queue, text = _queue(), to_message(task)
        try:
            return queue.send_message(text, visibility_timeout=hidden)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                queue.create_queue()
            return queue.send_message(text, visibility_timeout=hidden)

    return ask(sent)


def _queue() -> "QueueClient":
    return _client(os.environ.get(CONNECTION), os.environ.get(f"{CONNECTION}__queueServiceUri"))


@cache
def _client(connection: str | None, address: str | None) -> "QueueClient":
    from azure.storage.queue import QueueClient, TextBase64EncodePolicy

    options = patience(settings().storage_seconds)
    # As Azure's host reads them unless host.json says otherwise.
    options["message_encode_policy"] = TextBase64EncodePolicy()
    if connection:
        try:
            return QueueClient.from_connection_string(connection, QUEUE, **options)
        except ValueError:  # whose text may hold the key
            raise StorageUnavailable(
                f"{CONNECTION} is no connection string", "not configured"
            ) from None
    if not address:
        raise StorageUnavailable(f"{CONNECTION} is not set", "not configured")
    return QueueClient(address, QUEUE, credential=credential(), **options)
