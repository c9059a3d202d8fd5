"""How much of a file has been sent."""

from collections.abc import Callable

from local.progress import counter

BLOCK = 4 << 20
"""Bytes of a blob sent at once, so that a slow line shows progress and repeats little."""


def kilobytes(label: str) -> Callable[[int, int], None]:
    """Return a function that is told bytes done and bytes in all, and prints KB."""
    show = counter(label)
    return lambda done, total: show(done >> 10, total >> 10)
