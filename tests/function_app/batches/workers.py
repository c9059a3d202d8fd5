"""Worker processes."""

import sys

from local.processes import Children

LEASE = "3"
"""Seconds after which the message of a worker that was killed comes again."""


def start_worker(children: Children, name: str, **settings: str) -> int:
    """Start a worker; return the id of its process."""
    command = [sys.executable, "-m", "local", "worker", "--lease", LEASE]
    return children.start(name, command, **settings)
