"""Services of a test's own: the local function host in another process, with its log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.processes import Children, free_port
from local.service import start_api, wait_for_api
from tests.function_app.client import Client
from tests.helpers.waiting import wait_until

Start = Callable[..., Client]


def ready_when(
    call: Client, condition: Callable[[dict[str, Any]], bool], seconds: float
) -> dict[str, Any]:
    """Wait until what health/ready answers, with 200 all the time, fulfils a condition."""

    def document() -> dict[str, Any] | None:
        reply = call("health/ready")
        assert reply.status == 200, reply.body
        return reply.json if condition(reply.json) else None

    return wait_until(document, seconds)


@contextmanager
def services(logs: Path) -> Iterator[Start]:
    """Give a function that starts a service with these settings; its log is api.log."""
    with Children(logs) as children:

        def start(**settings: str) -> Client:
            connection = settings.pop("BLOB_CONNECTION_STRING", "")
            api = start_api(children, free_port(), connection, **settings)
            wait_for_api(children, api)
            return Client(api.address)

        yield start
