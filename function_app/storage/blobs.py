"""Blobs: read, created, appended to, listed and found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from os.path import commonprefix
from typing import TYPE_CHECKING, Any, NamedTuple

from function_app.storage.concurrency import ask
from function_app.storage.errors import StorageError

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

LISTED = 5000
"""Most blobs that storage lists in one page (List Blobs, maxresults)."""

FEW = 100
"""Blobs of a page that is listed to find a single one."""


class BlobTooLarge(StorageError):
    """A blob has more bytes than are accepted; the message is fit for anybody."""


class Stored(NamedTuple):
    """A blob: its bytes, its ETag with quotes, and its metadata."""

    data: bytes
    etag: str
    metadata: dict[str, str]


def download(client: ContainerClient, name: str, most: int | None = None) -> Stored:
    """Return a blob with what belongs to it.

    Args:
        client: of the container.
        name: of the blob.
        most: bytes that it may have.

    Raises:
        BlobTooLarge: it has more; little of it was read.
        BlobMissing: there is no such blob.
        StorageUnavailable: storage does not answer.
    """

    def read() -> Stored:
        blob = client.download_blob(name)
        if most is not None and blob.size > most:
            raise BlobTooLarge(f"It has {blob.size:,} bytes; at most {most:,} are accepted.")
        return Stored(blob.readall(), blob.properties.etag, blob.properties.metadata or {})

    return ask(read)


def read_blob(client: ContainerClient, name: str) -> bytes:
    """Return a blob's bytes.

    Raises:
        BlobMissing: there is no such blob.
        StorageUnavailable: storage does not answer.
    """
    return download(client, name).data


def create_blob(client: ContainerClient, name: str, data: bytes) -> bool:
    """Store a blob unless there is one of that name, and return whether there was none.

    Raises:
        BlobMissing: there is no such container.
        StorageUnavailable: storage does not answer.
    """

    def create() -> bool:
        from azure.core.exceptions import ResourceExistsError

        try:
            client.upload_blob(name, data)
        except ResourceExistsError:
            return False
        return True

    return ask(create)


def append_blob(client: ContainerClient, name: str, data: bytes) -> int:
    """Add a block to an append blob, which is created if there is none.

    Returns:
        How many blocks it has. If several add at the same time, an emulator counts too few.

    Raises:
        BlobMissing: there is no such container.
        StorageUnavailable: storage does not answer.
    """

    def append() -> int:
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

        blob = client.get_blob_client(name)
        try:
            added = blob.append_block(data)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                blob.create_append_blob(match_condition=MatchConditions.IfMissing)
            added = blob.append_block(data)
        return int(str(added["blob_committed_block_count"]))

    return ask(append)


class Blob(NamedTuple):
    """Name, ETag (with quotes) and bytes of a stored blob."""

    name: str
    etag: str
    size: int


class Page(NamedTuple):
    """Part of a listing.

    Attributes:
        blobs: in order of their names; there may be none although other pages follow.
        marker: where the next page begins; None after the last one.
    """

    blobs: list[Blob]
    marker: str | None


def list_page(
    client: ContainerClient, prefix: str, marker: str | None = None, size: int | None = None
) -> Page:
    """List some of the blobs whose names begin with `prefix`, in one call.

    Args:
        client: of the container.
        prefix: "" for all.
        marker: of the page before; None for the first page.
        size: most blobs of the page, 1 to LISTED, which is the default.

    Raises:
        BlobMissing: there is no such container.
        InvalidRequest: the marker is not one that storage gave.
        StorageUnavailable: storage does not answer.
    """

    def read() -> Page:
        listed = client.list_blob_names(name_starts_with=prefix, results_per_page=size or LISTED)
        pages: Any = listed.by_page(marker)
        if next(pages, None) is None:
            return Page([], None)
        # Of a listing by name the SDK keeps the XML; one of whole blobs would make objects of
        # thirty attributes of it, seven times the work: seconds for some thousands of blobs.
        found = pages._response.iterfind("Blobs/Blob")
        blobs = [
            Blob(
                blob.findtext("Name"),
                _quoted(blob.findtext("Properties/Etag")),
                int(blob.findtext("Properties/Content-Length")),
            )
            for blob in found
        ]
        return Page(blobs, pages.continuation_token or None)

    return ask(read)


def list_blobs(client: ContainerClient, prefix: str) -> Iterator[Blob]:
    """List all blobs whose names begin with `prefix`, in order of their names.

    Raises:
        As `list_page`.
    """
    page = list_page(client, prefix)
    yield from page.blobs
    while page.marker is not None:
        page = list_page(client, prefix, page.marker)
        yield from page.blobs


def find_blobs(
    client: ContainerClient, stems: Iterable[str], endings: tuple[str, ...] = ("",)
) -> dict[str, list[Blob]]:
    """Return, by stem, the blobs whose names are a stem and an ending; others are left out.

    It lists what begins like all of the stems. Where that is more than a page, the stems are split
    by the first character in which they differ. So blobs of one folder cost one call or a few, and
    a single one costs up to three, however many others there are.

    Raises:
        BlobMissing: there is no such container.
        StorageUnavailable: storage does not answer.
    """
    wanted = sorted(set(stems))
    if not wanted:
        return {}
    prefix = commonprefix((wanted[0], wanted[-1]))  # noqa: RUF071
    size = LISTED if len(wanted) > 1 else FEW
    page = list_page(client, prefix, size=size)
    while not page.blobs and page.marker is not None:
        page = list_page(client, prefix, page.marker, size)
    # A name that is itself the prefix comes first: of a single one the first page tells all.
    if page.marker is None or (len(wanted) == 1 and endings == ("",)):
        return _by_stem(page.blobs, set(wanted), endings)
    if len(wanted) == 1:
        exact = find_blobs(client, [wanted[0] + ending for ending in endings])
        return {wanted[0]: [blob for blobs in exact.values() for blob in blobs]} if exact else {}
    found: dict[str, list[Blob]] = {}
    for _, group in groupby(wanted, lambda stem: stem[len(prefix) : len(prefix) + 1]):
        found |= find_blobs(client, group, endings)
    return found


def _by_stem(
    blobs: Iterable[Blob], wanted: set[str], endings: tuple[str, ...]
) -> dict[str, list[Blob]]:
    found: dict[str, list[Blob]] = {}
    for blob in blobs:
        for ending in endings:
            if blob.name.endswith(ending) and (stem := blob.name.removesuffix(ending)) in wanted:
                found.setdefault(stem, []).append(blob)
    return found


def _quoted(etag: str) -> str:
    # Listings give ETags without the quotes that HTTP headers have.
    return etag if etag.startswith('"') else f'"{etag}"'
