"""The configured storage account, and who the service is there."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from function_app.settings import settings
from function_app.storage.errors import StorageUnavailable, patience

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient, ContainerClient


def container(name: str) -> ContainerClient:
    """Return the client of a container of the configured account; nothing is sent yet.

    Raises:
        StorageUnavailable: no account is configured.
    """
    return account().get_container_client(name)


@cache
def account() -> BlobServiceClient:
    """Return the client of the configured account, one for the process; nothing is sent yet.

    Raises:
        StorageUnavailable: no account is configured.
    """
    from azure.storage.blob import BlobServiceClient

    options = patience(settings().storage_seconds)
    if connection := settings().blob_connection_string:
        try:
            return BlobServiceClient.from_connection_string(connection, **options)
        except ValueError:  # whose text may hold the key
            raise StorageUnavailable(
                "BLOB_CONNECTION_STRING is no connection string", "not configured"
            ) from None
    if not settings().blob_service_url:
        raise StorageUnavailable(
            "neither BLOB_SERVICE_URL nor BLOB_CONNECTION_STRING is set", "not configured"
        )
    return BlobServiceClient(settings().blob_service_url, credential=credential(), **options)


def credential() -> Any:
    """Return who the service is: in Azure its managed identity, elsewhere the developer."""
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    if "IDENTITY_ENDPOINT" in os.environ:
        # In Azure there is one way to log in. The chain of all ways would answer a hiccup of it
        # by looking for developers' tools, and report those.
        return ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID"))
    return DefaultAzureCredential()
