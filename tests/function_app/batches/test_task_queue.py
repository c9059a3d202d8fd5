"""How a batch begins, and what becomes of messages that no task can be made of."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient, TextBase64EncodePolicy

from function_app.batches import batch_store
from function_app.batches.messages import InvalidMessage, ListTask, from_message, to_message
from function_app.batches.request import Batch, parse_request
from function_app.batches.status import latest, status
from function_app.batches.task_queue import start
from function_app.batches.tasks import run
from function_app.storage.errors import StorageError
from function_app.vision.model_package import ModelRef
from local.processes import Children
from tests.conftest import PROJECT
from tests.function_app.batches.delivery import delivered, new, planned
from tests.helpers.faulty_storage import FaultyStorage
from tests.helpers.waiting import wait_until

pytestmark = pytest.mark.usefixtures("here")

NOWHERE = "http://127.0.0.1:9/nobody"
GARBAGE = [
    b"", b"garbage", b"\xff\xfe", b"[" * 100_000, b"3", b"[]", b"null", b'"plan"', b"{}",
    b'{"task": "gone", "batch": "20260101T000000Z-00000000"}',
    b'{"task": ["list"], "batch": "20260101T000000Z-00000000"}',
    b'{"task": "plan", "batch": "20260101T000000Z-00000000", "page": 0}',
    b'{"task": "split", "batch": "20260101T000000Z-00000000"}',
    b'{"task": "split", "batch": 3, "page": 0}',
    b'{"task": "split", "batch": "20260101T000000Z-00000000", "page": "0"}',
    b'{"task": "list", "batch": "20260101T000000Z-00000000", "before": null}',
    b'{"task": "group", "batch": "b", "page": 0, "of": 1, "group": "0", "photos": 7}',
    b'{"task": "group", "batch": "b", "page": 0, "of": 1, "group": "0", "photos": [7]}',
]  # fmt: skip
"""Messages that are no tasks: of older releases, of other systems, damaged."""


def asked() -> Batch:
    return Batch.new(parse_request(b"{}"), ModelRef("a", "1.0.0"), "0" * 64)


def test_a_batch_that_begins_is_stored_and_its_message_shows(queue: QueueClient) -> None:
    batch = asked()
    start(batch)
    assert latest(1) == [batch]
    (message,) = queue.receive_messages()
    assert from_message(message.content.encode()) == ListTask(batch.id)


def test_a_batch_whose_message_cannot_be_sent_is_not_stored(here: pytest.MonkeyPatch) -> None:
    here.setenv("QUEUES", f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;"
                f"QueueEndpoint={NOWHERE};")  # fmt: skip
    here.setenv("STORAGE_SECONDS", "1")
    batch = asked()
    with pytest.raises(StorageError):
        start(batch)
    with pytest.raises(batch_store.UnknownBatch):
        batch_store.read_batch(batch.id)


def test_of_a_batch_that_cannot_be_stored_nothing_is_done(
    faulty: FaultyStorage, queue: QueueClient
) -> None:
    batch = asked()
    faulty.fault("error", "PUT .*requests")
    with pytest.raises(StorageError):
        start(batch)
    faulty.heal()
    assert queue.receive_message() is None, "its message is still hidden"
    assert run(ListTask(batch.id)) == ([], {"skipped": True})


@pytest.mark.parametrize("body", GARBAGE)
def test_a_message_that_is_no_task_is_told_from_one_that_failed(body: bytes) -> None:
    with pytest.raises(InvalidMessage):
        from_message(body)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The service's function app, with a host.json that gives up soon."""
    settings = json.loads((PROJECT / "host.json").read_text())
    settings["extensions"]["queues"] |= {
        "maxDequeueCount": 2, "visibilityTimeout": "00:00:00", "maxPollingInterval": "00:00:00.1",
    }  # fmt: skip
    (tmp_path / "host.json").write_text(json.dumps(settings))
    for name in ("main.py", "local.settings.example.json"):
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


def test_what_fails_again_and_again_ends_in_the_worker(
    storage: str, queue: QueueClient, project: Path, batch_account: BlobServiceClient
) -> None:
    batch = new()
    (page,) = delivered(ListTask(batch.id))
    blob = batch_account.get_blob_client("batches", batch_store.items_name(batch.id, 0))
    blob.upload_blob(b"{damaged", overwrite=True)
    connection = os.environ["QUEUES"]
    queues = [
        QueueClient.from_connection_string(
            connection, name, message_encode_policy=TextBase64EncodePolicy()
        )
        for name in ("batches", "batches-poison", "uploads")
    ]
    for client in queues:
        client.create_queue()
        client.send_message("garbage")
        client.send_message('{"task": "gone"}')
    queues[0].send_message(to_message(page))
    damaged = new(folder="val")
    (group,) = planned(damaged)
    log = batch_store.results_log(damaged.id, 0)
    batch_account.get_blob_client("batches", log).upload_blob(b"{\n", blob_type="AppendBlob")
    queues[1].send_message(to_message(group))
    code = (
        "import logging, sys, pathlib; from local.worker import work; "
        "logging.basicConfig(level=logging.INFO); work(pathlib.Path(sys.argv[1]))"
    )
    with Children(project) as children:
        children.start(
            "worker", [sys.executable, "-c", code, str(project)],
            BLOB_CONNECTION_STRING=storage, QUEUES=connection, PYTHONPATH=str(PROJECT),
            PYTHON_SCRIPT_FILE_NAME="main.py", API_AUTH_LEVEL="anonymous",
        )  # fmt: skip
        wait_until(lambda: status(batch)["state"] == "failed")
        wait_until(lambda: not any(map(length, queues)))
    assert status(batch)["reason"] == "its photos could not be split into groups; the log knows why"
    log = (project / "worker.log").read_text()
    assert log.count('"dropped"') == 7
    poison = QueueClient.from_connection_string(connection, "uploads-poison")
    with pytest.raises(ResourceNotFoundError):
        length(poison)


def length(queue: QueueClient) -> int:
    return queue.get_queue_properties().approximate_message_count or 0
