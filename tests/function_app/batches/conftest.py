"""A service with a worker for its queue, over a storage of their own: others share a queue."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from function_app.batches import groups, planning
from function_app.batches.status import status
from function_app.storage import blobs
from local.processes import Children, free_port
from local.service import start_api, start_worker, wait_for_api
from tests.conftest import forget_settings
from tests.function_app.batches.delivery import finished, new, outcome
from tests.function_app.client import Client, Reply
from tests.helpers.faulty_storage import FaultyStorage
from tests.helpers.storage import Accounts, seed
from tests.helpers.waiting import wait_until

Ended = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def storage(accounts: Accounts, synthetic_scenes: Path) -> str:
    """Connection string of a storage with scenes, and with a file that is no photo."""
    connection = accounts.new()
    with BlobServiceClient.from_connection_string(connection) as account:
        scenes = seed(account, synthetic_scenes).get_container_client("scenes")
        scenes.upload_blob("photos/odd/broken.png", b"no picture")
        scenes.upload_blob("photos/odd/readme.txt", b"no photo")
    return connection


@pytest.fixture(scope="session")
def batch_account(storage: str) -> Iterator[BlobServiceClient]:
    with BlobServiceClient.from_connection_string(storage) as client:
        yield client


@pytest.fixture(scope="session")
def scenes(batch_account: BlobServiceClient) -> ContainerClient:
    return batch_account.get_container_client("scenes")


@pytest.fixture(scope="session")
def predictions(batch_account: BlobServiceClient) -> ContainerClient:
    return batch_account.get_container_client("predictions")


@pytest.fixture
def here(storage: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Batches in this process, without a queue: the test carries the tasks out."""
    monkeypatch.setenv("BLOB_CONNECTION_STRING", storage)
    forget_settings()
    yield monkeypatch
    forget_settings()


@pytest.fixture
def queue(accounts: Accounts, here: pytest.MonkeyPatch) -> Iterator[QueueClient]:
    """The queue that batches in this process are sent to; there is none before."""
    connection = accounts.new()
    here.setenv("QUEUES", connection)
    with QueueClient.from_connection_string(
        connection, "batches", message_decode_policy=TextBase64DecodePolicy()
    ) as client:
        yield client


@pytest.fixture(scope="module")
def serving(storage: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The service and one worker."""
    folder = tmp_path_factory.mktemp("serving")
    with Children(folder) as children:
        api = start_api(children, free_port(), storage)
        start_worker(children, storage)
        wait_for_api(children, api)
        yield Client(api.address)


@pytest.fixture(scope="module")
def ended(serving: Client) -> Ended:
    """Start a batch and wait for its end."""

    def run(**asked: Any) -> dict[str, Any]:
        return wait(serving, begin(serving, **asked).json["id"])

    return run


@pytest.fixture
def groups_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "GROUP", 2)
    monkeypatch.setattr(groups, "GROUP", 2)


@pytest.fixture
def pages_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "LISTED", 4)
    monkeypatch.setattr(planning, "LISTED", 4)


@pytest.fixture
def faulty(here: pytest.MonkeyPatch, storage: str) -> Iterator[FaultyStorage]:
    with FaultyStorage(storage) as proxy:
        here.setenv("BLOB_CONNECTION_STRING", proxy.connection)
        here.setenv("STORAGE_SECONDS", "3")
        forget_settings()
        yield proxy


@pytest.fixture(scope="session")
def expected(storage: str) -> dict[str, Any]:
    """What a batch of everything comes to, every task delivered once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BLOB_CONNECTION_STRING", storage)
        forget_settings()
        batch = finished(new())
        document = status(batch)
    forget_settings()
    return outcome(document)


def begin(call: Client, **asked: Any) -> Reply:
    return call("batches", json.dumps(asked).encode())


def wait(call: Client, id: str) -> dict[str, Any]:
    """Return the status of a batch that has ended."""

    def ended() -> dict[str, Any] | None:
        status: dict[str, Any] = call(f"batches/{id}").json
        return None if status["state"] in {"planning", "running"} else status

    return wait_until(ended)
