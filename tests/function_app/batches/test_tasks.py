"""Tasks as a queue delivers them: at least once, in any order, after faults, to several at once."""

import base64
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from function_app.batches import batch_store
from function_app.batches.messages import GroupTask, ListTask, SplitTask, Task, to_message
from function_app.batches.planning import GROUP
from function_app.batches.status import status
from function_app.batches.tasks import give_up_on
from function_app.storage.errors import StorageError
from function_app.storage.scene_store import MAX_ID
from tests.conftest import SCENES
from tests.function_app.batches.delivery import delivered, new, outcome, planned
from tests.helpers.faulty_storage import FaultyStorage

pytestmark = pytest.mark.usefixtures("here", "groups_of_two")


def test_what_is_delivered_twice_in_any_order_counts_once(expected: dict[str, Any]) -> None:
    assert expected["photos"] == {"planned": SCENES + 1, "done": SCENES, "failed": 1, "left": 0}
    batch = new()
    tasks: list[Task] = [ListTask(batch.id)] * 2
    generator = random.Random(0)  # noqa: S311
    while tasks:
        task = tasks.pop(generator.randrange(len(tasks)))
        following = delivered(task)
        tasks += following * 2
    assert outcome(status(batch)) == expected


def test_what_is_delivered_to_several_at_once_counts_once(expected: dict[str, Any]) -> None:
    batch = new()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(delivered, planned(batch) * 3))
    assert outcome(status(batch)) == expected


@pytest.mark.parametrize(
    "pattern",
    ["GET .*photos", "GET .*truth", "PUT .*predictions", "PUT .*results"],
)
def test_what_storage_failed_is_done_later_and_counts_once(
    faulty: FaultyStorage, expected: dict[str, Any], pattern: str
) -> None:
    batch = new()
    left: list[Task] = []
    tasks = planned(batch)
    faulty.fault("error", pattern)
    for task in tasks:
        try:
            left += delivered(task)
        except StorageError:
            left.append(task)
    faulty.heal()
    assert status(batch)["photos"]["done"] == 0
    for task in left:
        delivered(task)
    assert outcome(status(batch)) == expected


def test_an_answer_that_is_lost_after_storage_did_it(
    faulty: FaultyStorage, expected: dict[str, Any]
) -> None:
    batch = new()
    tasks = planned(batch)
    faulty.fault("truncate", "PUT .*results", times=1)
    for task in tasks:
        delivered(task)
    assert outcome(status(batch)) == expected


def test_a_cancelled_batch_begins_nothing(expected: dict[str, Any]) -> None:
    del expected
    batch = new()
    first, *others = planned(batch)
    delivered(first)
    batch_store.stop(batch.id, batch_store.CANCELLED)
    for task in [*others, SplitTask(batch.id, 0), ListTask(batch.id)]:
        assert delivered(task) == []
    document = status(batch)
    assert document["state"] == "cancelled"
    assert document["photos"]["done"] + document["photos"]["failed"] == 2


def test_of_a_deleted_batch_nothing_is_left_to_do(batch_account: BlobServiceClient) -> None:
    batch = new()
    group, *_ = planned(batch)
    container = batch_account.get_container_client("batches")
    container.delete_blob(f"requests/{batch.id}.json")
    for task in (ListTask(batch.id), SplitTask(batch.id, 0), group):
        assert delivered(task) == give_up_on(task) == []


def test_a_queue_takes_a_group_of_the_longest_names() -> None:
    """A message has 64 KiB, once the host has written it as base64."""
    longest = f"photos/{'字' * MAX_ID}_leftImg8bit.jpeg"
    task = GroupTask(new().id, 99_999, 5000, "999+15.15", [longest] * GROUP)
    assert len(base64.b64encode(to_message(task).encode())) <= 64 * 1024
