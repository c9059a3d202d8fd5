"""What is told of models that are published, or are not, or cannot be used."""

import threading

import pytest
from azure.storage.blob import ContainerClient

from function_app.storage import model_store
from function_app.storage.model_store import ModelStore
from function_app.storage.published_models import (
    NoModel,
    UnknownModel,
    UnusableModel,
    list_packages,
)
from function_app.vision.model_package import ModelRef
from tests.function_app.storage.conftest import Publish


def test_nothing_published(models: ContainerClient) -> None:
    assert list_packages() == ([], {})
    for ask in (ModelStore().choice, ModelStore().expected):
        with pytest.raises(NoModel, match="no model is published"):
            ask()


def test_packages_say_how_large_their_models_are(models: ContainerClient, publish: Publish) -> None:
    blobs = {ref: models.get_blob_client(f"{ref.prefix}model.onnx")
             for ref in (publish("1.0.0"), publish("1.0.1"))}  # fmt: skip
    sizes = {ref: blob.get_blob_properties().size for ref, blob in blobs.items()}
    assert {row.manifest.ref: row.size for row in ModelStore().packages()} == sizes
    next(iter(blobs.values())).delete_blob()
    assert [row.size is None for row in list_packages()[0]] == [True, False]


def test_what_is_not_published_is_told_from_what_cannot_be_used(
    models: ContainerClient, publish: Publish, reads: list[ModelRef]
) -> None:
    store, ref = ModelStore(), ModelRef("tiny", "1.0.0")
    for ask in (store.manifest, store.get):
        with pytest.raises(UnknownModel, match=r"tiny:1\.0\.0 is not published"):
            ask(ref)
    publish("1.0.0")
    assert store.manifest(ref).ref == ref, "looked up where the list has none"
    other, old = ModelRef("tiny", "2.0.0"), ModelRef("tiny", "0.9.0")
    for name in ("model.onnx", "manifest.json"):
        data = models.download_blob(ref.prefix + name).readall()
        models.upload_blob(other.prefix + name, data)
    models.upload_blob(old.prefix + "manifest.json", b'{"schema": 1}')
    models.upload_blob(old.prefix + "model.onnx", b"old")
    reads.clear()
    for ask, loaded in ((store.manifest, []), (store.get, [other, old])):
        with pytest.raises(UnusableModel, match=r"holds the manifest of tiny:1\.0\.0"):
            ask(other)
        with pytest.raises(UnusableModel, match="schema 1 is not 2"):
            ask(old)
        assert reads == loaded, "no model is loaded for its manifest"


def test_a_manifest_that_is_left_out_is_logged_once_and_by_a_thread_that_asks(
    models: ContainerClient, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    ref, store = publish("1.0.0"), ModelStore()
    models.upload_blob("tiny/0.9.0/manifest.json", b'{"schema": 1}')
    for _ in range(3):
        assert [row.manifest.ref for row in store.packages()] == [ref]
    (record,) = [r for r in caplog.records if r.name == model_store.__name__]
    assert record.getMessage().startswith(
        "tiny/0.9.0/manifest.json is left out: manifest schema 1 is not 2"
    )
    assert record.thread == threading.get_ident(), "Azure drops what other threads log"
