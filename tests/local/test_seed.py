"""Seeding from a real Cityscapes layout, against Azurite."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from function_app.storage.scene_store import scene_id, truth_names
from function_app.vision.model_package import ModelRef, PackageError
from local.seed import create_containers, seed_models, seed_scenes
from tests.conftest import PROJECT, forget_settings
from tests.helpers.packages import write_package
from training.data import DataError
from training.registry import (
    BlobRegistry,
    FolderRegistry,
    activate,
    list_packages,
    publish,
    read_pointer,
)


@pytest.fixture
def scenes(account: BlobServiceClient) -> Iterator[ContainerClient]:
    yield account.create_container("seed-test")
    account.delete_container("seed-test")


def test_scenes_are_uploaded_once(scenes: ContainerClient, synthetic_scenes: Path) -> None:
    seen: list[tuple[int, int]] = []
    ids = seed_scenes(synthetic_scenes, 3, scenes, lambda *progress: seen.append(progress))
    names = sorted(scenes.list_blob_names())
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert names[:1] == [f"photos/{ids[0]}_leftImg8bit.png"]
    assert names[3:4] == [f"truth/{ids[0]}_gtFine_labelIds.png"]
    etags = [b.etag for b in scenes.list_blobs()]
    seed_scenes(synthetic_scenes, 3, scenes, lambda *_: None)
    assert [b.etag for b in scenes.list_blobs()] == etags


def test_squeezed_scenes_are_stretched_back(scenes: ContainerClient, tmp_path: Path) -> None:
    photo = tmp_path / "leftImg8bit/train/ulm/ulm_000000_000019_leftImg8bit.jpg"
    labels = tmp_path / "gtFine/train/ulm/ulm_000000_000019_gtFine_labelIds.png"
    for path, image in ((photo, Image.new("RGB", (64, 64))), (labels, Image.new("L", (64, 64), 7))):
        path.parent.mkdir(parents=True)
        image.save(path)
    seed_scenes(tmp_path, 1, scenes, lambda *_: None)
    for name in scenes.list_blob_names():
        image = Image.open(io.BytesIO(scenes.download_blob(name).readall()))
        assert image.size == (128, 64)
    assert np.unique(np.asarray(image)).tolist() == [7]


def write_scene(
    root: Path, name: str, photo: Image.Image, labels: Image.Image, **exif: Any
) -> Path:
    """A scene of split val, city ulm; returns the path of its labels."""
    paths = (
        root / f"leftImg8bit/val/ulm/{name}_leftImg8bit.jpg",
        root / f"gtFine/val/ulm/{name}_gtFine_labelIds.png",
    )
    for path, image in zip(paths, (photo, labels), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, **(exif if image is photo else {}))
    return paths[1]


ROAD = Image.new("L", (64, 32), 7)
TURNED = Image.Exif()
TURNED[0x0112] = 6


@pytest.mark.parametrize(
    ("labels", "exif", "message"),
    [
        (ROAD.convert("RGB"), {}, "8-bit RGB"),
        (Image.fromarray(np.full((32, 64), 7, np.uint16)), {}, "16-bit grey"),
        (Image.fromarray(np.arange(2048, dtype=np.uint16).reshape(32, 64).astype(np.uint8) % 19),
         {}, "labelTrainIds"),
        (ROAD, {"exif": TURNED}, "EXIF data"),
        (ROAD.resize((32, 32)), {}, "same part of the scene"),
    ],
    ids=["colours", "16 bits", "trainIds", "unturned", "another shape"],
)  # fmt: skip
def test_labels_that_cannot_be_used_are_named_and_not_uploaded(
    scenes: ContainerClient,
    tmp_path: Path,
    labels: Image.Image,
    exif: dict[str, Any],
    message: str,
) -> None:
    path = write_scene(tmp_path, "a", Image.new("RGB", (64, 32)), labels, **exif)
    with pytest.raises(DataError, match=rf"^{path}: .*{message}"):
        seed_scenes(tmp_path, 1, scenes, lambda *_: None)
    assert list(scenes.list_blobs()) == []


def test_a_photo_that_is_not_accepted_is_named(scenes: ContainerClient, tmp_path: Path) -> None:
    write_scene(tmp_path, "a", Image.new("RGB", (64, 32)), ROAD)
    photo = tmp_path / "leftImg8bit/val/ulm/a_leftImg8bit.jpg"
    Image.new("P", (64, 32)).save(photo, "GIF")
    with pytest.raises(DataError, match=rf"^{photo}: GIF is not accepted"):
        seed_scenes(tmp_path, 1, scenes, lambda *_: None)


def test_suffixes_in_capitals_are_seeded_as_the_service_finds_them(
    scenes: ContainerClient, tmp_path: Path
) -> None:
    labels = write_scene(tmp_path, "a", Image.new("RGB", (64, 32)), ROAD)
    labels.rename(labels.with_suffix(".PNG"))
    photo = tmp_path / "leftImg8bit/val/ulm/a_leftImg8bit.jpg"
    photo.rename(photo.with_suffix(".jPg"))
    seed_scenes(tmp_path, 1, scenes, lambda *_: None)
    photo_name, truth_name = sorted(scenes.list_blob_names())
    assert scene_id(photo_name) == "val/ulm/a"
    assert truth_name in truth_names("val/ulm/a")


@pytest.mark.parametrize("which", ["photo", "labels"])
def test_files_of_more_bytes_than_the_service_reads_are_named(
    scenes: ContainerClient, tmp_path: Path, service_environment: pytest.MonkeyPatch, which: str
) -> None:
    paths = {"labels": write_scene(tmp_path, "a", Image.new("RGB", (64, 32)), ROAD)}
    paths["photo"] = tmp_path / "leftImg8bit/val/ulm/a_leftImg8bit.jpg"
    with paths[which].open("ab") as file:
        file.write(bytes(5000))
    service_environment.setenv("MAX_BODY_BYTES", "5000")
    forget_settings()
    with pytest.raises(DataError, match=rf"^{paths[which]}: .* at most 5,000"):
        seed_scenes(tmp_path, 1, scenes, lambda *_: None)
    assert list(scenes.list_blobs()) == []


def test_what_is_no_cityscapes_folder(scenes: ContainerClient, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{tmp_path} is no Cityscapes folder"):
        seed_scenes(tmp_path, 1, scenes, lambda *_: None)
    assert list(scenes.list_blobs()) == []


def test_containers_are_created_once(account: BlobServiceClient) -> None:
    for _ in range(2):
        create_containers(account, ("made-one", "made-two"))
    for name in ("made-one", "made-two"):
        account.delete_container(name)


@pytest.fixture
def models(account: BlobServiceClient) -> Iterator[ContainerClient]:
    yield account.create_container("seed-models-test")
    account.delete_container("seed-models-test")


def test_bundled_models_are_published_and_the_active_one_is_active(
    models: ContainerClient, package: Path
) -> None:
    ref = seed_models(PROJECT / "models", models)
    pointer = json.loads(models.download_blob("active.json").readall())
    assert (pointer["name"], pointer["version"]) == (package.parent.name, package.name)
    assert ref == ModelRef(pointer["name"], pointer["version"])
    bundled = {p.relative_to(PROJECT / "models").as_posix() for p in package.glob("m*.*")}
    assert bundled == {f"{ref.prefix}manifest.json", f"{ref.prefix}model.onnx"}
    assert bundled < set(models.list_blob_names())


def test_all_packages_are_copied_and_the_named_one_is_active(
    models: ContainerClient, tmp_path: Path
) -> None:
    folder = FolderRegistry(tmp_path / "models")
    for ref in ("a:1.0.0", "a:1.1.0", "b:1.0.0"):
        publish(write_package(tmp_path / "made", ref), folder)
    activate(ModelRef("a", "1.0.0"), folder)
    assert str(seed_models(tmp_path / "models", models)) == "a:1.0.0"
    names = [str(listed.ref) for listed in list_packages(BlobRegistry(models), verify=True)]
    assert names == ["a:1.0.0", "a:1.1.0", "b:1.0.0"]


@pytest.mark.parametrize(
    "state", ["another package", "half a package", "half of another", "pointer"]
)
def test_what_an_earlier_demo_left_is_mended(
    models: ContainerClient, tmp_path: Path, state: str
) -> None:
    package, other = (write_package(tmp_path / str(fill), "a:1.0.0", fill) for fill in (0, 1))
    folder, registry = FolderRegistry(tmp_path / "models"), BlobRegistry(models)
    publish(package, folder)
    activate(ModelRef("a", "1.0.0"), folder)
    publish(write_package(tmp_path, "z:9.0.0"), registry)
    match state:
        case "another package":
            publish(other, registry)
        case "half a package":
            models.upload_blob("a/1.0.0/model.onnx", (package / "model.onnx").read_bytes())
        case "half of another":
            models.upload_blob("a/1.0.0/model.onnx", (other / "model.onnx").read_bytes())
        case "pointer":
            models.upload_blob("active.json", b"not json")
    seed_models(tmp_path / "models", models)
    listed = list_packages(registry, verify=True)
    assert [(str(entry.ref), entry.problem) for entry in listed] == [
        ("a:1.0.0", None), ("z:9.0.0", None),
    ]  # fmt: skip
    assert models.download_blob("a/1.0.0/model.onnx").readall() == (
        (package / "model.onnx").read_bytes()
    )
    pointer = read_pointer(registry)
    assert pointer
    assert str(pointer.ref) == "a:1.0.0"


def test_folders_that_cannot_be_seeded_are_named(models: ContainerClient, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{tmp_path} holds no model package"):
        seed_models(tmp_path, models)
    package = write_package(tmp_path, "a:1.0.0").rename(tmp_path / "made")
    publish(package, FolderRegistry(tmp_path))
    with pytest.raises(DataError, match=r"activate a:1\.0\.0 --folder"):
        seed_models(tmp_path, models)
    activate(ModelRef("a", "1.0.0"), FolderRegistry(tmp_path))
    (tmp_path / "a/1.0.0/manifest.json").unlink()
    with pytest.raises(PackageError, match=r"a/1\.0\.0.*manifest\.json"):
        seed_models(tmp_path, models)
    assert list(models.list_blobs()) == []
