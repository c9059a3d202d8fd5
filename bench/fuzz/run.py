"""Runs child processes over the cases, and adds up what they say."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bench.fuzz.cases import case
from bench.record import PROJECT

CHILD = (sys.executable, "-m", "bench.fuzz.child")
"""The process that is fuzzed; its arguments are the seed, the first case and the end of cases."""

MAX_CRASHES = 20
"""Crashes after which the rest is not tried."""


@dataclass(slots=True)
class Report:
    """What happened.

    Attributes:
        outcomes: cases by problem type, "200", or what must not be: "escaped", "crash".
        bad: cases that did what must not be: number, valid file it was made from, why, photo.
        slowest_ms: of all cases.
        memory: of the last child, in 10^6 bytes: allocated ("heap") and resident ("rss") after the
            valid files ("baseline") and at its end ("final"); resident at most ("peak").
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    bad: list[dict[str, Any]] = field(default_factory=list)
    slowest_ms: float = 0.0
    memory: dict[str, float] = field(default_factory=dict)

    def add(self, result: dict[str, Any]) -> None:
        """Count the line of one case."""
        self.outcomes[result["outcome"]] += 1
        self.slowest_ms = max(self.slowest_ms, result["ms"])


def fuzz(seed: int, count: int, connection: str, failures: Path) -> Report:
    """Send `count` cases of a seed to the service's route, in child processes.

    Args:
        seed: of the cases.
        count: of the cases.
        connection: connection string of an account with an active model.
        failures: folder for the photos of bad cases, and what the children say on standard error.
    """
    failures.mkdir(parents=True, exist_ok=True)
    report, start, crashes = Report(), 0, 0
    env = {**os.environ, "BLOB_CONNECTION_STRING": connection, "API_AUTH_LEVEL": "anonymous"}
    with (
        tqdm(total=count, desc="fuzz", unit="photo") as bar,
        (failures / "stderr.log").open("wb") as log,
    ):
        while start < count and crashes < MAX_CRASHES:
            command = [*CHILD, str(seed), str(start), str(count)]
            child = subprocess.Popen(  # noqa: S603
                command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=log, text=True
            )
            assert child.stdout is not None  # noqa: S101
            for line in child.stdout:
                result = json.loads(line)
                if "i" not in result:
                    report.memory.update(result)
                    continue
                start = result["i"] + 1
                report.add(result)
                bar.update()
                if result["bad"]:
                    report.bad.append(_kept(seed, result["i"], result["bad"], failures))
            if child.wait():
                crashes += 1
                why = f"the process ended with status {child.returncode}"
                report.add({"outcome": "crash", "ms": 0})
                report.bad.append(_kept(seed, start, why, failures))
                start += 1
    return report


def _kept(seed: int, i: int, why: str, folder: Path) -> dict[str, Any]:
    """Save the photo of a bad case and describe it."""
    bad = case(seed, i)
    path = folder / f"{seed}-{i}-{bad.name}"
    path.write_bytes(bad.photo)
    return {"i": i, "made_from": bad.name, "query": bad.query, "why": why, "photo": path.name}
