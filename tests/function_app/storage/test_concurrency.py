"""Storage that is slow, throttles, refuses, breaks off or is gone: in time, and clear."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.storage import concurrency
from function_app.storage.account import container
from function_app.storage.blobs import list_blobs, read_blob
from function_app.storage.concurrency import (
    ask,
    in_parallel,
    start,
    storage_time,
    wait_for,
)
from function_app.storage.errors import BlobMissing, StorageUnavailable
from tests.conftest import forget_settings
from tests.helpers.faulty_storage import FaultyStorage
from tests.helpers.waiting import wait_until

SECONDS, SLACK = 2, 1.5
"""STORAGE_SECONDS of these tests; and what a busy machine may add to it."""

PHOTO = np.random.default_rng(0).bytes(200_000)
REASONS = {
    "busy": "error",
    "error": "error",
    "forbidden": "no rights",
    "reset": "no answer",
    "truncate": "no answer",
    "trickle": "no answer",
    "hang": "no answer",
}


@pytest.fixture(scope="module")
def blobs(account: BlobServiceClient) -> Iterator[ContainerClient]:
    client = account.create_container("faulty")
    client.upload_blob("photo.png", PHOTO)
    yield client
    account.delete_container("faulty")


@pytest.fixture
def proxy(
    azurite_connection: str, service_environment: pytest.MonkeyPatch
) -> Iterator[FaultyStorage]:
    with FaultyStorage(azurite_connection) as proxy:
        service_environment.setenv("BLOB_CONNECTION_STRING", proxy.connection)
        service_environment.setenv("STORAGE_SECONDS", str(SECONDS))
        forget_settings()
        yield proxy


@pytest.fixture
def faulty(blobs: ContainerClient, proxy: FaultyStorage) -> ContainerClient:
    """The container as the service sees it, through the proxy."""
    return container(blobs.container_name)


def in_time(operation: Callable[[], object]) -> StorageUnavailable:
    """Return how an operation failed, which it must within the time that storage has."""
    start = time.monotonic()
    with pytest.raises(StorageUnavailable) as caught:
        operation()
    assert time.monotonic() - start < SECONDS + SLACK
    return caught.value


@pytest.mark.parametrize("fault", REASONS)
def test_a_fault_that_stays_is_told_in_time_and_passes(
    proxy: FaultyStorage, faulty: ContainerClient, fault: str
) -> None:
    proxy.fault(fault)
    error = in_time(lambda: read_blob(faulty, "photo.png"))
    assert error.reason == REASONS[fault]
    assert ("lacks rights" in str(error)) == (fault == "forbidden")
    proxy.heal()
    assert read_blob(faulty, "photo.png") == PHOTO


@pytest.mark.parametrize("fault", sorted({*REASONS, "delay"} - {"forbidden", "trickle"}))
def test_a_fault_that_passes_is_not_noticed(
    proxy: FaultyStorage, faulty: ContainerClient, fault: str
) -> None:
    proxy.fault(fault, times=1, seconds=60)
    assert read_blob(faulty, "photo.png") == PHOTO
    assert len(proxy.seen) == 2


def test_listings_keep_to_the_time_too(proxy: FaultyStorage, faulty: ContainerClient) -> None:
    def names() -> list[str]:
        return [blob.name for blob in list_blobs(faulty, "")]

    proxy.fault("trickle", "comp=list")
    in_time(names)
    proxy.heal()
    assert names() == ["photo.png"]


def test_what_is_missing_is_missing_at_once(proxy: FaultyStorage, faulty: ContainerClient) -> None:
    for client, name in ((faulty, "nothing.png"), (container("nowhere"), "photo.png")):
        with pytest.raises(BlobMissing):
            read_blob(client, name)
    assert len(proxy.seen) == 2, "what is missing is not tried again"


def test_operations_of_one_request_share_its_time(
    proxy: FaultyStorage, faulty: ContainerClient
) -> None:
    def read(times: int) -> None:
        for _ in range(times):
            assert read_blob(faulty, "photo.png") == PHOTO

    proxy.fault("delay", seconds=0.4)
    with storage_time(SECONDS):
        in_time(lambda: read(20))
    with storage_time(SECONDS):
        with storage_time(0.1):
            in_time(lambda: read(1))
        read(1)
        with storage_time(60):
            in_time(lambda: read(20))


def test_a_thing_that_never_ends_keeps_nothing_else_waiting(
    proxy: FaultyStorage, faulty: ContainerClient
) -> None:
    proxy.fault("trickle", "photo.png")
    with ThreadPoolExecutor(16) as pool:
        failing = [pool.submit(in_time, lambda: read_blob(faulty, "photo.png")) for _ in range(16)]
        assert ask(faulty.exists) is True
        assert not any(future.done() for future in failing)
        for future in failing:
            future.result()


def test_calls_that_never_end_hold_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    wait_until_no_call_is_under_way()  # of another test
    monkeypatch.setattr(concurrency, "_threads", threading.BoundedSemaphore(40))
    try:
        for _ in range(39):
            with storage_time(0.01), pytest.raises(StorageUnavailable, match="in time"):
                ask(over.wait)
        for _ in range(100):
            assert ask(lambda: "answer") == "answer"
        waiting = start(over.wait)
        with pytest.raises(StorageUnavailable, match="calls wait"):
            ask(lambda: "one too many")
    finally:
        over.set()
    assert wait_for(waiting)
    wait_until_no_call_is_under_way()


def wait_until_no_call_is_under_way() -> None:
    wait_until(lambda: "storage" not in [thread.name for thread in threading.enumerate()])


def test_many_items_are_worked_on_some_at_a_time() -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def work(item: int) -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1
        if item == 99:
            raise OSError("the last one")
        return -item

    assert in_parallel(work, range(40)) == [-item for item in range(40)]
    assert 1 < most[0] <= concurrency.PARALLEL
    with pytest.raises(OSError, match="the last one"):
        in_parallel(work, range(100))


def test_tasks_go_on_when_nobody_waits_any_longer() -> None:
    task = start(lambda: time.sleep(0.3) or 42)
    with storage_time(0.1), pytest.raises(StorageUnavailable):
        wait_for(task)
    assert wait_for(task) == 42
