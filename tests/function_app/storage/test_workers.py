"""The bounded pool: order, refusal, and that nothing gets lost on the way."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from function_app.http.problems import as_problem
from function_app.settings import settings
from function_app.storage.concurrency import Busy, Workers
from tests.helpers.waiting import wait_until

WAIT = 10


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """Two at once, three waiting."""
    monkeypatch.setenv("INFERENCE_WORKERS", "2")
    monkeypatch.setenv("MAX_WAITING", "3")
    settings.cache_clear()
    yield Workers()
    settings.cache_clear()


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    """The threads that Azure's worker calls handlers in."""
    with ThreadPoolExecutor(16) as pool:
        yield pool


class Gate:
    """Work that lasts until the gate opens, and remembers in which order it began."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.began: list[int] = []

    def work(self, number: int) -> Callable[[], int]:
        def do() -> int:
            self.began.append(number)
            assert self.opened.wait(WAIT)
            return number

        return do


def fill(
    workers: Workers, callers: ThreadPoolExecutor, gate: Gate, count: int
) -> list[Future[int]]:
    futures = []
    for number in range(count):
        futures.append(callers.submit(workers.run, gate.work(number)))
        wait_until(lambda: workers._pending == len(futures))
    return futures


def test_two_at_once_the_rest_in_order_and_one_too_many_is_refused(
    workers: Workers, callers: ThreadPoolExecutor
) -> None:
    gate = Gate()
    futures = fill(workers, callers, gate, 5)
    wait_until(lambda: len(gate.began) == 2)
    with pytest.raises(Busy) as refused:
        workers.run(gate.work(99))
    problem = as_problem(refused.value)
    assert (problem.status, problem.slug) == (503, "busy")
    assert problem.response().headers["Retry-After"] == "1"
    assert sorted(gate.began) == [0, 1]
    gate.opened.set()
    assert [future.result(WAIT) for future in futures] == [0, 1, 2, 3, 4]
    assert workers.run(lambda: "free again") == "free again"
    assert sorted(gate.began) == [0, 1, 2, 3, 4]


def test_first_come_first_served(
    workers: Workers, callers: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFERENCE_WORKERS", "1")
    settings.cache_clear()
    gate = Gate()
    futures = fill(workers, callers, gate, 4)
    gate.opened.set()
    for future in futures:
        future.result(WAIT)
    assert gate.began == [0, 1, 2, 3]


def test_retry_after_grows_with_the_work_in_the_queue(
    workers: Workers, callers: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("function_app.storage.concurrency.perf_counter", lambda: now[0])

    def half_a_minute() -> None:
        now[0] += 30

    for _ in range(40):
        workers.run(half_a_minute)
    gate = Gate()
    futures = fill(workers, callers, gate, 5)
    with pytest.raises(Busy) as refused:
        workers.run(gate.work(99))
    assert 70 <= refused.value.retry_after <= 75, "5 works of 30 s on 2 workers"
    gate.opened.set()
    for future in futures:
        future.result(WAIT)


class Unusual(BaseException):
    """As native libraries raise when they panic."""


@pytest.mark.parametrize("kind", [ValueError, KeyError, Unusual])
def test_what_the_work_raises_arrives_and_frees_the_worker(
    workers: Workers, kind: type[BaseException]
) -> None:
    def fail() -> None:
        raise kind("as it was")

    for _ in range(10):
        with pytest.raises(kind, match="as it was"):
            workers.run(fail)
    assert workers.run(lambda: 1) == 1


def test_work_sees_the_context_of_its_caller(workers: Workers) -> None:
    who: ContextVar[str] = ContextVar("who")
    who.set("caller")
    assert workers.run(who.get) == "caller"
