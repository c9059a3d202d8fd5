"""The storage account: which one, and as whom."""

import json
from urllib.parse import unquote

import pytest
from azure.identity import ManagedIdentityCredential

from function_app.storage.account import container, credential
from function_app.storage.errors import StorageUnavailable
from tests.conftest import forget_settings
from tests.helpers.background import in_background
from tests.helpers.proxy import Answer, Proxy, Request


def test_a_connection_string_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLOB_CONNECTION_STRING", "AccountKey=c2VjcmV0")
    forget_settings()
    with pytest.raises(StorageUnavailable, match="no connection string") as raised:
        container("models")
    assert raised.value.reason == "not configured"
    assert raised.value.__cause__ is None
    forget_settings()


def test_in_azure_the_managed_identity_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The identity endpoint of App Service, as its documentation describes it."""
    asked: list[Request] = []

    class Endpoint(Proxy):
        def answer(self, request: Request) -> Answer:
            asked.append(request)
            token = {"access_token": "t", "expires_on": "4102444800", "token_type": "Bearer"}
            return Answer(200, {"content-type": "application/json"}, json.dumps(token).encode())

    server = Endpoint("")
    with in_background(server):
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/token")
        monkeypatch.setenv("IDENTITY_HEADER", "secret")
        monkeypatch.setenv("AZURE_CLIENT_ID", "the-service")
        identity = credential()
        # The chain of all ways would hide a hiccup behind those of developers.
        assert isinstance(identity, ManagedIdentityCredential)
        token = identity.get_token("https://storage.azure.com/.default")
    assert token.token == "t"  # noqa: S105
    assert asked[0].headers["x-identity-header"] == "secret"
    for part in ("resource=https://storage.azure.com", "client_id=the-service"):
        assert part in unquote(asked[0].path)
