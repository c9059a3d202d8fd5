"""Lines that say what is being done, and how long it took."""

import time
from collections.abc import Callable

LINE = 36
"""Columns of a progress line, so that each overwrites the one before."""


class step:  # noqa: N801 - reads as a statement
    """Print what is being done, and when it is done how long it took."""

    def __init__(self, title: str) -> None:
        self._title, self._note = title, ""

    def __enter__(self) -> Callable[[str], None]:
        self._start = time.monotonic()
        print(f"{self._title} ...", end="", flush=True)
        return self._remember

    def _remember(self, note: str) -> None:
        self._note = f"  {note}"

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            elapsed = time.monotonic() - self._start
            print(f"\r{self._title:{LINE}}{elapsed:6.1f} s{self._note}", flush=True)


def counter(label: str) -> Callable[[int, int], None]:
    """Return a function that prints how many are done, of how many."""

    def show(done: int, total: int) -> None:
        print(f"\r{f'  {label} {done}/{total}':{LINE}}", end="", flush=True)

    return show
