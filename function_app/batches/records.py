"""The blobs of batches: each is created once and never changed."""

import json
import re
from typing import Any

from function_app.batches.part import Part
from function_app.batches.request import Batch
from function_app.settings import settings
from function_app.storage.blobs import container, create_blob, read_blob
from function_app.storage.deadline import BlobMissing

REQUESTS = "requests/"
CANCELLED = "cancelled"

_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


class UnknownBatch(Exception):
    """There is no batch of that id."""


def create(name: str, data: bytes) -> bool:
    """Store a blob unless it is there, and return whether it was not.

    Raises:
        StorageError: see there.
    """
    return create_blob(container(settings().batches_container), name, data)


def read(name: str) -> bytes | None:
    """Return a blob's bytes; None where there is none.

    Raises:
        StorageUnavailable: see there.
    """
    try:
        return read_blob(container(settings().batches_container), name)
    except BlobMissing:
        return None


def read_batch(id: str) -> Batch:
    """Return a batch.

    Raises:
        UnknownBatch, StorageUnavailable: see there.
    """
    data = read(f"{REQUESTS}{id}.json") if _ID.fullmatch(id) else None
    if data is None:
        raise UnknownBatch(f"There is no batch {id[:100]!r}.")
    return Batch.from_json(data)


def stop(batch: str, reason: str) -> None:
    """Have nothing new begin in a batch; the first reason counts.

    Raises:
        StorageError: see there.
    """
    create(f"{batch}/stopped.json", json.dumps({"reason": reason}).encode())


def stopped(batch: str) -> str | None:
    """Return why a batch ends early; None where it does not.

    Raises:
        StorageUnavailable: see there.
    """
    data = read(f"{batch}/stopped.json")
    return None if data is None else str(json.loads(data)["reason"])


def items_name(batch: str, page: int) -> str:
    """Name the blob of a page's photos."""
    return f"{batch}/items/{page:05}.json"


def page_name(batch: str, page: int) -> str:
    """Name the blob of a page's number of photos."""
    return f"{batch}/pages/{page:05}.json"


def parts_prefix(batch: str, page: int) -> str:
    """Begin the names of a page's parts."""
    return f"{batch}/parts/{page:05}/"


def part_name(batch: str, page: int, group: str) -> str:
    """Name the blob of a group's part."""
    return f"{parts_prefix(batch, page)}{group}.json"


def sum_name(batch: str, page: int) -> str:
    """Name the blob of the added parts of a page."""
    return f"{batch}/sums/{page:05}.json"


def read_part(name: str) -> Part | None:
    """Return a part, or a page's sum; None where there is none.

    Raises:
        StorageUnavailable: see there.
    """
    data = read(name)
    return None if data is None else Part.from_json(data)


def read_json(name: str) -> Any:
    """Return a blob's JSON; None where there is none.

    Raises:
        StorageUnavailable: see there.
    """
    data = read(name)
    return None if data is None else json.loads(data)
