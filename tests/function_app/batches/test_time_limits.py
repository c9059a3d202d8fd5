"""Groups of which only the first photos were done in time, and how long a task may take."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from function_app.batches import groups, planning, tasks
from function_app.batches.messages import GroupTask
from function_app.batches.status import status
from function_app.batches.tasks import give_up_on
from function_app.storage.errors import StorageUnavailable
from tests.conftest import SCENES, forget_settings
from tests.function_app.batches.delivery import delivered, new, outcome, planned
from tests.helpers.faulty_storage import FaultyStorage

pytestmark = pytest.mark.usefixtures("here", "groups_of_two")


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


def looked_before_the_others(patch: pytest.MonkeyPatch) -> None:
    """Let the next delivery look for results before those came that are there."""
    looks: list[dict[str, Any]] = [{}]
    page_results = groups.page_results
    patch.setattr(
        groups, "page_results", lambda *args: looks.pop() if looks else page_results(*args)
    )


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
