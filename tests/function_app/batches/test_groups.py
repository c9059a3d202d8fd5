"""Groups of photos: what is scored, what is a failure, and what ends the batch."""

import json
import re

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.batches import batch_store
from function_app.batches.request import Batch, parse_request
from function_app.batches.status import failures, status
from function_app.storage.model_store import MODELS
from function_app.vision.photo import encode_mask
from function_app.vision.prediction import predict_with_and_without_void
from tests.conftest import forget_settings
from tests.function_app.batches.delivery import delivered, finished, new, planned
from tests.helpers.faulty_storage import FaultyStorage
from tests.helpers.storage import uploaded

pytestmark = pytest.mark.usefixtures("here", "groups_of_two")


def test_a_photo_that_has_gone_is_a_failure(scenes: ContainerClient) -> None:
    with uploaded(scenes, "photos/gone/gone.png"):
        batch = new(folder="gone")
        tasks = planned(batch)
    for task in tasks:
        delivered(task)
    assert status(batch)["state"] == "done"
    assert failures(batch, 0)[0] == [("gone/gone", "The photo is no longer stored.")]


@pytest.fixture
def photo(scenes: ContainerClient) -> bytes:
    scene = next(iter(scenes.list_blob_names(name_starts_with="photos/val/")))
    return scenes.download_blob(scene).readall()


@pytest.mark.parametrize(
    ("spare", "reason"),
    [
        (-1, r"It has [\d,]+ bytes; at most [\d,]+ are accepted\."),
        (0, r"truth/bad/bad\.png: It has [\d,]+ bytes; at most [\d,]+ are accepted\."),
        (1, r"truth/bad/bad\.png: the mask is damaged or no PNG\."),
    ],
    ids=["photo too large", "truth too large", "truth damaged"],
)
def test_what_cannot_be_scored_is_a_failure(
    scenes: ContainerClient, here: pytest.MonkeyPatch, photo: bytes, spare: int, reason: str
) -> None:
    """A true mask of one byte more than its photo, which it is not; a limit around both."""
    here.setenv("MAX_BODY_BYTES", str(len(photo) + spare))
    forget_settings()
    truth = bytes(len(photo) + 1)
    with (
        uploaded(scenes, "photos/bad/bad.png", data=photo),
        uploaded(scenes, "truth/bad/bad.png", data=truth),
    ):
        batch = finished(new(folder="bad"))
    ((id, said),) = failures(batch, 0)[0]
    assert id == "bad/bad"
    assert re.fullmatch(reason, said)
    assert (status(batch)["evaluation"], status(batch)["photos"]["failed"]) == (None, 1)


def test_truth_of_category_ids_counts(scenes: ContainerClient, photo: bytes) -> None:
    model = MODELS.active()
    _, without = predict_with_and_without_void(photo, model, max_pixels=10**7)
    with (
        uploaded(scenes, "photos/own/own.png", data=photo),
        uploaded(scenes, "truth/own/own.png", data=encode_mask(without)),
    ):
        batch = finished(new(folder="own", outputs=["evaluation"]))
    matrix = np.array(status(batch)["evaluation"]["official"]["confusion"])
    assert np.array_equal(matrix, np.diag(np.diag(matrix))), "it predicts its own prediction"


def test_a_model_that_cannot_be_used_ends_the_batch_once(
    faulty: FaultyStorage, batch_account: BlobServiceClient
) -> None:
    good = MODELS.active().manifest
    models = batch_account.get_container_client("models")
    manifest = json.loads(models.download_blob(f"{good.ref.prefix}manifest.json").readall())
    document = json.dumps(manifest | {"name": "broken", "version": "1.0.0"}).encode()
    with (
        uploaded(models, "broken/1.0.0/manifest.json", data=document),
        uploaded(models, "broken/1.0.0/model.onnx", data=b"no model"),
    ):
        batch = new(model="broken:1.0.0")
        tasks = planned(batch)
        faulty.seen.clear()
        for task in tasks * 2:
            assert delivered(task) == []
    document = status(batch)
    assert document["state"] == "failed"
    assert document["reason"].startswith("its model cannot be used: ")
    assert "sha256" in document["reason"]
    assert document["photos"]["done"] == 0
    assert sum("broken/1.0.0/model.onnx" in request for request in faulty.seen) == 1


def test_a_batch_does_not_go_on_with_another_file_of_the_same_version() -> None:
    manifest = MODELS.active().manifest
    batch = Batch.new(parse_request(b"{}"), manifest.ref, "0" * 64)
    batch_store.create(batch_store.request_name(batch.id), batch.to_dict())
    for task in planned(batch):
        assert delivered(task) == []
    document = status(batch)
    assert (document["state"], document["photos"]["done"]) == ("failed", 0)
    assert document["reason"] == f"another file was published as model {manifest.ref} since"
