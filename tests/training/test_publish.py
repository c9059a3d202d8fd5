"""Publishing and activating against Azurite."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.model_package import ModelRef, PackageError
from training.publish import ActivationConflict, activate, publish

pytestmark = pytest.mark.azurite


@pytest.fixture
def models(account: BlobServiceClient) -> Iterator[ContainerClient]:
    yield account.create_container("publish-test")
    account.delete_container("publish-test")


@pytest.fixture
def copy(package: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(package, tmp_path / "package"))


def test_publish_twice_is_publish_once(models: ContainerClient, copy: Path) -> None:
    ref = publish(copy, models)
    etags = {b.name: b.etag for b in models.list_blobs()}
    assert set(etags) == {ref.prefix + "manifest.json", ref.prefix + "model.onnx"}
    assert publish(copy, models) == ref
    assert {b.name: b.etag for b in models.list_blobs()} == etags


def test_versions_are_immutable(models: ContainerClient, copy: Path) -> None:
    publish(copy, models)
    document = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**document, "license": "other"}))
    with pytest.raises(PackageError, match="immutable"):
        publish(copy, models)


@pytest.mark.parametrize("file", ["model.onnx", "manifest.json"])
def test_incomplete_package_is_refused_before_anything_is_sent(
    models: ContainerClient, copy: Path, file: str
) -> None:
    (copy / file).unlink()
    with pytest.raises(PackageError, match=re.escape(file)):
        publish(copy, models)
    assert list(models.list_blobs()) == []


def test_altered_model_is_refused(models: ContainerClient, copy: Path) -> None:
    with (copy / "model.onnx").open("ab") as file:
        file.write(b"!")
    with pytest.raises(PackageError, match="sha256"):
        publish(copy, models)
    assert list(models.list_blobs()) == []


def test_activate_needs_a_published_version(models: ContainerClient) -> None:
    with pytest.raises(PackageError, match=r"x:1\.0\.0 is not published"):
        activate(ModelRef("x", "1.0.0"), models)


def test_activation_gives_way_to_another_one(
    models: ContainerClient, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = publish(copy, models)
    models.upload_blob("active.json", json.dumps({"name": "a", "version": "1.0.0"}))
    pointer = models.get_blob_client("active.json")
    download = pointer.download_blob

    def download_then_somebody_moves_it() -> object:
        current = download()
        models.upload_blob("active.json", b'{"name": "b", "version": "2.0.0"}', overwrite=True)
        return current

    monkeypatch.setattr(pointer, "download_blob", download_then_somebody_moves_it)
    get = models.get_blob_client
    monkeypatch.setattr(
        models, "get_blob_client", lambda name: pointer if name == "active.json" else get(name)
    )
    with pytest.raises(ActivationConflict):
        activate(ref, models)
    assert json.loads(download().readall())["name"] == "b"
