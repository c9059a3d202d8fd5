"""Run commands in this process: a new one would spend seconds on imports."""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest


class Ended(NamedTuple):
    """What a command came to; its exit status is 0 where it gave none."""

    status: int
    stdout: str
    stderr: str


def run_command(main: Callable[[], int | None], *arguments: object, **variables: str) -> Ended:
    """Call `main` with these command line arguments and environment variables."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
        patch.setattr(sys, "argv", ["command", *map(str, arguments)])
        for name, value in variables.items():
            patch.setenv(name, value)
        try:
            status = main()
        except SystemExit as ended:
            status = ended.code
            if isinstance(status, str):
                stderr.write(f"{status}\n")
                status = 1
    return Ended(status or 0, stdout.getvalue(), stderr.getvalue())
