"""Models from Blob Storage: loaded once, swapped, kept or dropped."""

import gc
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.storage.blob import ContainerClient

from function_app.settings import settings
from function_app.storage import model_store
from function_app.storage.model_store import MAX_LOADED, ModelStore
from function_app.storage.published_models import UnusableModel
from function_app.vision.model_package import ModelRef
from tests.conftest import forget_settings
from tests.function_app.storage.conftest import Publish, activate, damage, wait_for
from tests.helpers.faulty_storage import FaultyStorage


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
        wait_for(store, ref)
        assert store.expected() == ref


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
