"""Models and scenes into Azurite, repeated, interrupted, and refused for a while."""

from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.vision.model_package import ModelRef
from infra import content
from infra.content import has_own_scenes, publish_models, upload_scenes, upload_synthetic
from infra.errors import ReleaseError
from infra.patience import with_rights
from tests.helpers.packages import write_package
from tests.infra.standins import StorageDoor
from training.data import DataError
from training.registry import (
    BlobRegistry,
    FolderRegistry,
    RegistryError,
    VersionTaken,
    activate,
    publish,
    read_pointer,
)


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    """Two packages, the second one active."""
    folder = FolderRegistry(tmp_path / "models")
    for ref in ("a:1.0.0", "b:1.0.0"):
        publish(write_package(tmp_path / "made", ref), folder)
    activate(ModelRef("b", "1.0.0"), folder)
    return tmp_path / "models"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "SYNTHETIC", 3)


def state(container: ContainerClient) -> dict[str, str]:
    return {blob.name: blob.etag for blob in container.list_blobs()}


def test_models_are_published_once_and_one_is_active(
    data_account: BlobServiceClient, bundled: Path
) -> None:
    models = data_account.get_container_client("models")
    assert publish_models(bundled, models) == "2 new, b:1.0.0 is active"
    before = state(models)
    assert len(before) == 5
    assert publish_models(bundled, models) == "nothing new, b:1.0.0 stays active"
    assert state(models) == before


def test_what_people_activated_stays_active(data_account: BlobServiceClient, bundled: Path) -> None:
    models = data_account.get_container_client("models")
    registry = BlobRegistry(models)
    publish(bundled / "a/1.0.0", registry)
    activate(ModelRef("a", "1.0.0"), registry)
    assert publish_models(bundled, models) == "1 new, a:1.0.0 stays active"
    pointer = read_pointer(registry)
    assert pointer
    assert str(pointer.ref) == "a:1.0.0"


def test_half_a_package_is_completed_and_another_one_s_version_is_not_taken(
    data_account: BlobServiceClient, bundled: Path, tmp_path: Path
) -> None:
    models = data_account.get_container_client("models")
    models.upload_blob("a/1.0.0/model.onnx", (bundled / "a/1.0.0/model.onnx").read_bytes())
    assert publish_models(bundled, models) == "2 new, b:1.0.0 is active"
    other = FolderRegistry(tmp_path / "other")
    publish(write_package(tmp_path / "changed", "b:1.0.0", 1), other)
    activate(ModelRef("b", "1.0.0"), other)
    before = state(models)
    with pytest.raises(VersionTaken, match=r"b:1\.0\.0 is published"):
        publish_models(tmp_path / "other", models)
    assert state(models) == before


def test_a_folder_without_an_active_model(data_account: BlobServiceClient, tmp_path: Path) -> None:
    publish(write_package(tmp_path / "made", "a:1.0.0"), FolderRegistry(tmp_path / "models"))
    with pytest.raises(ReleaseError, match="says of no package that it is active"):
        publish_models(tmp_path / "models", data_account.get_container_client("models"))


def test_synthetic_scenes_come_once_and_are_completed(
    data_account: BlobServiceClient, synthetic_scenes: Path, few: None
) -> None:
    scenes = data_account.get_container_client("scenes")
    assert upload_synthetic(synthetic_scenes, scenes) == "3 are there"
    before = state(scenes)
    assert len(before) == 6
    assert upload_synthetic(synthetic_scenes, scenes) == "3 are there"
    assert state(scenes) == before
    lost = min(before)
    scenes.delete_blob(lost)
    upload_synthetic(synthetic_scenes, scenes)
    assert state(scenes).keys() == before.keys()
    assert {**state(scenes), lost: ""} == {**before, lost: ""}


def test_other_scenes_are_left_alone(
    data_account: BlobServiceClient, tmp_path: Path, synthetic_scenes: Path
) -> None:
    scenes = data_account.get_container_client("scenes")
    scenes.upload_blob("photos/val/ulm/ulm_0.png", b"")
    assert upload_synthetic(tmp_path, scenes) == "1 files are there and stay"
    assert list(state(scenes)) == ["photos/val/ulm/ulm_0.png"]
    assert upload_scenes(synthetic_scenes, 2, scenes) == "2 are there"
    assert len(state(scenes)) == 5
    with pytest.raises(DataError, match="is no Cityscapes folder"):
        upload_scenes(tmp_path, 2, scenes)


@pytest.mark.parametrize(
    "own",
    [
        "photos/berlin/synthetic/me.png",
        "photos/val/synthetic/synthetic_000003_000019_leftImg8bit.png",
        "photos/train/synthetic/synthetic_000000_000019_leftImg8bit.png",
        "truth/val/synthetic/synthetic_000000_000019_leftImg8bit.png",
    ],
)
def test_only_what_a_release_draws_counts_as_drawn(
    data_account: BlobServiceClient, synthetic_scenes: Path, few: None, own: str
) -> None:
    scenes = data_account.get_container_client("scenes")
    upload_synthetic(synthetic_scenes, scenes)
    assert not has_own_scenes(scenes)
    scenes.upload_blob(own, b"")
    assert has_own_scenes(scenes)


def test_a_role_that_takes_effect_late_is_waited_for(
    guarded: BlobServiceClient,
    door: StorageDoor,
    bundled: Path,
    synthetic_scenes: Path,
    few: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models, scenes = (guarded.get_container_client(name) for name in ("models", "scenes"))
    door.refused = 2
    said = with_rights(lambda: publish_models(bundled, models))
    assert said == "2 new, b:1.0.0 is active"
    door.refused = 2
    assert with_rights(lambda: upload_synthetic(synthetic_scenes, scenes)) == "3 are there"
    printed = capsys.readouterr().out
    assert printed.count("role Storage Blob Data Contributor is missing, or so new") == 4
    assert "trying again in" in printed


def test_what_does_not_pass_is_not_waited_for(
    guarded: BlobServiceClient,
    door: StorageDoor,
    bundled: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = guarded.get_container_client("models")
    door.refused, door.code = 1, "AuthorizationFailure"
    with pytest.raises(ReleaseError, match=r"from this machine's address: add it to .*IpRanges"):
        with_rights(lambda: publish_models(bundled, models))
    door.refused, door.code = 1, "AccountIsDisabled"
    with pytest.raises(RegistryError, match="ACCOUNT_IS_DISABLED"):
        with_rights(lambda: publish_models(bundled, models))
    assert "trying again" not in capsys.readouterr().out
