"""Kept masks: worth something for one photo and one model, and never in the way."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from function_app.storage.prediction_store import PUT_SECONDS, PredictionCache
from function_app.storage.scene_store import Blob, SceneEntry
from function_app.vision.model_package import Manifest
from tests.conftest import forget_settings
from tests.function_app.client import encoded
from tests.helpers.faulty_storage import FaultyStorage

pytestmark = pytest.mark.azurite
MASK = encoded(Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)), "PNG")


@pytest.fixture
def predictions(
    account: BlobServiceClient, service_environment: pytest.MonkeyPatch
) -> Iterator[ContainerClient]:
    service_environment.setenv("PREDICTIONS_CONTAINER", "prediction-cache")
    yield account.create_container("prediction-cache")
    account.delete_container("prediction-cache")


@pytest.fixture
def manifest(package: Path) -> Manifest:
    return Manifest.from_json((package / "manifest.json").read_bytes())


def scene(etag: str = '"1"') -> SceneEntry:
    return SceneEntry("a", Blob("photos/a.png", etag), None)


def test_a_kept_mask_is_worth_something_for_its_photo_and_model_alone(
    predictions: ContainerClient, manifest: Manifest
) -> None:
    cache, ref = PredictionCache(), manifest.ref
    assert cache.get(ref, scene(), manifest.sha256) is None
    cache.put(ref, scene(), MASK, manifest.sha256)
    assert cache.get(ref, scene(), manifest.sha256) == MASK
    assert cache.get(ref, scene('"2"'), manifest.sha256) is None
    assert cache.get(ref, scene(), "another file") is None
    name = f"{ref.prefix}a.png"
    metadata = predictions.get_blob_client(name).get_blob_properties().metadata
    predictions.upload_blob(name, MASK[:-30], overwrite=True, metadata=metadata)
    assert cache.get(ref, scene(), manifest.sha256) is None, "damaged: computed anew"


def test_ids_of_kept_masks(predictions: ContainerClient, manifest: Manifest) -> None:
    cache, ref = PredictionCache(), manifest.ref
    assert cache.ids(ref) == set()
    cache.put(ref, scene(), MASK, manifest.sha256)
    assert cache.ids(ref) == {"a"}, "known at once to the one who stored it"
    for name in (f"{ref.prefix}b.png", f"{ref.name}/99.0.0/c.png"):
        predictions.upload_blob(name, MASK)
    assert PredictionCache().ids(ref) == {"a", "b"}


def test_a_cache_that_cannot_be_used_costs_little(
    service_environment: pytest.MonkeyPatch, azurite_connection: str, manifest: Manifest,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    service_environment.setenv("PREDICTIONS_CONTAINER", "no-such-container")
    cache = PredictionCache()
    assert cache.get(manifest.ref, scene(), manifest.sha256) is None
    assert cache.ids(manifest.ref) == set()
    cache.put(manifest.ref, scene(), MASK, manifest.sha256)
    assert "the mask of a is not kept" in caplog.text
    with FaultyStorage(azurite_connection) as proxy:
        service_environment.setenv("BLOB_CONNECTION_STRING", proxy.connection)
        forget_settings()
        proxy.fault("hang")
        start = time.monotonic()
        cache.put(manifest.ref, scene(), MASK, manifest.sha256)
        assert time.monotonic() - start < PUT_SECONDS + 1
