"""The plan of a batch: page by page, the same however often, within limits."""

from typing import Any

import pytest
from azure.storage.blob import ContainerClient

from function_app.batches import batch_store, planning, tasks
from function_app.batches.messages import ListTask, SplitTask
from function_app.batches.request import Batch, InvalidBatch, parse_request
from function_app.batches.results import totals_by_page
from function_app.batches.status import status
from function_app.batches.tasks import give_up_on
from function_app.storage.errors import StorageError
from function_app.vision.model_package import ModelRef
from tests.conftest import SCENES, forget_settings
from tests.function_app.batches.delivery import (
    delivered,
    finished,
    new,
    outcome,
    planned,
    planned_from,
)
from tests.helpers.faulty_storage import FaultyStorage
from tests.helpers.storage import uploaded

pytestmark = pytest.mark.usefixtures("here", "groups_of_two")


@pytest.mark.usefixtures("pages_of_four")
def test_all_is_listed_before_any_of_it_is_split(expected: dict[str, Any]) -> None:
    batch = new()
    pages = delivered(ListTask(batch.id))
    assert pages == [SplitTask(batch.id, 0), SplitTask(batch.id, 1)]
    before = status(batch)
    assert before["state"] == "running"
    assert before["photos"]["planned"] == SCENES + 1
    for page in pages:
        for task in delivered(page):
            delivered(task)
    assert outcome(status(batch)) == expected
    kept = [totals.photos for totals in totals_by_page(batch.id).values()]
    assert kept == [3, SCENES + 1 - 3], "whoever completes a page keeps its totals"


@pytest.mark.usefixtures("pages_of_four")
def test_a_page_that_is_planned_again_has_the_same_groups(scenes: ContainerClient) -> None:
    batch = new()
    before = planned(batch)
    with uploaded(scenes, "photos/a/new.png"):
        assert planned(batch) == before


def test_folder_and_prefix_choose_by_the_path(scenes: ContainerClient) -> None:
    names = [f"photos/pick/{name}" for name in ("a/1.png", "a/2.JPG", "ab.png", "b.txt")]
    with uploaded(scenes, *names):
        for asked, expected in (
            ({"folder": "pick"}, names[:3]),
            ({"prefix": "pick/a"}, names[:3]),
            ({"prefix": "pick/a/"}, names[:2]),
            ({"folder": "pick/a", "prefix": "pick/a/1"}, names[:1]),
            ({"folder": "pick", "prefix": "pick/ab"}, names[2:3]),
            ({"folder": "pick", "prefix": "p"}, names[:3]),
            ({"folder": "pick", "prefix": "ab"}, []),
            ({"prefix": "pick/a/1."}, []),
            ({"folder": "pick", "prefix": "pick/ab.p"}, []),
        ):
            chosen = [photo for group in planned(new(**asked)) for photo in group.photos]
            assert chosen == expected, asked


@pytest.mark.parametrize("folder", ["名前\u3000一", "a\u00a0b", "👩\u200d🚒"])
def test_folders_with_any_characters_but_those_of_control(
    scenes: ContainerClient, folder: str
) -> None:
    names = [f"photos/{folder}/1.png", f"photos/{folder}/2%2F3.png"]
    with uploaded(scenes, *names):
        batch = new(folder=folder)
        assert [group.photos for group in planned(batch)] == [names[:1]]
    assert status(batch)["left_out"]["examples"] == [f"{folder}/2%2F3.png"]


def test_two_photos_of_one_id_end_the_batch_with_both_names(scenes: ContainerClient) -> None:
    names = ["photos/twins/a.jpg", "photos/twins/a.png"]
    with uploaded(scenes, *names):
        batch = new(folder="twins")
        assert planned(batch) == []
        with pytest.raises(InvalidBatch, match=r"photos/twins/a\.jpg and photos/twins/a\.png"):
            planning.store_ids(batch.id, ["twins/a"])
    document = status(batch)
    assert document["state"] == "failed"
    assert "photos/twins/a.jpg and photos/twins/a.png have the same id" in document["reason"]


@pytest.mark.usefixtures("pages_of_four")
@pytest.mark.parametrize(
    ("names", "twins"),
    [
        # The page ends behind the fourth, whatever kind of file that or the fifth is.
        (["1.png", "2.png", "3.png", "a.jpg", "a.png"], ["a.jpg", "a.png"]),
        (["1.png", "10.png", "11.png", "12.png", "1_leftImg8bit.png"],
         ["1.png", "1_leftImg8bit.png"]),
        (["1.png", "10.png", "11.png", "12.png", "13.txt", "1_leftImg8bit.png"],
         ["1.png", "1_leftImg8bit.png"]),
        (["0.png", "1.png", "10.png", *(f"1{n}.png" for n in range(11, 30)), "1_leftImg8bit.jpg"],
         ["1.png", "1_leftImg8bit.jpg"]),
        (["1.png", "10.png", "11.png", "12.png", "1_left.png"], []),
        (["1.png", "10.png", "11.png", "a.jpg", "a.jpg.png", "a.txt", "b.png"], []),
    ],
)  # fmt: skip
def test_two_photos_of_one_id_are_noticed_on_two_pages_as_well(
    scenes: ContainerClient, names: list[str], twins: list[str]
) -> None:
    with uploaded(scenes, *(f"photos/edge/{name}" for name in names)):
        batch = new(folder="edge")
        chosen = [photo for group in planned(batch) for photo in group.photos]
    document = status(batch)
    if twins:
        reason = " and ".join(f"photos/edge/{name}" for name in twins) + " have the same id"
        assert (document["state"], chosen) == ("failed", [])
        assert document["reason"].startswith(reason)
    else:
        assert chosen == [f"photos/edge/{name}" for name in names if name.endswith("g")]


@pytest.mark.usefixtures("pages_of_four")
def test_a_page_costs_two_listings_at_most(faulty: FaultyStorage, scenes: ContainerClient) -> None:
    names = [f"photos/cost/{n:02}.png" for n in range(12)]
    with uploaded(scenes, *names):
        delivered(ListTask(new(folder="cost").id))
    listings = [request for request in faulty.seen if "comp=list" in request]
    assert len(listings) == 3 + 2, "three pages, and a look back from the second and the third"


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
    stop = batch_store.stop

    def looked_at(id: str, reason: str) -> None:
        seen.append(status(batch)["state"])
        stop(id, reason)

    monkeypatch.setattr(batch_store, "stop", looked_at)
    assert planned(batch) == []
    assert seen == ["planning"]
    assert status(batch)["state"] == "failed"


@pytest.mark.usefixtures("pages_of_four")
def test_a_listing_without_time_is_gone_on_with_by_another_message(
    expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BEGIN_SECONDS", 0.0)
    batch = new()
    following, page = delivered(ListTask(batch.id))
    assert isinstance(following, ListTask)
    assert page == SplitTask(batch.id, 0)
    assert status(batch)["state"] == "planning"
    monkeypatch.setattr(tasks, "BEGIN_SECONDS", 50.0)
    finished(batch)
    assert outcome(status(batch)) == expected


@pytest.mark.usefixtures("pages_of_four")
def test_pages_that_were_listed_before_storage_failed_are_kept(
    faulty: FaultyStorage, expected: dict[str, Any]
) -> None:
    batch = new()
    faulty.fault("error", "PUT .*items/00001")
    following, page = delivered(ListTask(batch.id))
    assert page == SplitTask(batch.id, 0)
    assert isinstance(following, ListTask)
    assert (following.page, following.before) == (1, 3)
    with pytest.raises(StorageError):
        delivered(following)
    faulty.heal()
    for task in [*delivered(page), *planned_from(following)]:
        delivered(task)
    assert outcome(status(batch)) == expected


@pytest.mark.usefixtures("pages_of_four")
def test_a_page_that_is_split_again_has_only_the_groups_that_are_left() -> None:
    batch = new()
    first, second, *_ = planned(batch)
    delivered(first)
    assert delivered(SplitTask(batch.id, 0)) == [second]
    delivered(second)
    assert delivered(SplitTask(batch.id, 0)) == []


@pytest.mark.parametrize(
    ("page", "what"), [(None, "listed"), (0, "split into groups")], ids=["list", "split"]
)
def test_a_batch_that_cannot_be_planned_ends(page: int | None, what: str) -> None:
    batch = new()
    (split,) = delivered(ListTask(batch.id))
    task = ListTask(batch.id) if page is None else split
    assert give_up_on(task) == give_up_on(task) == delivered(task) == []
    document = status(batch)
    assert document["state"] == "failed"
    assert document["reason"] == f"its photos could not be {what}; the log knows why"


def test_files_that_are_no_photos_by_their_suffix_are_named(scenes: ContainerClient) -> None:
    names = ["a.jfif", "b.jpe", "c.heic", "d.TXT", ".DS_Store", "._a.jfif", "Thumbs.db"]
    with uploaded(scenes, *(f"photos/suffixes/{name}" for name in names), data=b""):
        batch = new(folder="suffixes")
        groups = planned(batch)
    assert [photo for group in groups for photo in group.photos] == [
        "photos/suffixes/a.jfif", "photos/suffixes/b.jpe",
    ]  # fmt: skip
    left_out = {"files": 2, "examples": ["suffixes/c.heic", "suffixes/d.TXT"]}
    assert status(batch)["left_out"] == left_out


def test_batches_of_one_second_sort_by_when_they_were_asked_for() -> None:
    ids = [Batch.new(parse_request(b"{}"), ModelRef("a", "1.0.0"), "").id for _ in range(200)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 200
