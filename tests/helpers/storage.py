"""Storage for tests: one Azurite for each test process, with an account for each purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from azure.storage.blob import BlobServiceClient, ContainerClient

from local import azurite
from local.seed import create_containers, seed_models, seed_scenes

PROJECT = Path(__file__).parents[2]
CONTAINERS = ("models", "scenes", "predictions", "batches")
ACCOUNTS = 32
SCENES = 6
"""Synthetic scenes in a seeded account."""


class Accounts:
    """Hands out the emulator's accounts, which share nothing: neither containers nor queues."""

    def __init__(self, connection: str) -> None:
        self._connection, self._numbers = connection, count()

    def new(self) -> str:
        """Return the connection string of an account that is still empty."""
        number = next(self._numbers)
        assert number < ACCOUNTS, "raise tests.helpers.storage.ACCOUNTS"
        return self._connection.replace(azurite.ACCOUNT, _name(number))


def _name(number: int) -> str:
    return f"account{number}"


@contextmanager
def emulator(folder: Path, state: Path) -> Iterator[Accounts]:
    """Run Azurite until the block ends.

    Args:
        folder: where it is installed.
        state: folder for what it keeps, and logs.
    """
    names = ";".join(f"{_name(number)}:{azurite.KEY}" for number in range(ACCOUNTS))
    with azurite.running(folder, state, AZURITE_ACCOUNTS=names) as connection:
        yield Accounts(connection)


def seed(account: BlobServiceClient, scenes: Path) -> BlobServiceClient:
    """Upload the bundled models, the default one active, and the scenes of a Cityscapes folder."""
    create_containers(account, CONTAINERS)
    seed_models(PROJECT / "models", account.get_container_client("models"))
    seed_scenes(scenes, SCENES, account.get_container_client("scenes"), lambda *_: None)
    return account


@contextmanager
def uploaded(container: ContainerClient, *names: str, data: bytes = b"-") -> Iterator[None]:
    """Have blobs of these names in a container until the block ends."""
    for name in names:
        container.upload_blob(name, data)
    try:
        yield
    finally:
        for name in names:
            container.delete_blob(name)
