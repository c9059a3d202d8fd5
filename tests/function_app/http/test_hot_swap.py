"""Activating and rolling back models while clients hammer the service: no request fails."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from function_app.vision.model_package import ModelRef
from tests.conftest import PROJECT
from tests.function_app.client import Client, encoded
from tests.function_app.services import ready_when, services
from training import registry

CLIENTS = 8


class Sample(NamedTuple):
    asked: str
    status: int
    model: str
    start: float
    end: float


@pytest.fixture
def models(account: BlobServiceClient) -> Iterator[ContainerClient]:
    yield account.create_container("hot-swap")
    account.delete_container("hot-swap")


def bundled(name: str) -> Path:
    return max((PROJECT / "models" / name).iterdir())


class Hammer:
    """Clients that predict without a pause, every fourth time with a model asked for by name."""

    def __init__(self, call: Client, named: list[ModelRef]) -> None:
        self._call, self._queries = call, ["", "", "", *(f"?model={ref}" for ref in named)]
        self._photo = encoded(Image.new("RGB", (64, 32)), "PNG")
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._stop = threading.Event()
        self.samples: list[Sample] = []

    def __enter__(self) -> "Hammer":
        self._clients = [self._pool.submit(self._hammer, first) for first in range(CLIENTS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for client in self._clients:
            client.result()
        self._pool.shutdown()

    def _hammer(self, first: int) -> None:
        for turn in count(first):
            if self._stop.is_set():
                return
            query = self._queries[turn % len(self._queries)]
            start = time.monotonic()
            reply = self._call(f"predict{query}", self._photo)
            model = reply.headers.get("X-Model", "")
            asked = query.removeprefix("?model=")
            self.samples.append(Sample(asked, reply.status, model, start, time.monotonic()))


def wait_until(call: Client, ref: ModelRef) -> dict[str, Any]:
    """Wait until health/ready says that this model serves."""
    return ready_when(call, lambda document: bool(document["model"] == str(ref)), 30)


def test_models_are_swapped_and_rolled_back_under_load(
    models: ContainerClient, azurite_connection: str, tmp_path: Path
) -> None:
    blobs = registry.BlobRegistry(models)
    names = ("lite0-fpn-fast-int8", "lite0-fpn-int8")
    first, second = (registry.publish(bundled(name), blobs).ref for name in names)
    registry.activate(first, blobs)
    swaps: list[tuple[ModelRef, float, float]] = []  # pointed to, followed

    with services(tmp_path) as start:
        call = start(
            BLOB_CONNECTION_STRING=azurite_connection,
            MODELS_CONTAINER=models.container_name,
            MODEL_REFRESH_SECONDS="1",
        )

        def follow(ref: ModelRef, move: Any, *args: Any) -> None:
            pointed = time.monotonic()
            move(*args)
            document = wait_until(call, ref)
            assert (document["status"], document["refused"]) == ("ready", None)
            swaps.append((ref, pointed, time.monotonic()))

        follow(first, lambda: None)
        with Hammer(call, [first, second]) as hammer:
            follow(second, registry.activate, second, blobs)
            follow(first, registry.activate, first, blobs)
            follow(second, registry.activate, second, blobs)
            follow(first, registry.rollback, blobs)
    samples = hammer.samples
    assert {sample.model for sample in samples} == {str(first), str(second)}
    assert {sample.status for sample in samples} == {200}
    assert all(sample.model == sample.asked for sample in samples if sample.asked)

    # A model may answer from the moment it is pointed to until its successor is followed.
    ends = [followed for _, _, followed in swaps[1:]] + [float("inf")]
    for sample in samples:
        if not sample.asked:
            assert any(
                sample.model == str(ref) and sample.start <= end and sample.end >= pointed
                for (ref, pointed, _), end in zip(swaps, ends, strict=True)
            ), sample
