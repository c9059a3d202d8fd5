"""Tokens for an API behind Microsoft Entra ID: on App Service of its managed identity."""

import logging
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from future_vision import ApiError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

TIMEOUT_S = 10
"""Seconds that the token service has to answer; it is asked again once."""


def audience() -> str:
    """Return for whom the API wants tokens, such as api://...; empty where it wants none."""
    return os.environ.get("API_AUDIENCE", "").strip()


def token() -> str:
    """Return a valid token for the API; azure-identity keeps it, and renews it in time.

    Raises:
        ApiError: there is none; `status` is None, as for an API that cannot be reached.
    """
    from azure.core.exceptions import AzureError  # a browser's Python has none of it

    try:
        return credential().get_token(f"{audience()}/.default").token
    except (AzureError, ValueError) as error:  # names the tenant: for the log, not for visitors
        logging.getLogger(__name__).warning("No token for %s: %s", audience(), error)
        raise ApiError(
            "The API cannot be reached: the explorer gets no access token for it.", type="no-token"
        ) from error


@cache
def credential() -> "TokenCredential":
    """Return who the explorer is: on App Service its managed identity, elsewhere the developer."""
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

    waits: dict[str, Any] = {
        "connection_timeout": TIMEOUT_S,
        "read_timeout": TIMEOUT_S,
        "retry_total": 1,
    }
    if "IDENTITY_ENDPOINT" in os.environ:
        return ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID"), **waits)
    return DefaultAzureCredential(**waits)
