"""What fails again and again, or is delivered again meanwhile: nothing is lost or counts twice."""

from typing import Any

import pytest

from function_app.batches import groups
from function_app.batches.groups import GAVE_UP
from function_app.batches.messages import GroupTask, SplitTask, Task
from function_app.batches.request import Batch
from function_app.batches.status import failures, status
from function_app.batches.tasks import give_up_on
from tests.function_app.batches.delivery import delivered, new, outcome, planned

pytestmark = pytest.mark.usefixtures("here", "groups_of_two")


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
    assert give_up_on(others[0]) == [], "it was done after all"
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
