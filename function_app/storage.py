"""Blob Storage: clients, and the two ways in which it can disappoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from function_app.settings import settings

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient, ContainerClient

# The Azure SDK is imported inside functions: a cold start would notice it, which liveness, the
# category table and requests that are refused anyway do not have to pay.

# A dead account is noticed within seconds, after three tries. The SDK's own
# defaults would let a request wait for minutes.
PATIENCE: dict[str, Any] = {
    "connection_timeout": 3,
    "read_timeout": 20,
    "retry_total": 2,
    "initial_backoff": 1,
    "increment_base": 2,
    "random_jitter_range": 1,
}


class StorageError(Exception):
    """Storage did not do what was asked."""


class BlobMissing(StorageError):
    """There is no such blob or container."""


class StorageUnavailable(StorageError):
    """Storage cannot be reached, refuses, or is not configured."""


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the SDK's exceptions into `BlobMissing` and `StorageUnavailable`."""
    from azure.core.exceptions import AzureError, ResourceNotFoundError

    try:
        yield
    except ResourceNotFoundError as error:
        raise BlobMissing(error.reason or "not found") from error
    except AzureError as error:
        summary = str(error).partition("\n")[0]
        raise StorageUnavailable(f"{type(error).__name__}: {summary}") from error


def container(name: str) -> ContainerClient:
    """Return the client of a container of the configured account; nothing is sent yet.

    Raises:
        StorageUnavailable: no account is configured.
    """
    return _account().get_container_client(name)


def read_blob(client: ContainerClient, name: str) -> bytes:
    """Return a blob's bytes.

    Raises:
        BlobMissing, StorageUnavailable: see there.
    """
    with storage_errors():
        data: bytes = client.download_blob(name).readall()
    return data


@cache
def _account() -> BlobServiceClient:
    from azure.storage.blob import BlobServiceClient

    if settings().blob_connection_string:
        return BlobServiceClient.from_connection_string(
            settings().blob_connection_string, **PATIENCE
        )
    if not settings().blob_service_url:
        raise StorageUnavailable("neither BLOB_SERVICE_URL nor BLOB_CONNECTION_STRING is set")
    return BlobServiceClient(settings().blob_service_url, credential=_credential(), **PATIENCE)


def _credential() -> Any:
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()
