"""The app indexed and invoked by Microsoft's own worker code, PyPI azure-functions-runtime.

Azure runs this library from Python 3.13 on.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from function_app.http.routes import app
from tests.conftest import PROJECT, SCENES, forget_settings
from tests.function_app.azure_worker import Worker
from tests.helpers.storage import Accounts

URL = "http://host/api/batches"


@pytest.fixture(scope="module")
def queues(accounts: Accounts) -> str:
    """Connection string of an account whose messages nobody takes."""
    return accounts.new()


@pytest.fixture
def queue(queues: str) -> Iterator[QueueClient]:
    with QueueClient.from_connection_string(
        queues, "batches", message_decode_policy=TextBase64DecodePolicy()
    ) as client:
        yield client


@pytest.fixture(scope="module")
def worker(
    azurite_connection: str, seeded_account: BlobServiceClient, queues: str
) -> Iterator[Worker]:
    del seeded_account
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHON_SCRIPT_FILE_NAME", "main.py")
    patch.setenv("BLOB_CONNECTION_STRING", azurite_connection)
    patch.setenv("QUEUES", queues)
    patch.delenv("API_AUTH_LEVEL", raising=False)
    patch.syspath_prepend(str(PROJECT))
    forget_settings()
    # An app can be indexed once; other tests may have done so in this process.
    app.functions_bindings = None
    worker = Worker(PROJECT)
    yield worker
    worker.close()
    app.functions_bindings = None
    patch.undo()
    forget_settings()


def triggers(worker: Worker, kind: str) -> dict[str, dict[str, Any]]:
    """Triggers of a kind by name of their function."""
    return {
        name: binding
        for name, function in worker.functions.items()
        for binding in map(json.loads, function.raw_bindings)
        if binding["type"] == kind
    }


def test_every_queue(worker: Worker) -> None:
    queues = {
        name: (trigger["queueName"], trigger["connection"])
        for name, trigger in triggers(worker, "queueTrigger").items()
    }
    assert queues == {
        "batch_task": ("batches", "QUEUES"),
        "batch_poison": ("batches-poison", "QUEUES"),
        "predict_upload": ("uploads", "QUEUES"),
    }
    written = {name: output["queueName"] for name, output in triggers(worker, "queue").items()}
    assert written == dict.fromkeys(("batch_task", "batch_poison"), "batches")


def begin(worker: Worker, queue: QueueClient) -> tuple[str, list[str]]:
    """Start a batch; return its id and what is in the queue."""
    status, _, body = worker.invoke("start_batch", "POST", URL, b'{"folder": "val"}')
    assert status == 202
    return json.loads(body)["id"], [message.content for message in queue.receive_messages()]


def test_a_batch_from_its_request_to_its_result(worker: Worker, queue: QueueClient) -> None:
    id, messages = begin(worker, queue)
    assert len(messages) == 1
    for message in messages:
        messages += worker.deliver("batch_task", message)
    _, _, body = worker.invoke("batch_status", "GET", f"{URL}/{id}", id=id)
    assert json.loads(body)["photos"] == {"planned": SCENES, "done": SCENES, "failed": 0, "left": 0}


def test_a_message_that_was_given_up_is_cut_into_photos(worker: Worker, queue: QueueClient) -> None:
    _, (first,) = begin(worker, queue)
    (page,) = worker.deliver("batch_task", first)
    (group,) = worker.deliver("batch_task", page)
    assert len(worker.deliver("batch_poison", group)) == SCENES


def test_a_batch_that_is_cancelled_does_nothing_more(worker: Worker, queue: QueueClient) -> None:
    id, (first,) = begin(worker, queue)
    (page,) = worker.deliver("batch_task", first)
    for _ in range(2):
        status, _, body = worker.invoke("cancel_batch", "DELETE", f"{URL}/{id}", id=id)
        assert (status, json.loads(body)["state"]) == (202, "cancelled")
    assert worker.deliver("batch_task", page) == []


def test_an_uploaded_photo_is_predicted(worker: Worker, seeded_account: BlobServiceClient) -> None:
    scenes = seeded_account.get_container_client("scenes")
    photo = next(iter(scenes.list_blob_names(name_starts_with="photos/")))
    scenes.upload_blob("photos/up/up_1.png", scenes.download_blob(photo).readall())
    subject = "/blobServices/default/containers/scenes/blobs/photos/up/up_1.png"
    event = {"subject": subject, "eventType": "Microsoft.Storage.BlobCreated", "data": {}}
    predictions = seeded_account.get_container_client("predictions")
    try:
        for _ in range(2):
            assert worker.deliver("predict_upload", json.dumps(event)) == []
    finally:
        scenes.delete_blob("photos/up/up_1.png")
    stored = [name for name in predictions.list_blob_names() if name.endswith("/up_1.png")]
    assert len(stored) == 1
    predictions.delete_blob(stored[0])


@pytest.mark.parametrize(
    "subject",
    [
        "/blobServices/default/containers/scenes/blobs/photos/gone.png",
        "/blobServices/default/containers/scenes/blobs/photos/a.txt",
        "/blobServices/default/containers/scenes/blobs/truth/a.png",
        "/blobServices/default/containers/models/blobs/photos/a.png",
        "",
    ],
)
def test_an_event_of_something_else_does_nothing(worker: Worker, subject: str) -> None:
    assert worker.deliver("predict_upload", json.dumps({"subject": subject})) == []
