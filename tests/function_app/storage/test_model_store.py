"""Models from Blob Storage: loaded once, swapped, and never swapped for a bad one."""

import dataclasses
import gc
import json
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.settings import settings
from function_app.storage import model_store
from function_app.storage.model_store import MAX_LOADED, ModelStore
from function_app.storage.published_models import (
    NoModel,
    Refused,
    UnknownModel,
    UnusableModel,
    list_packages,
)
from function_app.vision.model_package import ModelRef
from tests.conftest import forget_settings
from tests.helpers.faulty_storage import FaultyStorage
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


def activate(ref: ModelRef, models: ContainerClient) -> None:
    registry.activate(ref, registry.BlobRegistry(models))


def point(models: ContainerClient, *refs: ModelRef) -> None:
    """Write an active.json of these models, the active one first, as no one may have checked."""
    history = [{"name": ref.name, "version": ref.version, "since": None} for ref in refs]
    pointer = json.dumps({**history[0], "history": history})
    models.upload_blob("active.json", pointer, overwrite=True)


def damage(models: ContainerClient, ref: ModelRef) -> None:
    models.upload_blob(ref.prefix + "model.onnx", b"other bytes", overwrite=True)


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


def until(store: ModelStore, ref: ModelRef, refused: ModelRef | None) -> None:
    """Wait until this model serves and that one is refused; loading is done in the background."""

    def follows() -> bool:
        model, why = store.choice()
        return (model.manifest.ref, why and why.model) == (ref, refused)

    wait_until(follows)


def test_nothing_published(models: ContainerClient) -> None:
    assert list_packages() == ([], {})
    for ask in (ModelStore().choice, ModelStore().expected):
        with pytest.raises(NoModel, match="no model is published"):
            ask()


def test_a_model_is_loaded_once_by_many_threads(
    models: ContainerClient, publish: Publish, reads: list[ModelRef]
) -> None:
    ref = publish("1.0.0")
    activate(ref, models)
    store = ModelStore()
    assert store.expected() == ref
    assert reads == [], "not to say which one it is"
    with ThreadPoolExecutor(8) as pool:
        loaded = set(pool.map(lambda _: id(store.active()), range(16)))
    assert len(loaded) == 1
    assert reads == [ref]
    assert store.expected() == ref


@pytest.mark.usefixtures("impatient")
def test_a_moved_pointer_is_followed_and_rollback_is_moving_it_back(
    models: ContainerClient, publish: Publish
) -> None:
    first, second = publish("1.0.0"), publish("1.0.1")
    store = ModelStore()
    for ref in (first, second, first):
        activate(ref, models)
        until(store, ref, None)
        assert store.expected() == ref
        assert store.refused is None
    sizes = {ref: models.get_blob_client(f"{ref.prefix}model.onnx") for ref in (first, second)}
    assert {row.manifest.ref: row.size for row in store.packages()} == {
        ref: client.get_blob_properties().size for ref, client in sizes.items()
    }
    sizes[first].delete_blob()
    assert [row.size is None for row in list_packages()[0]] == [True, False]


DAMAGES = {
    "model bytes": "has sha256",
    "model missing": "model.onnx is missing",
    "manifest": "cannot be used",
    "package missing": "is not published",
    "pointer": "active.json cannot be used",
    "pointer missing": "no model is published and activated",
}


@pytest.mark.parametrize("damaged", DAMAGES)
@pytest.mark.usefixtures("impatient")
def test_a_bad_package_never_replaces_a_good_one(
    models: ContainerClient, publish: Publish, damaged: str
) -> None:
    good, bad = publish("1.0.0"), publish("1.0.1")
    activate(good, models)
    warm = ModelStore()
    until(warm, good, None)
    activate(bad, models)
    match damaged:
        case "model bytes":
            damage(models, bad)
        case "model missing":
            models.delete_blob(bad.prefix + "model.onnx")
        case "manifest":
            models.upload_blob(bad.prefix + "manifest.json", b"{}", overwrite=True)
        case "package missing":
            models.delete_blob(bad.prefix + "manifest.json")
        case "pointer":
            models.upload_blob("active.json", b"not json", overwrite=True)
        case "pointer missing":
            models.delete_blob("active.json")
    wait_until(lambda: warm.choice().refused)
    model, refused = warm.choice()
    assert refused is not None
    assert (model.manifest.ref, warm.expected()) == (good, good)
    assert DAMAGES[damaged] in refused.reason
    if "pointer" in damaged:
        assert refused.model is None
        with pytest.raises(NoModel, match=DAMAGES[damaged]):
            ModelStore().choice()
    else:
        cold, why = ModelStore().choice()
        assert cold.manifest.ref == good, "a cold instance serves the same"
        assert refused == why == Refused(bad, refused.reason)
    activate(good, models)
    until(warm, good, None)


def test_a_cold_instance_goes_back_until_a_model_can_be_used(
    models: ContainerClient, publish: Publish, reads: list[ModelRef]
) -> None:
    refs = oldest, older, newer, newest = [publish(f"1.0.{n}") for n in range(4)]
    point(models, newest, newer, newest, older, oldest)
    damage(models, newest)
    damage(models, newer)
    store = ModelStore()
    for _ in range(3):
        model, refused = store.choice()
        assert (model.manifest.ref, refused and refused.model) == (older, newest)
    assert reads == [newest, newer, older], "each once, and none behind the one that serves"
    assert refused is not None
    assert refused.reason.startswith("tiny:1.0.3: model.onnx has sha256")
    for ref in refs:
        damage(models, ref)
    with pytest.raises(NoModel, match=r"tiny:1\.0\.3: model.onnx has sha256"):
        ModelStore().choice()


GOOD, BAD = ({"name": "tiny", "version": f"1.0.{patch}"} for patch in (0, 1))
UNUSABLE = [None, 1, {"name": "tiny"}, {"name": "TINY", "version": "1.0.0"}, {"version": None}]


@pytest.mark.parametrize(
    ("pointer", "refused"),
    [
        *((GOOD | {"history": history}, "") for history in (None, "x", [1], {}, [{"name": "t"}])),
        (BAD | {"history": [*UNUSABLE, GOOD, *UNUSABLE]}, "tiny:1.0.1: model.onnx has sha256"),
        *(
            (active | {"history": [GOOD]}, "active.json cannot be used: ")
            for active in ({}, {"name": None, "version": "1.0.0"}, {"name": "TINY", "version": 1})
        ),
    ],
)
def test_entries_of_the_pointer_that_cannot_be_used_hide_no_good_one(
    models: ContainerClient, publish: Publish, pointer: dict[str, object], refused: str
) -> None:
    good, bad = publish("1.0.0"), publish("1.0.1")
    damage(models, bad)
    models.upload_blob("active.json", json.dumps(pointer))
    store = ModelStore()
    assert store.expected() == (bad if pointer.get("version") == bad.version else good)
    model, why = store.choice()
    assert model.manifest.ref == good
    assert bool(why) == bool(refused)
    assert (why.reason if why else "").startswith(refused)


def test_a_model_that_cannot_be_used_is_not_read_again_and_again(
    models: ContainerClient, publish: Publish, reads: list[ModelRef],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ref = publish("1.0.0")
    package = models.download_blob(ref.prefix + "model.onnx").readall()
    damage(models, ref)
    store = ModelStore()
    for _ in range(5):
        with pytest.raises(UnusableModel, match="has sha256"):
            store.get(ref)
    assert reads == [ref]
    models.upload_blob(ref.prefix + "model.onnx", package, overwrite=True)
    now = time.monotonic() + settings().model_refresh_seconds
    monkeypatch.setattr(model_store, "monotonic", lambda: now)
    assert store.get(ref).manifest.ref == ref


def test_what_is_not_published_is_told_from_what_cannot_be_loaded(
    models: ContainerClient, publish: Publish
) -> None:
    ref, store = publish("1.0.0"), ModelStore()
    other = ModelRef(ref.name, "7.0.0")
    with pytest.raises(UnknownModel, match=r"tiny:7\.0\.0 is not published"):
        store.get(other)
    for name in ("model.onnx", "manifest.json"):
        data = models.download_blob(ref.prefix + name).readall()
        models.upload_blob(other.prefix + name, data)
    with pytest.raises(UnusableModel, match=r"holds the manifest of tiny:1\.0\.0"):
        store.get(other)


def test_a_manifest_is_looked_up_where_the_list_has_none(
    models: ContainerClient, publish: Publish, reads: list[ModelRef]
) -> None:
    store, ref = ModelStore(), ModelRef("tiny", "1.0.0")
    with pytest.raises(UnknownModel, match=r"tiny:1\.0\.0 is not published"):
        store.manifest(ref)
    publish("1.0.0")
    assert store.manifest(ref).ref == ref
    document = models.download_blob(ref.prefix + "manifest.json").readall()
    other, old = ModelRef("tiny", "2.0.0"), ModelRef("tiny", "0.9.0")
    models.upload_blob(other.prefix + "manifest.json", document)
    models.upload_blob(old.prefix + "manifest.json", b'{"schema": 1}')
    for bad, reason in ((other, "holds the manifest of"), (old, "schema 1 is not 2")):
        with pytest.raises(UnusableModel, match=reason):
            store.manifest(bad)
    assert reads == [], "no model is loaded for it"


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


def test_few_models_are_kept_and_the_active_one_always(
    models: ContainerClient, publish: Publish
) -> None:
    first = publish("1.0.0")
    activate(first, models)
    store = ModelStore()
    active = store.active()
    others = [publish(f"1.1.{patch}") for patch in range(MAX_LOADED + 1)]
    loaded = []
    for kept in ([True], [True, True], [False, True, True], [False, False, True, True]):
        loaded.append(weakref.ref(store.get(others[len(loaded)])))
        gc.collect()
        assert [other() is not None for other in loaded] == kept
    assert store.get(first) is active


def test_a_slow_model_keeps_nobody_waiting_who_asks_for_another(
    publish: Publish, azurite_connection: str,
    service_environment: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    slow, quick = publish("1.0.0"), publish("1.0.1")
    with FaultyStorage(azurite_connection) as proxy, ThreadPoolExecutor(4) as pool:
        service_environment.setenv("BLOB_CONNECTION_STRING", proxy.connection)
        forget_settings()
        proxy.fault("hang", f"{slow.prefix}model.onnx")
        store = ModelStore()
        waiting = [pool.submit(store.get, slow) for _ in range(3)]
        assert store.get(quick).manifest.ref == quick
        assert not any(future.done() for future in waiting)
        proxy.heal()
        assert len({id(future.result()) for future in waiting}) == 1
