"""Models from Blob Storage: loaded once, swapped, and never swapped for a bad one."""

import dataclasses
import gc
import hashlib
import json
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from onnx import TensorProto

from function_app.storage.model_store import MAX_LOADED, ModelStore, NoModel, list_manifests
from function_app.vision.model_package import Manifest, ModelRef
from tests.conftest import PROJECT, forget_settings
from tests.helpers.faulty_storage import FaultyStorage
from tests.helpers.packages import onnx_model
from training import registry

pytestmark = pytest.mark.azurite
INPUT = (256, 512)


def publish(package: Path, models: ContainerClient) -> ModelRef:
    return registry.publish(package, registry.BlobRegistry(models)).ref


def activate(ref: ModelRef, models: ContainerClient) -> None:
    registry.activate(ref, registry.BlobRegistry(models))


@pytest.fixture
def models(
    account: BlobServiceClient, service_environment: pytest.MonkeyPatch
) -> Iterator[ContainerClient]:
    """An empty models container, which the service's settings point to."""
    service_environment.setenv("MODELS_CONTAINER", "store-test")
    yield account.create_container("store-test")
    account.delete_container("store-test")


@pytest.fixture
def versions(tmp_path: Path) -> list[Path]:
    """A small bundled model packaged as versions 1.0.0 and 1.0.1."""
    package = max((PROJECT / "models/lite0-fpn-int8").iterdir())
    folders = []
    for version in ("1.0.0", "1.0.1"):
        folder = tmp_path / version
        folder.mkdir()
        document = json.loads((package / "manifest.json").read_bytes())
        (folder / "manifest.json").write_text(json.dumps({**document, "version": version}))
        (folder / "model.onnx").write_bytes((package / "model.onnx").read_bytes())
        folders.append(folder)
    return folders


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store that looks for a newer model on every call."""
    clock = iter(range(0, 10**6, 100))
    monkeypatch.setattr("function_app.storage.refreshed.monotonic", clock.__next__)
    return ModelStore()


def served_by(store: ModelStore, ref: ModelRef) -> bool:
    """Whether the store follows the pointer to this model, which it loads in the background."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if store.active().manifest.ref == ref:
            return True
        time.sleep(0.05)
    return False


def test_nothing_published(models: ContainerClient) -> None:
    assert list_manifests() == []
    with pytest.raises(NoModel, match="no model is published"):
        ModelStore().active()


def test_model_is_loaded_once_by_many_threads(
    models: ContainerClient, versions: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "function_app.storage.model_store")
    activate(publish(versions[0], models), models)
    store = ModelStore()
    with ThreadPoolExecutor(8) as pool:
        loaded = set(pool.map(lambda _: id(store.active()), range(16)))
    assert len(loaded) == 1
    assert caplog.text.count("loaded model") == 1


def test_a_moved_pointer_is_followed_and_rollback_is_moving_it_back(
    models: ContainerClient, versions: list[Path], store: ModelStore
) -> None:
    first, second = (publish(folder, models) for folder in versions)
    for ref in (first, second, first):
        activate(ref, models)
        assert served_by(store, ref)
        assert store.refused is None
    assert [m.ref for m in list_manifests()] == [first, second]
    assert store.active_ref() == first
    assert store.manifests() == list_manifests()


DAMAGES = {
    "model bytes": "has sha256",
    "model missing": "is not published",
    "manifest": "cannot be used",
    "pointer": "active.json cannot be used",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_bad_package_never_replaces_a_good_one(
    models: ContainerClient, versions: list[Path], store: ModelStore, damage: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    good = publish(versions[0], models)
    activate(good, models)
    assert store.active().manifest.ref == good
    bad = publish(versions[1], models)
    activate(bad, models)
    match damage:
        case "model bytes":
            models.upload_blob(bad.prefix + "model.onnx", b"other bytes", overwrite=True)
        case "model missing":
            models.delete_blob(bad.prefix + "model.onnx")
        case "manifest":
            models.upload_blob(bad.prefix + "manifest.json", b"{}", overwrite=True)
        case "pointer":
            models.upload_blob("active.json", b"not json", overwrite=True)
    deadline = time.monotonic() + 20
    while store.refused is None and time.monotonic() < deadline:
        assert store.active().manifest.ref == good
    assert store.refused is not None
    assert DAMAGES[damage] in store.refused.reason
    assert store.refused.model == (None if damage == "pointer" else bad)
    store.active()
    assert "staying with what there is" in caplog.text
    activate(good, models)
    assert served_by(store, good)
    deadline = time.monotonic() + 20
    while store.refused and time.monotonic() < deadline:
        store.active()
    assert store.refused is None


def test_a_package_under_another_name_is_refused(
    models: ContainerClient, versions: list[Path]
) -> None:
    ref = publish(versions[0], models)
    for name in ("model.onnx", "manifest.json"):
        data = models.download_blob(ref.prefix + name).readall()
        models.upload_blob(f"{ref.name}/7.0.0/{name}", data)
    with pytest.raises(NoModel, match=r"holds the manifest of lite0-fpn-int8:1\.0\.0"):
        ModelStore().get(ModelRef(ref.name, "7.0.0"))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (b"no onnx", "cannot be loaded"),
        (onnx_model(0, INPUT, TensorProto.INT64), "tensors"),
        (onnx_model(0, INPUT, fails=True), "cannot be loaded"),
    ],
    ids=["no onnx", "wrong types", "fails when run"],
)
def test_a_verified_file_that_cannot_serve_is_refused(
    models: ContainerClient, versions: list[Path], model: bytes, message: str
) -> None:
    path = versions[0] / "manifest.json"
    manifest = Manifest.from_json(path.read_bytes())
    sha256 = hashlib.sha256(model).hexdigest()
    path.write_bytes(dataclasses.replace(manifest, sha256=sha256).to_json())
    (versions[0] / "model.onnx").write_bytes(model)
    ref = publish(versions[0], models)
    # `activate` would not do this.
    models.upload_blob("active.json", json.dumps({"name": ref.name, "version": ref.version}))
    with pytest.raises(NoModel, match=message):
        ModelStore().active()


def test_few_models_are_kept_and_the_active_one_always(
    models: ContainerClient, versions: list[Path], tmp_path: Path
) -> None:
    first = publish(versions[0], models)
    activate(first, models)
    store = ModelStore()
    active = store.active()
    others = [ModelRef(first.name, f"1.1.{patch}") for patch in range(MAX_LOADED + 1)]
    document = json.loads((versions[0] / "manifest.json").read_bytes())
    for ref in others:
        manifest = json.dumps({**document, "version": ref.version})
        models.upload_blob(ref.prefix + "manifest.json", manifest)
        models.upload_blob(ref.prefix + "model.onnx", (versions[0] / "model.onnx").read_bytes())
    loaded = []
    for kept in ([True], [True, True], [False, True, True], [False, False, True, True]):
        loaded.append(weakref.ref(store.get(others[len(loaded)])))
        gc.collect()
        assert [other() is not None for other in loaded] == kept
    assert store.get(first) is active


def test_a_slow_model_keeps_nobody_waiting_who_asks_for_another(
    models: ContainerClient, versions: list[Path], azurite_connection: str,
    service_environment: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    slow, quick = (publish(folder, models) for folder in versions)
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
