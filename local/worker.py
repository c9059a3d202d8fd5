"""Queue triggers for one machine: a process that does what messages ask for, as Azure's host would.

Any number of them may run. A message is leased while it is worked on, and the lease renewed; the
message of a worker that dies comes again when the lease ends. A function that raises gets its
message again after host.json's `visibilityTimeout`, `maxDequeueCount` times in all; then it goes to
the queue's poison queue. A message that is not base64 goes there at once, and no function sees it.
"""

import base64
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from azure.functions.queue import QueueMessage

from local.app import extension_settings, load_functions, load_settings
from local.bindings import HostError, OutputBindings, queue

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient
    from azure.storage.queue import QueueMessage as Received

LEASE_SECONDS = 600
"""What Azure's host does, whatever host.json says."""

POISON = "-poison"
"""End of the names of poison queues."""

FIRST_POLL_SECONDS = 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A function that a queue triggers."""

    name: str
    queue: str
    connection: str
    argument: str
    outputs: OutputBindings
    handler: Callable[..., None]


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """host.json's settings of queues: messages at once, and their deliveries; in seconds."""

    at_once: int
    deliveries: int
    again_after: int
    poll: float

    @classmethod
    def of(cls, project: Path) -> "QueueSettings":
        """Read them; what host.json leaves out is what Azure's host does."""
        values = extension_settings(project, "queues")
        size = values.get("batchSize", 16)
        return cls(
            size + values.get("newBatchThreshold", size // 2),
            values.get("maxDequeueCount", 5),
            int(_seconds(values.get("visibilityTimeout", "00:00:00"))),
            _seconds(values.get("maxPollingInterval", "00:01:00")),
        )


class _Lease:
    """A message that nobody else gets, for as long as the block lasts."""

    def __init__(self, client: "QueueClient", message: "Received", seconds: int) -> None:
        self._client, self._message, self._seconds = client, message, seconds
        self._lock, self._over = threading.Lock(), threading.Event()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease in a thread."""
        thread = threading.Thread(target=self._renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _renew(self) -> None:
        while not self._over.wait(self._seconds / 3):
            with _if_lost("renew"):
                self.hide(self._seconds)

    def hide(self, seconds: int) -> None:
        """Let the message come again after so many seconds."""
        with self._lock:
            renewed = self._client.update_message(self._message, visibility_timeout=seconds)
            self._message.pop_receipt = renewed.pop_receipt

    def delete(self) -> None:
        """Let the message never come again."""
        self._client.delete_message(self._message)


def load_triggers(project: Path) -> list[Trigger]:
    """Import the app and list its queue triggers.

    Raises:
        HostError: the entry file holds no single function app.
    """
    found = []
    for function in load_functions(project):
        trigger = function.get_trigger()
        if trigger.type == "queueTrigger":
            found.append(
                Trigger(
                    function.get_function_name(),
                    trigger.queue_name,
                    trigger.connection,
                    trigger.name,
                    OutputBindings.of(function),
                    function.get_user_function(),
                )
            )
    return found


def work(project: Path, lease: int = LEASE_SECONDS) -> None:
    """Do what comes until SIGTERM or Ctrl-C; what is under way then is finished first.

    Args:
        project: folder of the function app.
        lease: seconds after which the message of a worker that died comes again.

    Raises:
        HostError: the app cannot be loaded, or its queues' connection is not set.
    """
    load_settings(project)
    settings, triggers = QueueSettings.of(project), load_triggers(project)
    if not triggers:
        raise HostError(f"{project} has no function that a queue triggers")
    over = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: over.set())
    threads = [
        threading.Thread(target=_poll, args=(trigger, settings, lease, over))
        for trigger in triggers
        for _ in range(settings.at_once)
    ]
    for trigger in triggers:
        queue(trigger.queue, trigger.connection)
        print(f"{trigger.name:16} queue {trigger.queue}", flush=True)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _poll(trigger: Trigger, settings: QueueSettings, lease: int, over: threading.Event) -> None:
    """Take one message after the other; look less and less often while there is none."""
    from azure.core.exceptions import AzureError

    client, wait = _as_stored(trigger.queue, trigger.connection), FIRST_POLL_SECONDS
    while not over.is_set():
        try:
            message = client.receive_message(visibility_timeout=lease)
            if message is not None:
                _deliver(trigger, settings, message, _Lease(client, message, lease))
                wait = FIRST_POLL_SECONDS
                continue
        except AzureError as error:
            log.warning("queue %s: %s", trigger.queue, str(error).partition("\n")[0])
        over.wait(wait)
        wait = min(2 * wait, settings.poll)


def _as_stored(name: str, connection: str) -> "QueueClient":
    """Return the client of a queue for messages as they are stored, which is base64."""
    from azure.storage.queue import QueueClient

    queue(name, connection)  # makes it if it is not there
    return QueueClient.from_connection_string(os.environ[connection], name)


def _deliver(trigger: Trigger, settings: QueueSettings, message: "Received", lease: _Lease) -> None:
    deliveries = message.dequeue_count or 1
    # What fails in a poison queue has no other to go to.
    last = settings.deliveries if not trigger.queue.endswith(POISON) else sys.maxsize
    try:
        body = base64.b64decode(message.content, validate=True)
    except ValueError:
        log.warning("queue %s: a message is not base64: %.100r", trigger.queue, message.content)
        if last == sys.maxsize:
            return  # nobody is handed it, and it comes again until it expires, as in Azure
        body, deliveries = b"", sys.maxsize
    failed = deliveries > last  # of workers that died
    if not failed:
        with lease.kept():
            failed = not _call(trigger, message.id, body, deliveries)
        if failed and deliveries < last:
            with _if_lost("give back"):
                lease.hide(settings.again_after)
            return
    if failed:
        _as_stored(f"{trigger.queue}{POISON}", trigger.connection).send_message(message.content)
    with _if_lost("delete"):
        lease.delete()


def _call(trigger: Trigger, id: str, body: bytes, deliveries: int) -> bool:
    message = QueueMessage(id=id, body=body, dequeue_count=deliveries)  # type: ignore[no-untyped-call]
    try:
        with trigger.outputs.sent() as outputs:
            trigger.handler(**{trigger.argument: message}, **outputs)
    except Exception:
        log.exception("%s failed, delivery %d", trigger.name, deliveries)
        return False
    return True


@contextmanager
def _if_lost(what: str) -> Iterator[None]:
    """Go on if the lease has ended: another worker has the message by now."""
    from azure.core.exceptions import AzureError

    try:
        yield
    except AzureError as error:
        log.warning("could not %s a message: %s", what, str(error).partition("\n")[0])


def _seconds(time: str) -> float:
    hours, minutes, seconds = (float(part) for part in time.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds).total_seconds()
