"""A value that is looked up again when it has grown old."""

import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")

FAILURE_SECONDS = 3.0
"""How long a failed look-up stands for all who ask; else they would queue to fail one by one."""

log = logging.getLogger(__name__)


class Refreshed(Generic[T]):
    """The latest value of a look-up that is slow or may fail.

    While one thread looks, the others go on with the value they have; only before there is any
    they wait. A failed look-up is logged and keeps the old value; without one it is raised.

    Args:
        look_up: returns a new value, or raises one of `failures`.
        max_age: seconds after which the value is looked up again.
        failures: exceptions that a look-up may end with.
    """

    def __init__(
        self,
        look_up: Callable[[], T],
        max_age: Callable[[], float],
        failures: tuple[type[Exception], ...],
    ) -> None:
        self._look_up, self._max_age, self._failures = look_up, max_age, failures
        self._lock = threading.Lock()
        self._value: T | None = None
        self._failure: Exception | None = None
        self._until = float("-inf")

    def get(self) -> T:
        """Return the value, looked up now if it is too old; raises one of `failures`."""
        if monotonic() >= self._until and self._lock.acquire(blocking=self._value is None):
            try:
                # Another thread may have looked while this one waited for the lock.
                if monotonic() >= self._until:
                    self._refresh()
            finally:
                self._lock.release()
        if self._value is not None:
            return self._value
        assert self._failure is not None  # noqa: S101 - a look-up ends with one or the other
        raise self._failure

    def _refresh(self) -> None:
        try:
            self._value, age = self._look_up(), self._max_age()
        except self._failures as error:
            if self._value is not None:
                log.warning("staying with what there is: %s", error)
            self._failure = error
            age = FAILURE_SECONDS
        self._until = monotonic() + age
