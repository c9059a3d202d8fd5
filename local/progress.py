"""Lines that say what is being done, and how long it took.

On a terminal a line is overwritten while its work goes on. A file or a pipe gets whole lines: one
for each tenth of what is counted, and one at the end.
"""

import sys
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
        _print(f"{self._title} ...")
        return self._remember

    def _remember(self, note: str) -> None:
        self._note = f"  {note}"

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            elapsed = time.monotonic() - self._start
            _print(f"{self._title:{LINE}}{elapsed:6.1f} s{self._note}", last=True)
        elif sys.stdout.isatty():
            print()


def counter(label: str) -> Callable[[int, int], None]:
    """Return a function that prints how many are done, of how many."""

    printed = 0

    def show(done: int, total: int) -> None:
        nonlocal printed
        tenths = done * 10 // total if total else 10
        if sys.stdout.isatty() or tenths > printed:
            _print(f"{f'  {label} {done}/{total}':{LINE}}")
            printed = tenths

    return show


def _print(line: str, *, last: bool = False) -> None:
    if sys.stdout.isatty():
        print(f"\r{line}", end="\n" if last else "", flush=True)
    else:
        print(line.rstrip(), flush=True)
