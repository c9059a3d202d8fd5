"""The blobs of batches: each is created once and never changed, or is a log that only grows."""

import json
import re
from typing import Any

from function_app.batches.request import Batch
from function_app.settings import settings
from function_app.storage.account import container
from function_app.storage.blobs import append_blob, create_blob, list_blobs, read_blob
from function_app.storage.errors import BlobMissing

REQUESTS = "requests/"
CANCELLED = "cancelled"

_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


class UnknownBatch(Exception):
    """There is no batch of that id."""


def create(name: str, document: dict[str, Any]) -> bool:
    """Store a document unless there is one of that name, and return whether there was none.

    Raises:
        StorageError: it could not be stored.
    """
    return create_blob(_container(), name, json.dumps(document).encode())


def read(name: str) -> dict[str, Any] | None:
    """Return a document; None where there is none.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    data = _read(name)
    document: dict[str, Any] | None = None if data is None else json.loads(data)
    return document


def append(name: str, line: dict[str, Any]) -> int:
    """Add a line to a log and return how many it has; when storage retries, it may stand twice.

    Raises:
        StorageError: it could not be stored.
    """
    return append_blob(_container(), name, json.dumps(line).encode() + b"\n")


def read_log(name: str) -> list[dict[str, Any]]:
    """Return the lines of a log, in the order in which they were added.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    return [json.loads(line) for line in (_read(name) or b"").split(b"\n") if line]


def names(prefix: str) -> list[str]:
    """Return the names of all blobs that begin with `prefix`, in order.

    Raises:
        StorageError: storage does not answer.
    """
    return [blob.name for blob in list_blobs(_container(), prefix)]


def read_batch(id: str) -> Batch:
    """Return a batch as it was asked for.

    Raises:
        UnknownBatch: there is none of that id.
        StorageUnavailable: storage does not answer.
    """
    document = read(request_name(id)) if _ID.fullmatch(id) else None
    if document is None:
        raise UnknownBatch(f"There is no batch {id[:100]!r}.")
    return Batch.from_dict(document)


def stop(batch: str, reason: str) -> None:
    """Have nothing new begin in a batch; the first reason counts.

    Raises:
        StorageError: it could not be stored.
    """
    create(f"{batch}/stopped.json", {"reason": reason})


def stopped(batch: str) -> str | None:
    """Return why a batch ends early; None where it does not.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    document = read(f"{batch}/stopped.json")
    return None if document is None else str(document["reason"])


def request_name(batch: str) -> str:
    """Name the document of what was asked for."""
    return f"{REQUESTS}{batch}.json"


def items_name(batch: str, page: int) -> str:
    """Name the document of a page's photos."""
    return f"{batch}/items/{page:05}.json"


def pages_log(batch: str) -> str:
    """Name the log of the pages that have been listed."""
    return f"{batch}/pages.log"


def results_log(batch: str, page: int) -> str:
    """Name the log of the results of a page's groups."""
    return f"{results_prefix(batch)}{page:05}.log"


def results_prefix(batch: str) -> str:
    """Return what the names of all logs of results begin with."""
    return f"{batch}/results/"


def totals_log(batch: str) -> str:
    """Name the log of the totals of pages of which no photo is left."""
    return f"{batch}/totals.log"


def _read(name: str) -> bytes | None:
    try:
        return read_blob(_container(), name)
    except BlobMissing:
        return None


def _container() -> Any:
    return container(settings().batches_container)
