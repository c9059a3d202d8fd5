"""What only storage accounts do: missing containers, refused credentials, upload in blocks."""

import re
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.vision.model_package import ModelRef
from tests.helpers.packages import write_package
from training.registry import (
    BlobRegistry,
    RegistryError,
    activate,
    list_packages,
    publish,
    rollback,
)


def test_a_missing_container_is_named_with_its_account(
    account: BlobServiceClient, tmp_path: Path
) -> None:
    registry = BlobRegistry(account.get_container_client("none"))
    message = r"account account\d+ has no container 'none'"
    with pytest.raises(RegistryError, match=message):
        publish(write_package(tmp_path, "a:1.0.0"), registry)
    with pytest.raises(RegistryError, match=message):
        activate(ModelRef("a", "1.0.0"), registry)
    for operation in (list_packages, rollback):
        with pytest.raises(RegistryError, match=message):
            operation(registry)
    with pytest.raises(RegistryError, match=message):
        registry.write("active.json", b"", None)


def test_a_wrong_key_is_named_with_the_account(
    azurite_connection: str, blobs: ContainerClient
) -> None:
    connection = re.sub("AccountKey=[^;]*", "AccountKey=d3Jvbmc=", azurite_connection)
    client = BlobServiceClient.from_connection_string(connection)
    registry = BlobRegistry(client.get_container_client(blobs.container_name))
    with pytest.raises(RegistryError, match=r"account\d+/registry-test refuses this login"):
        list_packages(registry)
    with pytest.raises(RegistryError, match="refuses this login or key"):
        rollback(registry)


def test_a_server_that_is_not_there_is_named() -> None:
    client = ContainerClient(
        "http://127.0.0.1:9/nobody", "models", credential="a2V5", retry_total=0
    )
    with pytest.raises(RegistryError, match=re.escape("http://127.0.0.1:9/nobody/models: ")):
        list_packages(BlobRegistry(client))


def test_a_signature_in_the_address_is_not_shown() -> None:
    client = ContainerClient("https://a.blob.core.windows.net?sig=secret", "models")
    assert str(BlobRegistry(client)) == "https://a.blob.core.windows.net/models"


def test_a_big_model_goes_in_blocks_and_shows_progress(
    azurite_connection: str, blobs: ContainerClient, tmp_path: Path
) -> None:
    account = BlobServiceClient.from_connection_string(
        azurite_connection, max_single_put_size=64, max_block_size=64
    )
    container = account.get_container_client(blobs.container_name)
    package = write_package(tmp_path, "a:1.0.0")
    size = (package / "model.onnx").stat().st_size
    seen: list[tuple[int, int]] = []
    publish(package, BlobRegistry(container), lambda *progress: seen.append(progress))
    model = seen[: seen.index((size, size)) + 1]
    assert [done for done, _ in model] == [*range(64, size, 64), size]
    assert {total for _, total in model} == {size}
    assert list_packages(BlobRegistry(blobs), verify=True)[0].state == "published"
