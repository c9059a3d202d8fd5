"""The plan of a batch: page by page, the same however often, within limits."""

from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.batches import planning, records
from function_app.batches.planning import PageTask, PlanTask
from function_app.batches.status import failures, status
from function_app.batches.tasks import abandon
from tests.conftest import SCENES, forget_settings
from tests.function_app.batches.delivery import delivered, new, outcome, planned

pytestmark = [pytest.mark.azurite, pytest.mark.usefixtures("here", "groups_of_two")]


@pytest.mark.usefixtures("pages_of_four")
def test_all_is_listed_before_any_of_it_is_cut(expected: dict[str, Any]) -> None:
    batch = new()
    pages = delivered(PlanTask(batch.id))
    assert pages == [PageTask(batch.id, 0), PageTask(batch.id, 1)]
    before = status(batch)
    assert before["state"] == "running"
    assert before["photos"]["planned"] == SCENES + 1
    for page in pages:
        for task in delivered(page):
            delivered(task)
    assert outcome(status(batch)) == expected


@pytest.mark.usefixtures("pages_of_four")
def test_what_takes_too_long_is_gone_on_with_by_another_message(
    expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "SECONDS", 0.0)
    batch = new()
    following, page = delivered(PlanTask(batch.id))
    assert isinstance(following, PlanTask)
    assert page == PageTask(batch.id, 0)
    assert status(batch)["state"] == "planning"
    for task in planned(batch):
        delivered(task)
    assert outcome(status(batch)) == expected


@pytest.mark.usefixtures("pages_of_four")
def test_whoever_completes_a_page_adds_it_up(batch_account: BlobServiceClient) -> None:
    batch = new()
    *others, last = planned(batch)
    container = batch_account.get_container_client("batches")

    def sums() -> list[str]:
        return list(container.list_blob_names(name_starts_with=f"{batch.id}/sums/"))

    for task in others:
        delivered(task)
    assert len(sums()) == 1
    delivered(last)
    assert len(sums()) == 2


@pytest.mark.usefixtures("pages_of_four")
def test_a_page_that_is_planned_again_has_the_same_groups(scenes: ContainerClient) -> None:
    batch = new()
    before = planned(batch)
    scenes.upload_blob("photos/a/new.png", b"new")
    try:
        assert planned(batch) == before
    finally:
        scenes.delete_blob("photos/a/new.png")


@pytest.mark.usefixtures("pages_of_four")
def test_what_is_complete_is_read_from_one_blob(
    batch_account: BlobServiceClient, expected: dict[str, Any]
) -> None:
    batch = new()
    for task in planned(batch):
        delivered(task)
    container = batch_account.get_container_client("batches")
    assert status(batch)["state"] == "done"
    container.delete_blob(f"{batch.id}/result.json")
    for name in container.list_blob_names(name_starts_with=f"{batch.id}/parts/"):
        container.delete_blob(name)
    assert outcome(status(batch)) == expected
    assert [failure.id for failure in failures(batch, 0)[0]] == ["broken"]


def test_more_photos_than_allowed_are_refused(here: pytest.MonkeyPatch) -> None:
    here.setenv("MAX_BATCH_PHOTOS", "3")
    forget_settings()
    batch = new()
    assert planned(batch) == []
    document = status(batch)
    assert (document["state"], document["photos"]["planned"]) == ("failed", 0)
    assert "more than 3 photos" in document["reason"]


def test_who_looks_while_nothing_is_found_is_not_told_that_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch, seen = new(folder="nowhere"), []
    stop = records.stop

    def looked_at(id: str, reason: str) -> None:
        seen.append(status(batch)["state"])
        stop(id, reason)

    monkeypatch.setattr(records, "stop", looked_at)
    assert planned(batch) == []
    assert seen == ["planning"]
    assert status(batch)["state"] == "failed"


def test_a_plan_that_fails_again_and_again_ends_the_batch() -> None:
    batch = new()
    assert abandon(PlanTask(batch.id)) == []
    document = status(batch)
    assert document["state"] == "failed"
    assert "could not be listed" in document["reason"]


def test_a_page_that_fails_again_and_again_is_tried_until_it_is_cancelled() -> None:
    batch = new()
    (page,) = delivered(PlanTask(batch.id))
    assert abandon(page) == [page]
    records.stop(batch.id, records.CANCELLED)
    assert abandon(page) == []


def test_a_plan_that_was_made_after_all_is_sent(expected: dict[str, Any]) -> None:
    batch = new()
    pages = delivered(PlanTask(batch.id))
    assert abandon(PlanTask(batch.id)) == pages
    for task in planned(batch):
        delivered(task)
    records.stop(batch.id, "too late")
    assert outcome(status(batch)) == expected
    assert status(batch)["reason"] is None
