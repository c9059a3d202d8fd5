"""What a batch's status says while it runs, at what cost, and of what it waits for."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from azure.storage.queue import QueueClient

from function_app.batches import batch_store, groups
from function_app.batches import status as status_module
from function_app.batches.messages import ListTask, SplitTask, from_message
from function_app.batches.planning import Page
from function_app.batches.request import Batch
from function_app.batches.results import Failure, GroupResult, Totals, add_page_up, add_result
from function_app.batches.status import failures, shared_status, status
from function_app.batches.tasks import BEGIN_SECONDS, TASK_SECONDS
from local.worker import LEASE_SECONDS
from tests.conftest import PROJECT, forget_settings
from tests.function_app.batches.delivery import delivered, new, planned
from tests.helpers.faulty_storage import FaultyStorage

pytestmark = pytest.mark.usefixtures("here")

START = 1_800_000_000.0
"""Unix time when the first group of a made batch began: 2027-01-15T08:00:00Z."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets what time it is for whoever looks."""
    now = SimpleNamespace(time=lambda: START)
    monkeypatch.setattr(status_module, "time", now)
    return lambda seconds: setattr(now, "time", lambda: START + seconds)


def listed(pages: int, photos: int) -> Batch:
    """A batch whose pages are listed, of so many photos each."""
    batch = new()
    for number in range(pages):
        page = Page(number, photos, last=number == pages - 1, left_out=0, examples=())
        batch_store.append(batch_store.pages_log(batch.id), page._asdict())
    return batch


def made(pages: int, photos: int = 32) -> Batch:
    """As `listed`; of the first page the first group took 10 s, other pages are done."""
    batch = listed(pages, photos)
    for page in range(pages):
        done = 16 if page == 0 else photos
        totals = Totals(done=done, started=START, finished=START + 10)
        add_result(batch.id, page, GroupResult("000", totals, []))
        if page:
            add_page_up(batch.id, page, photos)
    return batch


def test_time_left_is_what_is_left_at_the_rate_so_far(clock: Callable[[float], None]) -> None:
    batch = made(1, photos=40)
    clock(12)
    document = status(batch)
    assert document["photos"] == {"planned": 40, "done": 16, "failed": 0, "left": 24}
    assert (document["seconds"], document["rate"]) == (12.0, round(16 / 12, 3))
    assert document["seconds_left"] == 18.0
    assert document["waiting"] is None


def test_who_waits_for_a_dead_instance_is_told_until_when(
    clock: Callable[[float], None], queue: QueueClient
) -> None:
    batch = made(1)
    clock(10 + 40)
    assert status(batch)["seconds_left"] is not None, "a group took 10 s, and may take 40"
    clock(10 + 41)
    document = status(batch)
    assert (document["state"], document["seconds_left"]) == ("running", None)
    assert document["waiting"] == {
        "since": "2027-01-15T08:00:10+00:00", "until": "2027-01-15T08:12:10+00:00",
    }  # fmt: skip
    clock(10 + 721)
    document = status(batch)
    assert document["waiting"] == {"since": "2027-01-15T08:00:10+00:00", "until": None}
    result = GroupResult("001", Totals(done=16, started=START, finished=START + 730), [])
    add_result(batch.id, 0, result)
    document = status(batch)
    assert (document["state"], document["waiting"], document["seconds_left"]) == (
        "done", None, None,
    )  # fmt: skip


def test_who_waits_for_the_first_message_is_told_too(
    clock: Callable[[float], None], queue: QueueClient
) -> None:
    batch = new()
    created = datetime.fromisoformat(batch.created)
    clock(created.timestamp() - START + 100)
    assert status(batch)["waiting"] is None, "the first group may take so long"
    clock(created.timestamp() - START + 101)
    document = status(batch)
    assert (document["state"], document["seconds_left"]) == ("planning", None)
    assert document["waiting"]["since"] == batch.created


@pytest.mark.usefixtures("groups_of_two", "pages_of_four")
def test_a_group_without_a_sign_of_life_is_taken_over(
    expected: dict[str, Any], queue: QueueClient, clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    at_start = SimpleNamespace(time=lambda: START, monotonic=time.monotonic)
    monkeypatch.setattr(groups, "time", at_start)  # however long it takes here
    batch = new()
    *others, lifeless = planned(batch)
    for task in others:
        delivered(task)
    queue.create_queue()
    clock(150)
    status(batch)
    assert queue.receive_message() is None, "somebody may still be at work"
    clock(150.1)
    for _ in range(3):
        assert status(batch)["state"] == "running"
    messages = list(queue.receive_messages())
    assert [from_message(m.content.encode()) for m in messages] == [SplitTask(batch.id, 1)]
    assert delivered(SplitTask(batch.id, 1)) == [lifeless]
    delivered(lifeless)
    delivered(lifeless)
    document = status(batch)
    assert {key: document[key] for key in expected} == expected


def test_a_batch_whose_first_message_was_lost_is_listed_after_all(
    queue: QueueClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = new()
    now = datetime.now(UTC).timestamp()
    monkeypatch.setattr(status_module, "time", SimpleNamespace(time=lambda: now + 200))
    for _ in range(2):
        assert status(batch)["state"] == "planning"
    messages = list(queue.receive_messages())
    assert [from_message(m.content.encode()) for m in messages] == [ListTask(batch.id)]


@pytest.mark.parametrize("pages", [2, 12])
def test_a_look_costs_the_same_however_large_the_batch(faulty: FaultyStorage, pages: int) -> None:
    batch = made(pages)
    faulty.seen.clear()
    assert status(batch)["photos"]["done"] == 16 + 32 * (pages - 1)
    assert len(faulty.seen) == 5, "stopped, pages, totals, a listing, the results of the open page"
    faulty.seen.clear()
    status(batch)
    assert len(faulty.seen) == 5


def test_pages_that_wait_for_their_turn_are_not_read(faulty: FaultyStorage) -> None:
    batch = listed(30, 32)
    add_result(batch.id, 7, GroupResult("000", Totals(failed=1), [Failure("a", "why")]))
    faulty.seen.clear()
    assert status(batch)["photos"] == {"planned": 960, "done": 0, "failed": 1, "left": 959}
    assert len(faulty.seen) == 5, "stopped, pages, totals, a listing, the results of page 7"
    faulty.seen.clear()
    assert failures(batch, 0) == ([Failure("a", "why")], None)
    assert len(faulty.seen) == 5, "pages, totals, a listing, the results of page 7 twice"


def test_all_who_look_at_the_same_time_share_one_look(
    here: pytest.MonkeyPatch, faulty: FaultyStorage
) -> None:
    here.setenv("STORAGE_SECONDS", "60")
    forget_settings()
    batch = made(2)
    faulty.seen.clear()
    # The first one's look lasts until all others have come.
    faulty.fault("delay", "pages.log", seconds=60)
    come = threading.Barrier(9)

    def look() -> dict[str, Any]:
        come.wait(30)
        return shared_status(batch)

    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(look) for _ in range(8)]
        come.wait(30)
        assert not any(look.done() for look in looks)
        seen = list(faulty.seen)
        faulty.heal()
        documents = [look.result() for look in looks]
    assert all(document == documents[0] for document in documents)
    assert sum("pages.log" in request for request in [*seen, *faulty.seen]) <= 2


def test_failures_are_given_page_by_page_and_none_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status_module, "MAX_FAILURES", 3)
    monkeypatch.setattr(status_module, "PARALLEL", 2)
    batch, wanted = listed(8, 6), []
    for page, count in enumerate((2, 0, 2, 5, 0, 1, 1, 3)):
        found = [Failure(f"{page}/{n}", "why") for n in range(count)]
        # The later group of a page is done first.
        for group, part in (("001", found[1:]), ("000", found[:1])):
            totals = Totals(done=3 - len(part) if group == "000" else 0, failed=len(part))
            add_result(batch.id, page, GroupResult(group, totals, part))
        wanted += found
    pages, position = [], 0
    while position is not None:
        part, position = failures(batch, position)
        pages.append(part)
    assert [failure for part in pages for failure in part] == wanted
    assert [len(part) for part in pages] == [4, 5, 5]


def test_what_the_status_takes_for_granted_is_what_host_json_says() -> None:
    hours, minutes, seconds = json.loads((PROJECT / "host.json").read_text())[
        "functionTimeout"
    ].split(":")
    allowed = 3600 * int(hours) + 60 * int(minutes) + int(seconds)
    assert allowed == status_module.FUNCTION_SECONDS
    assert BEGIN_SECONDS < TASK_SECONDS <= allowed * 2 / 3
    assert LEASE_SECONDS == status_module.LOCK_SECONDS
