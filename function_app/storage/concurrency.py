"""All that waits: photos for a worker, callers for storage.

Azure's host calls handlers in threads of its own, PYTHON_THREADPOOL_THREAD_COUNT of them; requests
that wait for one of these are seen by nobody. Two things are done in other threads:

- `Workers`: photos are decoded, segmented and encoded by as many threads as there are cores. Few
  others may wait for them, in order; the rest is refused.
- `start`: what waits for storage has a thread of its own. One that never ends holds nobody else.
  Callers `wait_for` it only as long as their `storage_time` lasts.
"""

import logging
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from time import monotonic, perf_counter
from typing import TypeVar

from function_app.observability import note
from function_app.settings import settings
from function_app.storage.errors import StorageUnavailable, storage_errors

A = TypeVar("A")
T = TypeVar("T")

PARALLEL = 16
"""Tasks that `in_parallel` does at once."""

MAX_THREADS = 512
"""Threads that wait for storage: far more than ever have to, and few enough to fit into memory."""


RECENT = 8
"""About how many of the latest photos the mean time of work remembers."""

log = logging.getLogger(__name__)


class Busy(Exception):
    """So many photos wait that this one is refused; `retry_after` is in whole seconds, from 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"every worker is taken, try again in {retry_after} s")
        self.retry_after = retry_after


class Workers:
    """A pool of `inference_workers` threads with a queue of at most `max_waiting`.

    First come, first served: under a bare semaphore some callers starve (p99 8 times p50).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._pending = 0
        self._mean_seconds = 0.0

    def run(self, work: Callable[[], T]) -> T:
        """Do `work` when its turn comes, and return what it returns or raise what it raises.

        The caller's context variables are seen by the work; `queue_ms` is noted in its log line.

        Raises:
            Busy: at once, if `max_waiting` others wait already.
        """
        arrived, context, workers = perf_counter(), copy_context(), settings().inference_workers
        with self._lock:
            if self._pending >= workers + settings().max_waiting:
                raise Busy(max(1, math.ceil(self._pending * self._mean_seconds / workers)))
            self._pool = self._pool or ThreadPoolExecutor(workers, "worker")
            future = self._pool.submit(context.run, self._do, work, arrived)
            self._pending += 1
        return future.result()

    def _do(self, work: Callable[[], T], arrived: float) -> T:
        started = perf_counter()
        note(queue_ms=round((started - arrived) * 1000, 2))
        try:
            return work()
        finally:
            with self._lock:
                self._pending -= 1
                self._mean_seconds += (perf_counter() - started - self._mean_seconds) / RECENT


WORKERS = Workers()
"""The process's one pool; it has no threads before it is asked."""


@dataclass(slots=True)
class _Budget:
    left: float


_budget: ContextVar[_Budget | None] = ContextVar("storage_budget", default=None)
_threads = threading.BoundedSemaphore(MAX_THREADS)


@contextmanager
def storage_time(seconds: float) -> Iterator[None]:
    """Let storage keep all that happens inside waiting for so many seconds together.

    Only waiting counts, and less is left where an outer block has less. Outside of any block
    each call may take `storage_seconds`.
    """
    outer = _budget.get()
    granted = min(seconds, outer.left) if outer else seconds
    token = _budget.set(inner := _Budget(granted))
    try:
        yield
    finally:
        _budget.reset(token)
        if outer:
            outer.left -= granted - inner.left


def start(task: Callable[[], T]) -> Future[T]:
    """Do a task in a thread of its own, with `storage_time` of its own; several may wait for it.

    Starting a thread takes 0.1 ms, a call to storage some ms.

    Raises:
        StorageUnavailable: MAX_THREADS wait for storage already.
    """
    if not _threads.acquire(blocking=False):
        raise StorageUnavailable(f"{MAX_THREADS} calls wait for storage", "no answer")
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(task())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            future.set_exception(error)
        finally:
            _threads.release()

    threading.Thread(target=run, name="storage", daemon=True).start()
    return future


def wait_for(future: Future[T]) -> T:
    """Return a task's result, or raise its exception, within the time there is.

    Raises:
        StorageUnavailable: time is over; the task goes on.
    """
    budget = _budget.get() or _Budget(settings().storage_seconds)
    started = monotonic()
    try:
        return future.result(max(budget.left, 0))
    except TimeoutError:
        raise StorageUnavailable("no answer in time", "no answer") from None
    finally:
        budget.left -= monotonic() - started


def ask(call: Callable[[], T]) -> T:
    """Return what a call to the SDK returns, within the time there is.

    Another thread does it: the SDK's timeouts are between two bytes, so that an answer which
    trickles would never end, and none is over the look-up of names or the login.

    Raises:
        StorageError: see `storage_errors`; time is over.
    """

    def translated() -> T:
        with storage_errors():
            return call()

    return wait_for(start(translated))


def in_parallel(function: Callable[[A], T], items: Iterable[A]) -> list[T]:
    """Call a function with each item, PARALLEL at once; return the results in order.

    Raises:
        StorageUnavailable: the caller's time for storage is over.
        Exception: whatever the function raises.
    """
    results, left = list[T](), list(items)
    while left:
        now, left = left[:PARALLEL], left[PARALLEL:]
        results += [wait_for(done) for done in [start(partial(function, item)) for item in now]]
    return results
