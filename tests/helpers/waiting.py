"""Wait for what another process or thread does."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE_S = 120.0
"""Seconds; what a machine with nothing else to do needs is a few."""


def wait_until(condition: Callable[[], Found | None], seconds: float = PATIENCE_S) -> Found:
    """Call `condition` again and again until it returns something true; return that.

    Raises:
        AssertionError: it did not within `seconds`; the message has its last value.
    """
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"still {found!r} after {seconds:.0f} s"
        time.sleep(0.02)
    return found
