"""An empty models container, and packages to publish in it."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.settings import settings
from function_app.storage import model_store
from function_app.vision.model_package import ModelRef
from tests.helpers.packages import write_package
from tests.helpers.waiting import wait_until
from training import registry

Publish = Callable[[str], ModelRef]


@pytest.fixture
def models(
    account: BlobServiceClient, service_environment: pytest.MonkeyPatch
) -> Iterator[ContainerClient]:
    """An empty models container, which the service's settings point to."""
    service_environment.setenv("MODELS_CONTAINER", "store-test")
    yield account.create_container("store-test")
    account.delete_container("store-test")


@pytest.fixture
def publish(models: ContainerClient, tmp_path: Path) -> Publish:
    """Publish a tiny package under this version of "tiny"."""

    def publish(version: str) -> ModelRef:
        package = write_package(tmp_path, f"tiny:{version}")
        return registry.publish(package, registry.BlobRegistry(models)).ref

    return publish


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Knowledge of storage is outdated at once."""
    monkeypatch.setattr(
        model_store, "settings", lambda: dataclasses.replace(settings(), model_refresh_seconds=0)
    )


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[ModelRef]:
    """The models that are downloaded."""
    read_model, seen = model_store.read_model, list[ModelRef]()

    def noted(ref: ModelRef) -> object:
        seen.append(ref)
        return read_model(ref)

    monkeypatch.setattr(model_store, "read_model", noted)
    return seen


def activate(ref: ModelRef, models: ContainerClient) -> None:
    registry.activate(ref, registry.BlobRegistry(models))


def damage(models: ContainerClient, ref: ModelRef) -> None:
    models.upload_blob(ref.prefix + "model.onnx", b"other bytes", overwrite=True)


def wait_for(store: model_store.ModelStore, ref: ModelRef) -> None:
    """Wait until this model serves and none is refused; loading is done in the background."""
    wait_until(lambda: store.choice().model.manifest.ref == ref and not store.refused)
