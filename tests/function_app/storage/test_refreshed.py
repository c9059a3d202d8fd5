"""Values that are looked up again: how often, and who tells of a failure."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from function_app.storage import refreshed
from function_app.storage.refreshed import FAILURE_SECONDS, Refreshed
from tests.helpers.waiting import wait_until


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(refreshed, "monotonic", clock)
    return clock


def test_a_failure_beside_a_value_is_no_reason_to_hurry(clock: Clock) -> None:
    looked: list[float] = []

    def look_up() -> str:
        looked.append(clock.now)
        if len(looked) > 1:
            raise OSError("gone")
        return "value"

    value = Refreshed(look_up, lambda: 30)
    for clock.now in (0, 29.9, 30, 30 + FAILURE_SECONDS + 1, 59.9, 60):
        assert value.get() == "value"
    assert looked == [0, 30, 60]


def test_without_a_value_the_next_try_is_soon(clock: Clock) -> None:
    looked: list[float] = []

    def look_up() -> str:
        looked.append(clock.now)
        raise OSError("gone")

    value = Refreshed(look_up, lambda: 30)
    for clock.now in (0, FAILURE_SECONDS - 0.1, FAILURE_SECONDS):
        with pytest.raises(OSError, match="gone"):
            value.get()
    assert looked == [0, FAILURE_SECONDS]


def test_a_failure_is_logged_once_and_by_a_thread_that_asks(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter(["value", OSError("gone")])

    def look_up() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    value = Refreshed(look_up, lambda: 30)
    for clock.now in (0, 31, 32, 33):
        assert value.get() == "value"
    (record,) = caplog.records
    assert record.getMessage() == "staying with what there is: gone"
    assert record.thread == threading.get_ident(), "Azure drops what other threads log"


def test_nobody_waits_long_where_there_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, over = iter(["old", "new"]), threading.Event()

    def look_up() -> str:
        answer = next(answers)
        if answer == "new":
            over.wait()
        return answer

    value = Refreshed(look_up, lambda: 0.0)
    assert value.get() == "old"
    monkeypatch.setattr(refreshed, "GRACE_SECONDS", 0.05)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: value.get(), range(8))) == {"old"}
    finally:
        over.set()
    wait_until(lambda: value.latest() == "new")
