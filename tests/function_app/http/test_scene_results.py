"""What is shown of a scene: of the blobs as they are read, and computed by the workers."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import azure.functions as func
import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from function_app.http import inference, scene_results
from function_app.http.parameters import ComparisonQuery, PredictionQuery
from function_app.http.responses import weak_etag
from function_app.http.scene_results import (
    errors_response,
    evaluation_response,
    model_etag,
    photo_response,
    prediction_response,
    thumbnail_response,
    truth_response,
)
from function_app.storage import prediction_store
from function_app.storage.blobs import Blob
from function_app.storage.model_store import ModelStore
from function_app.storage.prediction_store import Origin
from function_app.storage.scene_store import find_photo, find_truth
from function_app.vision.model_package import ModelRef
from local.seed import create_containers
from tests.conftest import forget_settings
from tests.function_app.client import encoded
from tests.helpers.packages import write_package
from tests.helpers.storage import Accounts
from training import registry

REF = ModelRef("tiny", "1.0.0")
MASK = PredictionQuery("mask", 0.5, "png", void=True, model=REF)
COMPARED = ComparisonQuery(void=True, model=REF)


def png(level: int) -> bytes:
    return encoded(Image.fromarray(np.full((32, 32), level, np.uint8)), "PNG")


@pytest.fixture
def scenes(
    accounts: Accounts, service_environment: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[ContainerClient]:
    """A storage with one scene, `a`, and one model."""
    connection = accounts.new()
    service_environment.setenv("BLOB_CONNECTION_STRING", connection)
    service_environment.setattr(inference, "MODELS", ModelStore())
    forget_settings()
    with BlobServiceClient.from_connection_string(connection) as account:
        create_containers(account, ("models", "scenes", "predictions"))
        models = registry.BlobRegistry(account.get_container_client("models"))
        registry.publish(write_package(tmp_path, str(REF), category=3), models)
        container = account.get_container_client("scenes")
        container.upload_blob("photos/a.png", png(100))
        container.upload_blob("truth/a.png", png(3))
        yield container


Show = Callable[[Blob, Blob], func.HttpResponse]
SHOWN: dict[str, Show] = {
    "photo": lambda photo, _: photo_response(photo),
    "thumbnail": lambda photo, _: thumbnail_response(photo),
    "truth": lambda _, truth: truth_response(truth, void=True),
    "prediction": lambda photo, _: prediction_response("a", photo, MASK),
    "errors": lambda photo, truth: errors_response(photo, truth, COMPARED),
    "evaluation": lambda photo, truth: evaluation_response("a", photo, truth, REF),
}


@pytest.mark.parametrize("what", SHOWN)
def test_the_etag_is_that_of_what_was_read(scenes: ContainerClient, what: str) -> None:
    found = find_photo("a"), find_truth("a")
    photo, truth = (
        scenes.upload_blob(name, png(level), overwrite=True).get_blob_properties().etag
        for name, level in (("photos/a.png", 200), ("truth/a.png", 4))
    )
    response = SHOWN[what](*found)
    assert (
        response.headers["ETag"]
        == {
            "photo": photo,
            "thumbnail": weak_etag(photo),
            "truth": weak_etag(truth),
            "prediction": model_etag(MASK, REF, photo),
            "errors": model_etag(COMPARED, REF, photo, truth),
            "evaluation": weak_etag(photo, truth, str(REF)),
        }[what]
    )
    if what == "photo":
        assert response.get_body() == png(200)
    if what == "prediction":
        sha256 = inference.MODELS.get(REF).manifest.sha256
        assert prediction_store.get(Origin("a", photo, REF, sha256)) == response.get_body()
        assert prediction_store.get(Origin("a", found[0].etag, REF, sha256)) is None


@pytest.mark.parametrize("what", ["truth", "errors", "evaluation"])
def test_true_masks_wait_for_a_worker_as_photos_do(
    scenes: ContainerClient, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    del scenes
    decode, threads = scene_results.decode_truth, list[str]()

    def noted(data: bytes, path: str) -> object:
        threads.append(threading.current_thread().name)
        return decode(data, path)

    monkeypatch.setattr(scene_results, "decode_truth", noted)
    assert SHOWN[what](find_photo("a"), find_truth("a")).status_code == 200
    assert [name.partition("_")[0] for name in threads] == ["worker"]
