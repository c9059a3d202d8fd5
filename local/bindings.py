"""Queue bindings for one machine: what Azure's host does with them, on Azurite."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import azure.functions as func

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient


class HostError(RuntimeError):
    """The project folder cannot be served; the message says what is missing."""


class Output(func.Out[Any]):
    """What a function puts into an output binding."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        """Set a message, or a list of them."""
        self._value = val

    def get(self) -> Any:
        """Return what was set, None if nothing was."""
        return self._value


@dataclass(frozen=True, slots=True)
class OutputBindings:
    """The queues that a function writes to, (name, connection) by argument."""

    queues: dict[str, tuple[str, str]]

    @classmethod
    def of(cls, function: Any) -> "OutputBindings":
        """Read them from a function of the app."""
        return cls(
            {
                binding.name: (binding.queue_name, binding.connection)
                for binding in function.get_bindings()
                if binding.type == "queue"
            }
        )

    @contextmanager
    def sent(self) -> Iterator[dict[str, Output]]:
        """Give arguments to call the function with; what they hold is sent unless it raises."""
        outputs = {argument: Output() for argument in self.queues}
        yield outputs
        for argument, output in outputs.items():
            messages = output.get() or []
            for message in [messages] if isinstance(messages, str) else messages:
                queue(*self.queues[argument]).send_message(message)


@cache
def queue(name: str, connection: str) -> "QueueClient":
    """Return the client of a queue, which is made if it is not there.

    Args:
        name: of the queue.
        connection: name of the environment variable that holds the connection string.

    Raises:
        HostError: the variable is not set.
    """
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.queue import (
        QueueClient,
        TextBase64DecodePolicy,
        TextBase64EncodePolicy,
    )

    if not os.environ.get(connection):
        raise HostError(f"{connection} is not set: it must be a connection string of the storage")
    client = QueueClient.from_connection_string(
        os.environ[connection],
        name,
        # As Azure's host does unless host.json says otherwise, and as Event Grid does.
        message_encode_policy=TextBase64EncodePolicy(),
        message_decode_policy=TextBase64DecodePolicy(),
    )
    with suppress(ResourceExistsError):
        client.create_queue()
    return client
