"""Azurite of this folder's own, and stand-ins for the rest of Azure."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from infra import content, patience
from infra.azure_cli import AzureCli
from infra.outputs import Outputs
from infra.release import Inputs, Release
from local.seed import create_containers
from tests.conftest import PROJECT, SITE_STATE
from tests.helpers.background import in_background
from tests.helpers.storage import Accounts
from tests.infra.standins import KEY, OUTPUTS, StandInAz, StorageDoor


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure's minutes in fractions of a second."""
    monkeypatch.setattr(patience, "PAUSE", 0.01)
    monkeypatch.setattr(patience, "LONGEST", 5.0)


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandInAz:
    """The only `az` on PATH."""
    folder = tmp_path / "az folder"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    return StandInAz(folder)


@pytest.fixture(scope="session")
def data_connection(accounts: Accounts) -> str:
    """An account that only releases write to."""
    return accounts.new()


@pytest.fixture
def data_account(data_connection: str) -> Iterator[BlobServiceClient]:
    """The data account as the templates leave it: containers, and nothing in them."""
    with BlobServiceClient.from_connection_string(data_connection) as client:
        for container in list(client.list_containers()):
            client.delete_container(container)
        create_containers(client, ("models", "scenes", "predictions", "batches"))
        client.create_container("$web", public_access="blob")
        yield client


@pytest.fixture
def door(data_connection: str) -> Iterator[StorageDoor]:
    server = StorageDoor(endpoint(data_connection))
    with in_background(server):
        yield server


def endpoint(connection: str) -> str:
    """Blob endpoint of a connection string."""
    return dict(part.split("=", 1) for part in connection.split(";") if part)["BlobEndpoint"]


@pytest.fixture
def guarded(
    data_account: BlobServiceClient, door: StorageDoor, data_connection: str
) -> Iterator[BlobServiceClient]:
    """The same account, reached through the door."""
    del data_account
    through = data_connection.replace(f"http://{door.target}", door.url)
    with BlobServiceClient.from_connection_string(through, retry_total=0) as client:
        yield client


@pytest.fixture
def inputs(
    tmp_path: Path, synthetic_scenes: Path, built_site: Path, monkeypatch: pytest.MonkeyPatch
) -> Inputs:
    del built_site  # with it all that a build needs has been fetched
    monkeypatch.setattr(content, "SYNTHETIC", 3)
    state = tmp_path / "state"
    state.mkdir()
    (state / "site").symlink_to(SITE_STATE)
    (state / "scenes").symlink_to(synthetic_scenes)
    (tmp_path / "function_app.zip").write_bytes(b"code")
    (tmp_path / "explorer.zip").write_bytes(b"explorer")
    return Inputs(
        PROJECT, state, tmp_path / "function_app.zip", tmp_path / "explorer.zip",
        tmp_path / "site",
    )  # fmt: skip


@pytest.fixture
def known(az: StandInAz) -> StandInAz:
    """An az that knows the deployment."""
    for command, said in {
        "functionapp deploy": {"status": 4}, "webapp deploy": {"status": "RuntimeSuccessful"},
        "ad app show": [], "ad app update": None, "ad app federated-credential list": [],
        "ad app federated-credential create": None, "account show": "tenant-1",
        "webapp config appsettings list": KEY, "functionapp keys set": {"value": None},
        "functionapp keys list": KEY,
    }.items():  # fmt: skip
        az.answer(command, said)
    return az


@pytest.fixture
def run(inputs: Inputs, known: StandInAz, data_account: BlobServiceClient) -> Callable[..., None]:
    """Release into `to` what `files` names, these steps of it."""

    def run(*only: str, to: Outputs = OUTPUTS, files: Inputs = inputs, **options: Any) -> None:
        Release(to, files, AzureCli(), data_account).run(only, **options)

    return run
