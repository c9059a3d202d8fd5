"""The workers that photos wait for: as many at once as there are cores, in order of arrival.

Azure's worker calls handlers in threads of its own pool (PYTHON_THREADPOOL_THREAD_COUNT). That pool
must be larger than inference_workers + max_waiting: requests that wait for one of its threads are
seen by nobody, and cannot be refused.
"""

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from time import perf_counter
from typing import TypeVar

from function_app.observability import note
from function_app.settings import settings

T = TypeVar("T")

RECENT = 8
"""About how many of the latest works the mean work time remembers."""


class Busy(Exception):
    """So many wait already that this one is refused; `retry_after` is in whole seconds, from 1."""

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
        arrived = perf_counter()
        context = copy_context()
        with self._lock:
            self._refuse_if_full()
            self._pool = self._pool or ThreadPoolExecutor(settings().inference_workers, "worker")
            future = self._pool.submit(context.run, self._do, work, arrived)
            self._pending += 1
        return future.result()

    def _refuse_if_full(self) -> None:
        workers = settings().inference_workers
        if self._pending >= workers + settings().max_waiting:
            raise Busy(max(1, math.ceil(self._pending * self._mean_seconds / workers)))

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
