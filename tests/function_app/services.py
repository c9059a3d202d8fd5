"""Services of a test's own: the local function host in another process, with its log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.processes import Children
from tests.conftest import free_port
from tests.function_app.client import Client

Start = Callable[..., Client]


@contextmanager
def services(logs: Path) -> Iterator[Start]:
    """Give a function that starts a service with these settings; its log is api.log."""
    with Children(logs) as children:

        def start(**settings: str) -> Client:
            port = free_port()
            command = [sys.executable, "-m", "local", "host", "--port", str(port)]
            children.start("api", command, API_AUTH_LEVEL="anonymous", **settings)
            children.wait_for(f"http://127.0.0.1:{port}/api/health/live")
            return Client(f"http://127.0.0.1:{port}")

        yield start
