"""How far a batch is, and what it came to: read from its parts."""

import json
import time
from collections.abc import Sequence
from typing import Any

from function_app.batches import records
from function_app.batches.pages import Page, names, pages_of, parts_of, read_all
from function_app.batches.part import Failure, Part, total
from function_app.batches.request import Batch

MAX_FAILURES = 1000
"""Failures in an answer: as soon as there are so many, the rest is for the next one."""


def status(batch: Batch) -> dict[str, Any]:
    """Return the status document of a batch; docs/api.md says what is in it.

    Raises:
        StorageError: see there.
    """
    result = f"{batch.id}/result.json"
    if kept := records.read_json(result):
        return dict(kept)
    # In this order: pages may be listed, and parts created, while others are being read.
    stopped, pages = records.stopped(batch.id), pages_of(batch.id)
    part = total(parts_of(batch.id, pages).values())
    document = _document(batch, pages, part, stopped)
    if document["state"] == "done":
        records.create(result, json.dumps(document).encode())
    return document


def begun(batch: Batch) -> dict[str, Any]:
    """Return the status document of a batch that has just begun; storage is not asked."""
    return _document(batch, [], Part(), None)


def failures(batch: Batch, page: int) -> tuple[list[Failure], int | None]:
    """Return the failures of a page of the plan and of those after it, and where to go on.

    Raises:
        StorageError: see there.
    """
    found: list[Failure] = []
    parts = parts_of(batch.id, pages_of(batch.id))
    for number in sorted(number for number in parts if number >= page):
        if len(found) >= MAX_FAILURES:
            return found, number
        found += parts[number].failures
    return found, None


def latest(limit: int) -> list[Batch]:
    """Return the batches that were asked for last, newest first.

    Raises:
        StorageError: see there.
    """
    chosen = sorted(names(records.REQUESTS), reverse=True)[:limit]
    return [Batch.from_json(data) for data in read_all(chosen)]


def _document(
    batch: Batch, pages: Sequence[Page], part: Part, stopped: str | None
) -> dict[str, Any]:
    planned = sum(page.photos for page in pages)
    left = planned - part.photos
    # Pages are listed one after the other: with the last, all are there.
    state = _state(any(page.last for page in pages), left, stopped)
    return {
        **batch.to_dict(),
        "state": state,
        "reason": None if state == "done" else stopped,
        "photos": {
            "planned": planned,
            "done": part.done,
            "failed": len(part.failures),
            "left": left,
        },
        **_pace(part, left, running=state in {"planning", "running"}),
        "evaluation": part.evaluation(),
    }


def _state(is_planned: bool, left: int, stopped: str | None) -> str:
    if is_planned and not left:
        return "done"  # whatever came too late: what is done stays so
    if stopped is not None:
        return "cancelled" if stopped == records.CANCELLED else "failed"
    return "running" if is_planned else "planning"


def _pace(part: Part, left: int, *, running: bool) -> dict[str, float | None]:
    if part.started is None or part.finished is None:
        return {"seconds": None, "rate": None, "seconds_left": None}
    # While it runs, time goes on between two parts: work that is stuck gets a rate that falls.
    end = max(part.finished, time.time()) if running else part.finished
    seconds = max(end - part.started, 0.001)
    rate = part.photos / seconds
    return {
        "seconds": round(seconds, 1),
        "rate": round(rate, 3),
        "seconds_left": round(left / rate, 1) if running and rate else None,
    }
