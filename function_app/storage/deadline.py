"""How long Blob Storage may keep anybody waiting, and how it can disappoint."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from function_app.settings import settings

# The Azure SDK is imported inside functions: a cold start would notice it, which liveness, the
# category table and requests that are refused anyway do not have to pay.

T = TypeVar("T")

TRIES = 3


def patience(seconds: float) -> dict[str, Any]:
    """Return the options of a client whose tries share about so many seconds.

    The SDK's own defaults would let a request wait for minutes.
    """
    return {
        "connection_timeout": seconds / TRIES,
        "read_timeout": seconds / TRIES,
        "retry_total": TRIES - 1,
        # Between two tries 0 to 2/15 of the time, at random, so that instances do not come in step;
        # growth would be base**count seconds, whatever the time.
        "initial_backoff": seconds / 15,
        "increment_base": 0,
        "random_jitter_range": seconds / 15,
    }


PATIENCE = patience(30)
"""For people at a terminal, who send large files over slow lines."""

THREADS = 32
"""That wait for storage at the same time."""

_tasks = ThreadPoolExecutor(8, "look-up")


class StorageError(Exception):
    """Storage did not do what was asked."""


class BlobMissing(StorageError):
    """There is no such blob or container."""


class InvalidRequest(StorageError):
    """Storage does not accept a value that it was sent, such as the marker of a page."""


class StorageUnavailable(StorageError):
    """Storage cannot be reached, refuses, or is not configured.

    Attributes:
        reason: "no answer", "error", "no rights" or "not configured"; fit for anybody, while the
            message is for the log alone.
    """

    def __init__(self, message: str, reason: str = "error") -> None:
        super().__init__(message)
        self.reason = reason


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the SDK's exceptions into `StorageError`s."""
    from azure.core.exceptions import (
        AzureError,
        ClientAuthenticationError,
        HttpResponseError,
        ResourceNotFoundError,
    )

    try:
        yield
    except ResourceNotFoundError as error:
        raise BlobMissing(error.reason or "not found") from error
    except AzureError as error:
        summary = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        status = error.status_code if isinstance(error, HttpResponseError) else None
        if status == 400:
            raise InvalidRequest(summary) from error
        if status in {401, 403} or isinstance(error, ClientAuthenticationError):
            raise StorageUnavailable(
                "refused: the identity or key lacks rights (the role Storage Blob Data "
                f"Contributor), or a network rule is against it; {summary}",
                "no rights",
            ) from error
        raise StorageUnavailable(summary, "error" if status else "no answer") from error


@dataclass(slots=True)
class _Budget:
    left: float


_budget: ContextVar[_Budget | None] = ContextVar("storage_budget", default=None)


@contextmanager
def storage_time(seconds: float) -> Iterator[None]:
    """Let storage keep all that happens inside waiting for so many seconds together.

    Only waiting counts, and less is left where an outer block has less. Outside of any block
    each operation may take `storage_seconds`.
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


def wait_for(future: Future[T]) -> T:
    """Return a task's result, or raise its exception, within the time there is.

    Raises:
        StorageUnavailable: time is over; the task goes on.
    """
    budget = _budget.get() or _Budget(settings().storage_seconds)
    start = monotonic()
    try:
        return future.result(max(budget.left, 0))
    except TimeoutError:
        raise StorageUnavailable("no answer in time", "no answer") from None
    finally:
        budget.left -= monotonic() - start


def in_background(task: Callable[[], T]) -> Future[T]:
    """Start a task that several may wait for; it has time of its own."""
    return _tasks.submit(task)


class _Operations:
    """Threads that wait for storage; those that are stuck do not count for long.

    An answer that trickles keeps its thread for as long as it does, and cannot be ended from
    outside. When half of the threads are held by such, they are left to themselves.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._renew()

    def _renew(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "storage")
        self._stuck: list[Future[Any]] = []

    def submit(self, operation: Callable[[], T]) -> Future[T]:
        """Start an operation."""
        with self._lock:
            return self._pool.submit(operation)

    def abandon(self, operation: Future[Any]) -> None:
        """Give up waiting for an operation."""
        if operation.cancel() or operation.done():
            return
        with self._lock:
            # Some that were slow have ended since: only those that hold a thread now count.
            self._stuck = [slow for slow in (*self._stuck, operation) if not slow.done()]
            if len(self._stuck) >= THREADS // 2:
                self._pool.shutdown(wait=False)
                self._renew()


_operations = _Operations()


def ask(operation: Callable[[], T]) -> T:
    """Return what an operation on a client returns, within the time there is.

    Another thread does it: the SDK's timeouts are between two bytes, so that an answer which
    trickles would never end, and none is over the look-up of names or the login.

    Raises:
        BlobMissing, StorageUnavailable: see there.
    """

    def translated() -> T:
        with storage_errors():
            return operation()

    future = _operations.submit(translated)
    try:
        return wait_for(future)
    finally:
        _operations.abandon(future)
