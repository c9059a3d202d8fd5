"""How far a batch is, and what it came to: read from its parts."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, NamedTuple

from function_app.batches import records
from function_app.batches.part import Failure, Part, total
from function_app.batches.request import Batch
from function_app.blobs import container, list_blobs
from function_app.settings import settings

READERS = 16
"""Parts that are read at once."""

MAX_FAILURES = 1000
"""Failures in an answer: as soon as there are so many, the rest is for the next one."""

_pool = ThreadPoolExecutor(READERS, "parts")


class _Progress(NamedTuple):
    """What there is of a batch; pages are those planned so far.

    Attributes:
        photos: by page.
        planned: whether all pages are.
        parts: by page.
        stopped: why it ends early.
    """

    photos: dict[int, int]
    planned: bool
    parts: dict[int, Part]
    stopped: str | None


def status(batch: Batch) -> dict[str, Any]:
    """Return the status document of a batch; docs/api.md says what is in it.

    Raises:
        StorageError: see there.
    """
    result = f"{batch.id}/result.json"
    if kept := records.read_json(result):
        return dict(kept)
    progress = _progress(batch.id)
    document = _document(batch, progress)
    if document["state"] == "done":
        records.create(result, json.dumps(document).encode())
    return document


def failures(batch: Batch, page: int) -> tuple[list[Failure], int | None]:
    """Return the failures of a page of the plan and of those after it, and where to go on.

    Raises:
        StorageError: see there.
    """
    found: list[Failure] = []
    parts = _progress(batch.id).parts
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
    names = [name for name, _ in list_blobs(_container(), records.REQUESTS)]
    chosen = sorted(names, reverse=True)[:limit]
    return [Batch.from_json(data) for data in _pool.map(_immutable, chosen)]


def _document(batch: Batch, progress: _Progress) -> dict[str, Any]:
    part = total(progress.parts.values())
    planned = sum(progress.photos.values())
    left = planned - part.photos
    state = _state(progress, left)
    return {
        **batch.to_dict(),
        "state": state,
        "reason": progress.stopped,
        "photos": {
            "planned": planned,
            "done": part.done,
            "failed": len(part.failures),
            "left": left,
        },
        **_pace(part, left, running=state in {"planning", "running"}),
        "evaluation": part.evaluation(),
    }


def _state(progress: _Progress, left: int) -> str:
    if progress.planned and not left and progress.stopped is None:
        return "done"
    if progress.stopped is not None:
        return "cancelled" if progress.stopped == records.CANCELLED else "failed"
    return "running" if progress.planned else "planning"


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


def _progress(batch: str) -> _Progress:
    pages: dict[int, str] = {}
    parts: dict[int, list[str]] = defaultdict(list)
    sums, is_stopped = set(), False
    for name, _ in list_blobs(_container(), f"{batch}/"):
        _, kind, *rest = name.split("/")
        if kind == "pages":
            pages[_number(rest[0])] = name
        elif kind == "parts":
            parts[_number(rest[0])].append(name)
        elif kind == "sums":
            sums.add(_number(rest[0]))
        elif kind == "stopped.json":
            is_stopped = True
    documents = [json.loads(data) for data in _read_all(list(pages.values()))]
    photos = {n: document["photos"] for n, document in zip(pages, documents, strict=True)}
    return _Progress(
        photos,
        # Pages are planned one after the other: with the last, all are there.
        any(document["last"] for document in documents),
        {n: _page(batch, n, parts[n], photos.get(n), n in sums) for n in sorted({*parts, *sums})},
        records.stopped(batch) if is_stopped else None,
    )


def _page(batch: str, page: int, names: Sequence[str], photos: int | None, summed: bool) -> Part:
    name = records.sum_name(batch, page)
    if summed:
        return Part.from_json(_immutable(name))
    added = total(Part.from_json(data) for data in _read_all(names))
    if added.photos == photos:
        # From now on one blob tells what these told, in whatever order they are read.
        records.create(name, added.to_json())
    return added


def _read_all(names: Sequence[str]) -> Iterator[bytes]:
    return _pool.map(_immutable, names)


@lru_cache(4096)
def _immutable(name: str) -> bytes:
    """The bytes of a blob that is known to be there and never changes."""
    data = records.read(name)
    if data is None:
        raise records.UnknownBatch("The batch is being deleted.")
    return data


def _number(text: str) -> int:
    return int(text.removesuffix(".json"))


def _container() -> Any:
    return container(settings().batches_container)
