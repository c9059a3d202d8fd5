"""The real service for measurements: Azurite with the bundled models, and the local host."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from azure.storage.blob import BlobServiceClient
from future_vision_batches import BatchClient

from bench.record import PROJECT
from local import azurite
from local.processes import Children, free_port
from local.seed import create_containers, seed_models, seed_scenes
from local.service import start_api, wait_for_api
from synthetic import write_dataset

AZURITE = PROJECT / ".local" / "azurite"


class Service(NamedTuple):
    """A running service: its port on loopback, and the id of its process."""

    port: int
    pid: int

    @property
    def api(self) -> BatchClient:
        """A client of the service; a request may take an hour."""
        return BatchClient(f"http://127.0.0.1:{self.port}", "", timeout=3600, retries=0)


@contextmanager
def seeded_storage() -> Iterator[str]:
    """Run Azurite with the bundled models published; gives its connection string."""
    azurite.install(AZURITE)
    with (
        tempfile.TemporaryDirectory() as state,
        azurite.running(AZURITE, Path(state)) as connection,
    ):
        seed_storage(connection)
        yield connection


def seed_storage(connection: str) -> None:
    """Make the containers, and publish the bundled models."""
    with BlobServiceClient.from_connection_string(connection) as account:
        create_containers(account, ("models", "scenes", "predictions", "batches"))
        seed_models(PROJECT / "models", account.get_container_client("models"))


def seed_drawn(
    connection: str, folder: Path, count: int, size: tuple[int, int] = (1024, 512)
) -> list[str]:
    """Upload so many synthetic scenes, drawn into `folder` where they are missing; their ids."""
    write_dataset(folder, count, size=size)
    with BlobServiceClient.from_connection_string(connection) as account:
        scenes = account.get_container_client("scenes")
        return seed_scenes(folder, count, scenes, lambda *_: None)


@contextmanager
def serving_scenes(count: int) -> Iterator[Service]:
    """Run the service with so many synthetic scenes, over a storage of its own."""
    with tempfile.TemporaryDirectory() as folder, seeded_storage() as connection:
        seed_drawn(connection, Path(folder), count)
        with running_service(connection) as service:
            yield service


@contextmanager
def running_service(connection: str) -> Iterator[Service]:
    """Run `python -m local host` over that storage until the block ends."""
    port = free_port()
    with tempfile.TemporaryDirectory() as state, Children(Path(state)) as children:
        api = start_api(children, port, connection)
        wait_for_api(children, api)
        yield Service(port, api.pid)
