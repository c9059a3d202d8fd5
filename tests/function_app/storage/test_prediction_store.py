"""Kept masks: used for one photo and one model, and never in the way."""

import hashlib
import time
from collections.abc import Iterator

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from function_app.storage import prediction_store
from function_app.storage.prediction_store import PUT_SECONDS, Origin, stored_ids
from function_app.vision.model_package import ModelRef
from tests.conftest import forget_settings
from tests.function_app.client import encoded
from tests.helpers.faulty_storage import FaultyStorage

MASK = encoded(Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)), "PNG")
MODEL = ModelRef("some-model", "1.0.0")
ORIGIN = Origin("val/a", '"1"', MODEL, "0123456789abcdef" * 4)


@pytest.fixture
def predictions(
    account: BlobServiceClient, service_environment: pytest.MonkeyPatch
) -> Iterator[ContainerClient]:
    service_environment.setenv("PREDICTIONS_CONTAINER", "prediction-cache")
    yield account.create_container("prediction-cache")
    account.delete_container("prediction-cache")


def test_a_kept_mask_is_used_for_its_photo_and_model_alone(predictions: ContainerClient) -> None:
    assert prediction_store.get(ORIGIN) is None
    prediction_store.put(ORIGIN, MASK)
    assert prediction_store.get(ORIGIN) == MASK
    for other in ({"photo": '"2"'}, {"sha256": "f" * 64}, {"id": "test/a"}, {"id": "a"}):
        assert prediction_store.get(ORIGIN._replace(**other)) is None
    name = "some-model/1.0.0/val/a.png"
    metadata = predictions.get_blob_client(name).get_blob_properties().metadata
    # What an earlier release has stored is still used.
    assert metadata == {"photo": '"1"', "model": "0123456789abcdef",
                        "sha256": hashlib.sha256(MASK).hexdigest()}  # fmt: skip
    predictions.upload_blob(name, MASK[:-30], overwrite=True, metadata=metadata)
    assert prediction_store.get(ORIGIN) is None, "damaged: computed anew"


def test_ids_of_kept_masks(predictions: ContainerClient) -> None:
    ids = ["val/a", "val/b", "test/a", "a"]
    assert stored_ids(MODEL, ids) == set()
    prediction_store.put(ORIGIN, MASK)
    for name in ("some-model/1.0.0/a.png", "some-model/9.0.0/val/b.png", "other/1.0.0/test/a.png"):
        predictions.upload_blob(name, MASK)
    assert stored_ids(MODEL, ids) == {"val/a", "a"}


def test_a_cache_that_cannot_be_used_costs_little(
    service_environment: pytest.MonkeyPatch, azurite_connection: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    service_environment.setenv("PREDICTIONS_CONTAINER", "no-such-container")
    assert prediction_store.get(ORIGIN) is None
    assert stored_ids(MODEL, ["val/a"]) == set()
    prediction_store.put(ORIGIN, MASK)
    assert "the mask of val/a is not kept" in caplog.text
    with FaultyStorage(azurite_connection) as proxy:
        service_environment.setenv("BLOB_CONNECTION_STRING", proxy.connection)
        forget_settings()
        proxy.fault("hang")
        start = time.monotonic()
        prediction_store.put(ORIGIN, MASK)
        assert time.monotonic() - start < PUT_SECONDS + 1
