"""Seeding from a real Cityscapes layout, against Azurite."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from function_app.model_package import ModelRef
from local.seed import create_containers, seed_models, seed_scenes
from training.data import DataError

pytestmark = pytest.mark.azurite


@pytest.fixture
def scenes(account: BlobServiceClient) -> Iterator[ContainerClient]:
    yield account.create_container("seed-test")
    account.delete_container("seed-test")


def test_scenes_are_uploaded_once(scenes: ContainerClient, synthetic_scenes: Path) -> None:
    seen: list[tuple[int, int]] = []
    ids = seed_scenes(synthetic_scenes, 3, scenes, lambda *progress: seen.append(progress))
    names = sorted(scenes.list_blob_names())
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert names[:1] == [f"photos/val/synthetic/{ids[0]}_leftImg8bit.png"]
    assert names[3:4] == [f"truth/val/synthetic/{ids[0]}_gtFine_labelIds.png"]
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


def test_what_is_no_cityscapes_folder(scenes: ContainerClient, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{tmp_path} is no Cityscapes folder"):
        seed_scenes(tmp_path, 1, scenes, lambda *_: None)
    assert list(scenes.list_blobs()) == []


def test_containers_are_created_once(account: BlobServiceClient) -> None:
    for _ in range(2):
        create_containers(account, ("made-one", "made-two"))
    for name in ("made-one", "made-two"):
        account.delete_container(name)


def test_bundled_models_are_published_and_the_newest_is_active(
    account: BlobServiceClient, package: Path
) -> None:
    models = account.create_container("seed-models-test")
    try:
        ref = seed_models(package.parent.parent, models)
        assert isinstance(ref, ModelRef)
        pointer = json.loads(models.download_blob("active.json").readall())
        assert pointer["version"] == package.name
        with pytest.raises(DataError, match="holds no model package"):
            seed_models(package, models)
    finally:
        account.delete_container("seed-models-test")
