"""What callers see while there is no model, no storage, or one that misbehaves."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from azure.storage.blob import BlobServiceClient

from tests.function_app.client import SCENE, Client, Reply, check_problem
from tests.function_app.services import Start, ready_when, services
from tests.helpers.faulty_storage import FaultyStorage
from tests.helpers.waiting import wait_until

SECONDS, SLACK = 2, 1.5
"""STORAGE_SECONDS of some services here; and what a busy machine may add to it."""

NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;"
    "BlobEndpoint=http://127.0.0.1:9/a;"
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Start]:
    with services(tmp_path) as start:
        yield start


def test_no_model_is_published(service: Start, azurite_connection: str, photo: bytes) -> None:
    call = service(BLOB_CONNECTION_STRING=azurite_connection, MODELS_CONTAINER="no-such-container")
    for reply in (call("predict", photo), call("health/ready"), call("batches", b"{}")):
        check_problem(reply, 503, "no-model")
        assert int(reply.headers["Retry-After"]) > 0
    assert call("models").json == {"active": None, "models": []}
    assert call("health/live").status == 200


def test_no_scenes_container(service: Start, azurite_connection: str) -> None:
    call = service(BLOB_CONNECTION_STRING=azurite_connection, SCENES_CONTAINER="no-such-container")
    check_problem(call("scenes"), 503, "storage-unavailable")


@pytest.mark.parametrize("connection", [NOWHERE, ""], ids=["unreachable", "not configured"])
def test_storage_does_not_answer(service: Start, photo: bytes, connection: str) -> None:
    call = service(BLOB_CONNECTION_STRING=connection, STORAGE_SECONDS="4")
    start = time.monotonic()
    for path, body in (("predict", photo), ("scenes", None), ("health/ready", None)):
        reply = call(path, body)
        check_problem(reply, 503, "storage-unavailable")
        assert int(reply.headers["Retry-After"]) > 0
        for secret in (b"c2VjcmV0", b"127.0.0.1:9", b"CONNECTION"):
            assert secret not in reply.body
    assert time.monotonic() - start < 15, "no request hangs"
    assert call("categories").status == call("health/live").status == 200


class Faulty(NamedTuple):
    """A service with a model in memory, and the storage that it thinks it has."""

    call: Client
    storage: FaultyStorage
    log: Path


@pytest.fixture(scope="module")
def faulty(
    seeded_account: BlobServiceClient, azurite_connection: str, photo: bytes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Faulty]:  # fmt: skip
    del seeded_account
    logs = tmp_path_factory.mktemp("faulty")
    with FaultyStorage(azurite_connection) as storage, services(logs) as start:
        call = start(
            BLOB_CONNECTION_STRING=storage.connection,
            STORAGE_SECONDS=str(SECONDS),
            MODEL_REFRESH_SECONDS="1",
        )
        for path, body in (("predict", photo), ("models", None)):
            # A model may take longer to load than a request may wait.
            wait_until(lambda path=path, body=body: call(path, body).status == 200)
        yield Faulty(call, storage, logs / "api.log")


@pytest.mark.parametrize("fault", ["forbidden", "trickle", "hang"])
def test_storage_misbehaves_behind_a_running_service(
    faulty: Faulty, photo: bytes, fault: str
) -> None:
    call, storage, log = faulty
    storage.fault(fault)
    with ThreadPoolExecutor(4) as pool:
        reading = pool.submit(timed, call, f"photos/{SCENE}")
        predicting = [pool.submit(timed, call, "predict", photo) for _ in range(6)]
        for future in predicting:
            reply, seconds = future.result()
            assert reply.status == 200, "the model is in memory"
            assert seconds < SECONDS + SLACK
    reply, seconds = reading.result()
    check_problem(reply, 503, "storage-unavailable")
    assert int(reply.headers["Retry-After"]) > 0
    assert seconds < SECONDS + SLACK
    assert b"127.0.0.1" not in reply.body
    assert b"devstore" not in reply.body
    assert call("models").status == 200, "the list is in memory"
    if fault == "forbidden":
        assert "lacks rights" in log.read_text()
        degraded = wait_for_status(call, "degraded")
        assert degraded["storage"] == "no rights"
        assert set(degraded) == {"status", "model", "storage", "refused", "uptime_s"}
    storage.heal()
    assert call(f"photos/{SCENE}").body == photo
    if fault == "forbidden":
        assert wait_for_status(call, "ready")["storage"] == "ok"


def test_a_marker_that_storage_does_not_know(faulty: Faulty) -> None:
    call, storage, _ = faulty
    storage.heal()
    storage.fault("invalid", "comp=list.*marker=")
    reply = call("scenes?after=made-up")
    check_problem(reply, 422, "invalid-parameter")
    assert reply.json["detail"] == "after='made-up': expected `next` of the page before."
    assert call("scenes").status == 200
    storage.heal()


def test_health_checks_do_not_pile_up_on_storage(faulty: Faulty) -> None:
    call, storage, _ = faulty
    storage.heal()
    with ThreadPoolExecutor(4) as pool:
        assert {reply.status for reply in pool.map(lambda _: call("health/ready"), range(40))} == {
            200
        }
    probes = [request for request in storage.seen if request.startswith("HEAD")]
    assert len(probes) <= 2


def timed(call: Client, path: str, body: bytes | None = None) -> tuple[Reply, float]:
    start = time.monotonic()
    return call(path, body), time.monotonic() - start


def wait_for_status(call: Client, status: str) -> dict[str, Any]:
    return ready_when(call, lambda document: document["status"] == status, 20)
