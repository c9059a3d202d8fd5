"""Groups of photos: what is a failure, and what becomes of one that fails again and again."""

from typing import Any

import numpy as np
import pytest
from azure.storage.blob import ContainerClient

from function_app.batches import groups
from function_app.batches.groups import GAVE_UP
from function_app.batches.planning import GroupTask
from function_app.batches.status import failures, status
from function_app.batches.tasks import Task, give_up_on
from function_app.storage.model_store import MODELS
from tests.conftest import SCENES, forget_settings
from tests.function_app.batches.delivery import delivered, new, outcome, planned

pytestmark = [pytest.mark.azurite, pytest.mark.usefixtures("here", "groups_of_two")]


def test_a_photo_that_has_gone_is_a_failure(scenes: ContainerClient) -> None:
    scenes.upload_blob("photos/gone/gone.png", b"soon gone")
    batch = new(folder="gone")
    tasks = planned(batch)
    scenes.delete_blob("photos/gone/gone.png")
    for task in tasks:
        delivered(task)
    assert status(batch)["state"] == "done"
    assert failures(batch, 0)[0] == [("gone/gone", "The photo is no longer stored.")]


def test_a_photo_that_is_too_large_is_a_failure(here: pytest.MonkeyPatch) -> None:
    here.setenv("MAX_BODY_BYTES", "100")
    forget_settings()
    batch = new(folder="val")
    for task in planned(batch):
        delivered(task)
    assert status(batch)["photos"]["failed"] == SCENES
    reasons = {failure.reason.partition(";")[2] for failure in failures(batch, 0)[0]}
    assert reasons == {" at most 100 are accepted."}


def test_a_truth_that_cannot_be_read_is_a_failure(
    scenes: ContainerClient, predictions: ContainerClient
) -> None:
    scene = next(iter(scenes.list_blob_names(name_starts_with="photos/val/")))
    photo = scenes.download_blob(scene).readall()
    scenes.upload_blob("photos/damaged/damaged.png", photo)
    scenes.upload_blob("truth/damaged/damaged.png", b"damaged")
    batch = new(folder="damaged")
    for task in planned(batch):
        delivered(task)
    scenes.delete_blob("photos/damaged/damaged.png")
    ((id, reason),) = failures(batch, 0)[0]
    assert (id, reason) == (
        "damaged/damaged",
        "truth/damaged/damaged.png: the mask is damaged or no PNG.",
    )
    assert status(batch)["evaluation"] is None


def test_truth_of_category_ids_counts(scenes: ContainerClient) -> None:
    scene = next(iter(scenes.list_blob_names(name_starts_with="photos/val/")))
    photo = scenes.download_blob(scene).readall()
    model = MODELS.active()
    from function_app.vision.photo import encode_mask
    from function_app.vision.prediction import predict_both

    _, without = predict_both(photo, model, max_pixels=10**7)
    scenes.upload_blob("photos/own/own.png", photo)
    scenes.upload_blob("truth/own/own.png", encode_mask(without))
    batch = new(folder="own", outputs=["evaluation"])
    for task in planned(batch):
        delivered(task)
    scenes.delete_blob("photos/own/own.png")
    matrix = np.array(status(batch)["evaluation"]["official"]["confusion"])
    assert np.array_equal(matrix, np.diag(np.diag(matrix))), "it predicts its own prediction"


def test_a_group_that_fails_again_and_again_is_tried_photo_by_photo(
    expected: dict[str, Any],
) -> None:
    batch = new()
    given_up, *others = planned(batch)
    for task in others:
        delivered(task)
    alone = give_up_on(given_up)
    assert [task.photos for task in alone if isinstance(task, GroupTask)] == [
        [photo] for photo in given_up.photos
    ]
    assert give_up_on(given_up) == alone, "delivered again, it gives the same tasks"
    for task in alone * 2:
        assert delivered(task) == []
    assert outcome(status(batch)) == expected


def test_who_finishes_a_group_after_all_counts_nothing_twice(
    expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = new()
    late, *others = planned(batch)
    alone: list[Task] = []
    predict_both = groups.predict_both

    def given_up_meanwhile(*args: Any, **options: Any) -> Any:
        alone[:] = give_up_on(late)
        return predict_both(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(groups, "predict_both", given_up_meanwhile)
        delivered(late)
    assert len(alone) == 2
    for task in [*alone, *others]:
        delivered(task)
    assert outcome(status(batch)) == expected


def test_a_group_that_was_done_after_all_is_not_tried_again() -> None:
    batch = new()
    task, *_ = planned(batch)
    delivered(task)
    assert give_up_on(task) == []


def test_a_photo_that_fails_alone_again_and_again_is_a_failure() -> None:
    batch = new(folder="val")
    tasks = planned(batch)
    for task in tasks[1:]:
        delivered(task)
    for task in give_up_on(tasks[0]):
        assert give_up_on(task) == []
        assert delivered(task) == [], "whoever works on it after all comes too late"
    document = status(batch)
    assert document["state"] == "done"
    assert document["photos"]["failed"] == 2
    assert {failure.reason for failure in failures(batch, 0)[0]} == {GAVE_UP}
