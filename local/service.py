"""The service in processes of its own: the host that answers, and workers for its queues."""

import sys
from typing import NamedTuple

from local.processes import Children


class Process(NamedTuple):
    """A process that serves.

    Attributes:
        address: of the service, without /api.
        pid: id of the process.
    """

    address: str
    pid: int


def start_api(children: Children, port: int, connection: str, **settings: str) -> Process:
    """Start `python -m local host`; it answers once `wait_for_api` returns.

    Args:
        children: whose child it becomes.
        port: where it listens on loopback.
        connection: connection string of the storage.
        settings: further environment variables.
    """
    command = [sys.executable, "-m", "local", "host", "--port", str(port)]
    pid = children.start("api", command, **{**_storage(connection), **settings})
    return Process(f"http://127.0.0.1:{port}", pid)


def wait_for_api(children: Children, api: Process) -> None:
    """Wait until the service answers; raises DemoError if it does not."""
    children.wait_for(f"{api.address}/api/health/live")


def start_worker(
    children: Children, connection: str, name: str = "worker", *options: str, **settings: str
) -> int:
    """Start `python -m local worker` and return the id of its process.

    Args:
        children: whose child it becomes.
        connection: connection string of the storage.
        name: of the process among the children, which have a log each.
        options: of the command, such as `--lease`, `5`.
        settings: further environment variables.
    """
    command = [sys.executable, "-m", "local", "worker", *options]
    return children.start(name, command, **{**_storage(connection), **settings})


def _storage(connection: str) -> dict[str, str]:
    return {
        "BLOB_CONNECTION_STRING": connection,
        "QUEUES": connection,
        "API_AUTH_LEVEL": "anonymous",
    }
