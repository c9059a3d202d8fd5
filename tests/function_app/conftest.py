"""The running service, and a photo for it."""

from pathlib import Path

import pytest

from tests.function_app.client import FRAME, Client


@pytest.fixture(scope="module")
def call(service_url: str) -> Client:
    return Client(service_url)


@pytest.fixture(scope="module")
def photo(synthetic_scenes: Path) -> bytes:
    return next(synthetic_scenes.glob(f"leftImg8bit/val/*/{FRAME}*")).read_bytes()


@pytest.fixture(scope="module")
def other_model(call: Client) -> str:
    """A published model that is not active."""
    other = next(m for m in call("models").json["models"] if not m["active"])
    return f"{other['name']}:{other['version']}"
