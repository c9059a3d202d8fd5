"""Groups of photos: what is a failure, and what becomes of one that fails again and again."""

import json
import re
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.batches import batch_store, groups, planning, tasks
from function_app.batches.groups import GAVE_UP
from function_app.batches.messages import GroupTask, SplitTask, Task
from function_app.batches.request import Batch, parse_request
from function_app.batches.status import failures, status
from function_app.batches.tasks import give_up_on
from function_app.storage.errors import StorageUnavailable
from function_app.storage.model_store import MODELS
from function_app.vision.photo import encode_mask
from function_app.vision.prediction import predict_with_and_without_void
from tests.conftest import SCENES, forget_settings
from tests.function_app.batches.delivery import delivered, finished, new, outcome, planned
from tests.helpers.faulty_storage import FaultyStorage

pytestmark = pytest.mark.usefixtures("here", "groups_of_two")


def test_a_photo_that_has_gone_is_a_failure(scenes: ContainerClient) -> None:
    scenes.upload_blob("photos/gone/gone.png", b"soon gone")
    batch = new(folder="gone")
    tasks = planned(batch)
    scenes.delete_blob("photos/gone/gone.png")
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
    scenes.upload_blob("photos/bad/bad.png", photo)
    scenes.upload_blob("truth/bad/bad.png", bytes(len(photo) + 1), overwrite=True)
    here.setenv("MAX_BODY_BYTES", str(len(photo) + spare))
    forget_settings()
    try:
        batch = finished(new(folder="bad"))
    finally:
        scenes.delete_blob("photos/bad/bad.png")
    ((id, said),) = failures(batch, 0)[0]
    assert id == "bad/bad"
    assert re.fullmatch(reason, said)
    assert (status(batch)["evaluation"], status(batch)["photos"]["failed"]) == (None, 1)


def test_truth_of_category_ids_counts(scenes: ContainerClient, photo: bytes) -> None:
    model = MODELS.active()
    _, without = predict_with_and_without_void(photo, model, max_pixels=10**7)
    scenes.upload_blob("photos/own/own.png", photo)
    scenes.upload_blob("truth/own/own.png", encode_mask(without))
    batch = finished(new(folder="own", outputs=["evaluation"]))
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
    predict_with_and_without_void = groups.predict_with_and_without_void

    def given_up_meanwhile(*args: Any, **options: Any) -> Any:
        alone[:] = give_up_on(late)
        return predict_with_and_without_void(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(groups, "predict_with_and_without_void", given_up_meanwhile)
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


def test_what_is_done_when_time_is_over_counts_and_the_rest_is_another_group(
    expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = new()
    first, *others = planned(batch)
    with monkeypatch.context() as patch:
        over_after_one_photo(patch)
        (rest,) = delivered(first)
        assert rest == first._replace(group="000+01", photos=first.photos[1:])
        assert delivered(first) == [rest], "nothing but the rest is left of it"
    assert status(batch)["photos"]["left"] == SCENES
    for task in [rest, rest, *others]:
        assert delivered(task) == []
    assert delivered(first) == []
    assert outcome(status(batch)) == expected


def test_of_two_deliveries_that_end_at_different_photos_the_first_counts(
    expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = new()
    first, *others = planned(batch)
    with monkeypatch.context() as patch:
        over_after_one_photo(patch)
        (rest,) = delivered(first)
    with monkeypatch.context() as patch:
        looked_before_the_others(patch)
        assert delivered(first) == [], "it did all, but comes second"
    with monkeypatch.context() as patch:
        looked_before_the_others(patch)
        over_after_one_photo(patch)
        assert delivered(first) == [rest]
    for task in [rest, *others]:
        delivered(task)
    assert outcome(status(batch)) == expected


def test_a_page_that_is_split_again_while_its_groups_wait_is_predicted_once(
    expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = new()
    waiting = planned(batch)
    again = delivered(SplitTask(batch.id, 0))
    assert again == waiting
    predicted, predict = list[str](), groups._predict

    def noted(batch: Batch, photo: str, *args: Any) -> Any:
        predicted.append(photo)
        return predict(batch, photo, *args)

    monkeypatch.setattr(groups, "_predict", noted)
    for task in [*waiting, *again]:
        assert delivered(task) == []
    assert predicted == [photo for task in waiting for photo in task.photos]
    assert outcome(status(batch)) == expected


def test_a_rest_that_fails_again_and_again_is_tried_photo_by_photo(
    expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "GROUP", 4)
    batch = new()
    first, *others = planned(batch)
    with monkeypatch.context() as patch:
        over_after_one_photo(patch)
        (rest,) = delivered(first)
    alone = give_up_on(first)
    assert alone == [rest], "only what is left of it"
    alone = give_up_on(rest)
    assert [(task.group, task.photos) for task in alone if isinstance(task, GroupTask)] == [
        (f"000+01.{n:02}", [photo]) for n, photo in enumerate(rest.photos)
    ]
    for task in [*alone, *others]:
        assert delivered(task) == []
    assert outcome(status(batch)) == expected


@pytest.mark.parametrize(
    ("module", "limit", "call"),
    [
        (tasks, "BEGIN_SECONDS", "GET .*photos"),
        (groups, "FINISH_SECONDS", "PUT .*predictions"),
        (groups, "FINISH_SECONDS", "PUT .*results"),
        (tasks, "TASK_SECONDS", "GET .*stopped"),
    ],
)
def test_a_task_keeps_to_its_time_whatever_each_call_may_take(
    here: pytest.MonkeyPatch, faulty: FaultyStorage, module: Any, limit: str, call: str
) -> None:
    here.setenv("STORAGE_SECONDS", "60")
    forget_settings()
    batch = new(folder="val")
    task, *_ = planned(batch)
    delivered(task._replace(group="model is loaded"))
    here.setattr(module, limit, 0.7)
    faulty.fault("hang", call)
    begun = time.monotonic()
    with pytest.raises(StorageUnavailable):
        delivered(task)
    assert time.monotonic() - begun < 30


def test_a_photo_that_storage_does_not_give_holds_up_none_of_the_others(
    here: pytest.MonkeyPatch, faulty: FaultyStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "GROUP", SCENES)
    here.setenv("STORAGE_SECONDS", "60")
    forget_settings()
    batch = new(folder="val")
    (task,) = planned(batch)
    here.setattr(tasks, "BEGIN_SECONDS", 4.0)
    faulty.fault("hang", f"GET .*{task.photos[2]}")
    assert delivered(task) == [task._replace(group="000+02", photos=task.photos[2:])]
    assert status(batch)["photos"]["done"] == 2


def test_a_model_that_cannot_be_used_ends_the_batch_once(
    faulty: FaultyStorage, batch_account: BlobServiceClient
) -> None:
    good = MODELS.active().manifest
    models = batch_account.get_container_client("models")
    manifest = json.loads(models.download_blob(f"{good.ref.prefix}manifest.json").readall())
    models.upload_blob(
        "broken/1.0.0/manifest.json", json.dumps(manifest | {"name": "broken", "version": "1.0.0"})
    )
    models.upload_blob("broken/1.0.0/model.onnx", b"no model")
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
    for name in models.list_blob_names(name_starts_with="broken/"):
        models.delete_blob(name)


def test_a_batch_does_not_go_on_with_another_file_of_the_same_version() -> None:
    manifest = MODELS.active().manifest
    batch = Batch.new(parse_request(b"{}"), manifest.ref, "0" * 64)
    batch_store.create(batch_store.request_name(batch.id), batch.to_dict())
    for task in planned(batch):
        assert delivered(task) == []
    document = status(batch)
    assert (document["state"], document["photos"]["done"]) == ("failed", 0)
    assert document["reason"] == f"another file was published as model {manifest.ref} since"


def looked_before_the_others(patch: pytest.MonkeyPatch) -> None:
    """Let the next delivery look for results before those came that are there."""
    looks: list[dict[str, Any]] = [{}]
    page_results = groups.page_results
    patch.setattr(
        groups, "page_results", lambda *args: looks.pop() if looks else page_results(*args)
    )


def over_after_one_photo(patch: pytest.MonkeyPatch) -> None:
    """Let the time of a task be over as soon as one photo was predicted."""
    photos: list[Any] = []
    predict = groups._predict

    def predicted(*args: Any) -> Any:
        photos.append(args)
        return predict(*args)

    def monotonic() -> float:
        return time.monotonic() + (1000 if photos else 0)

    patch.setattr(groups, "_predict", predicted)
    patch.setattr(groups, "time", SimpleNamespace(time=time.time, monotonic=monotonic))
