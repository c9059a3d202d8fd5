"""Values looked up in storage: kept, and looked up again while the old one serves."""

import logging
import math
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import Generic, TypeVar

from function_app.storage.concurrency import start, storage_time, wait_for
from function_app.storage.errors import StorageUnavailable

T = TypeVar("T")

log = logging.getLogger(__name__)


FAILURE_SECONDS = 3.0
"""How long a failed look-up stands for all who ask; else they would queue to fail one by one."""


GRACE_SECONDS = 1.0
"""How long the one who finds a value too old waits for a new one, before the old has to do."""


class Refreshed(Generic[T]):
    """The latest value of a look-up that is slow or may fail.

    Looking up happens in the background. While there is a value, only the one who set off the
    look-up waits, for a moment; before there is any, all wait as long as storage may keep them. A
    failed look-up is logged and keeps the old value; without one it is raised.

    Args:
        look_up: returns a new value, or raises.
        max_age: seconds after which the value is looked up again.
    """

    def __init__(self, look_up: Callable[[], T], max_age: Callable[[], float]) -> None:
        self._look_up, self._max_age = look_up, max_age
        self._lock = threading.Lock()
        self._value: T | None = None
        self._failure: Exception | None = None
        self._unreported: Exception | None = None
        self._until = -math.inf
        self._looking: Future[None] | None = None

    def get(self) -> T:
        """Return the value, or raise what the last look-up ended with.

        Raises:
            StorageUnavailable: there is no value yet, and no time to wait for it any longer.
        """
        # Reported in the thread of a request: Azure drops what other threads log.
        failure, self._unreported = self._unreported, None
        if failure is not None:
            log.warning("staying with what there is: %s", failure)
        mine = False
        with self._lock:
            if self._looking is None and monotonic() >= self._until:
                self._looking, mine = start(self._refresh), True
            looking = self._looking
        if looking is not None and self._value is None:
            wait_for(looking)
        elif looking is not None and mine:
            with suppress(StorageUnavailable), storage_time(GRACE_SECONDS):
                wait_for(looking)
        if self._value is not None:
            return self._value
        assert self._failure is not None  # noqa: S101 - a look-up ends with one or the other
        # Raised by many threads, its traceback would grow with every one of them.
        raise self._failure.with_traceback(None)

    def latest(self) -> T | None:
        """Return the value there is, without looking it up; None before there is any."""
        return self._value

    def _refresh(self) -> None:
        try:
            self._value, age = self._look_up(), self._max_age()
        except Exception as error:  # noqa: BLE001 - it is raised where somebody asks
            self._failure, age = error, FAILURE_SECONDS
            if self._value is not None:
                # Nobody waits for this one: no reason to hurry.
                self._unreported, age = error, max(age, self._max_age())
        with self._lock:
            self._until, self._looking = monotonic() + age, None
