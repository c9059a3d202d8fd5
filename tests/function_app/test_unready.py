"""What callers see while there is no model, or no storage."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.processes import Children
from tests.conftest import free_port
from tests.function_app.client import Client, check_problem

pytestmark = pytest.mark.azurite
NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;"
    "BlobEndpoint=http://127.0.0.1:9/a;"
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Start a service of its own, with these settings."""
    with Children(tmp_path) as children:

        def start(**settings: str) -> Client:
            port = free_port()
            command = [sys.executable, "-m", "local", "host", "--port", str(port)]
            children.start("api", command, **settings)
            children.wait_for(f"http://127.0.0.1:{port}/api/health/live")
            return Client(f"http://127.0.0.1:{port}")

        yield start


def test_no_model_is_published(
    service: Callable[..., Client], azurite_connection: str, photo: bytes
) -> None:
    call = service(BLOB_CONNECTION_STRING=azurite_connection, MODELS_CONTAINER="no-such-container")
    for reply in (call("predict", photo), call("health/ready")):
        check_problem(reply, 503, "no-model")
        assert int(reply.headers["Retry-After"]) > 0
    assert call("models").json == {"active": None, "models": []}
    assert call("health/live").status == 200


def test_no_scenes_container(service: Callable[..., Client], azurite_connection: str) -> None:
    call = service(BLOB_CONNECTION_STRING=azurite_connection, SCENES_CONTAINER="no-such-container")
    check_problem(call("scenes"), 503, "storage-unavailable")


@pytest.mark.parametrize("connection", [NOWHERE, ""], ids=["unreachable", "not configured"])
def test_storage_does_not_answer(
    service: Callable[..., Client], photo: bytes, connection: str
) -> None:
    call = service(BLOB_CONNECTION_STRING=connection)
    start = time.monotonic()
    for path, body in (("predict", photo), ("scenes", None), ("health/ready", None)):
        reply = call(path, body)
        check_problem(reply, 503, "storage-unavailable")
        assert int(reply.headers["Retry-After"]) > 0
        for secret in (b"c2VjcmV0", b"127.0.0.1:9", b"CONNECTION"):
            assert secret not in reply.body
    assert time.monotonic() - start < 45, "no request hangs"
    assert call("categories").status == call("health/live").status == 200
