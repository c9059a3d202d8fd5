"""Pages of a plan: how many photos they have, and their parts added up."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple

from function_app.batches import records
from function_app.batches.part import Part, total
from function_app.batches.planning import GROUP
from function_app.settings import settings
from function_app.storage.blobs import container, list_blobs

READERS = 16
"""Blobs that are read at once."""

_pool = ThreadPoolExecutor(READERS, "parts")


class Page(NamedTuple):
    """A page that has been listed.

    Attributes:
        number: from 0.
        photos: how many it has.
        last: whether no other follows.
    """

    number: int
    photos: int
    last: bool


def names(prefix: str) -> list[str]:
    """List the blobs of batches whose names begin so.

    Raises:
        StorageError: see there.
    """
    return [name for name, _ in list_blobs(container(settings().batches_container), prefix)]


def pages_of(batch: str) -> list[Page]:
    """Return the pages of a batch that have been listed.

    Raises:
        StorageError: see there.
    """
    found = names(f"{batch}/pages/")
    return [_page(name, data) for name, data in zip(found, read_all(found), strict=True)]


def parts_of(batch: str, pages: Sequence[Page]) -> dict[int, Part]:
    """Add up the parts of each page so far.

    Raises:
        StorageError: see there.
    """
    sums = {_number(name): name for name in names(f"{batch}/sums/")}
    data = read_all([sums[page.number] for page in pages if page.number in sums])
    parts = {page.number: Part.from_json(next(data)) for page in pages if page.number in sums}
    open_pages = [page for page in pages if page.photos and page.number not in sums]
    listed = _pool.map(lambda page: names(records.parts_prefix(batch, page.number)), open_pages)
    for page, found in zip(open_pages, listed, strict=True):
        parts[page.number] = _added(batch, page, found)
    return parts


def sum_if_complete(batch: str, number: int) -> None:
    """Add the parts of a page up once for all if they are all there.

    Who creates the last part sees all of them: listings of blobs are consistent.

    Raises:
        StorageError: see there.
    """
    name = records.page_name(batch, number)
    page = _page(name, _immutable(name))
    found = names(records.parts_prefix(batch, number))
    if len(found) * GROUP >= page.photos:
        _added(batch, page, found)


def read_all(names: Sequence[str]) -> Iterator[bytes]:
    """Return blobs that are known to be there and never change, in order.

    Raises:
        StorageError: see there.
    """
    return _pool.map(_immutable, names)


def _added(batch: str, page: Page, parts: Sequence[str]) -> Part:
    added = total(Part.from_json(data) for data in read_all(parts))
    if added.photos == page.photos:
        # From now on one blob tells what these told, in whatever order they are read.
        records.create(records.sum_name(batch, page.number), added.to_json())
    return added


@lru_cache(512)
def _immutable(name: str) -> bytes:
    data = records.read(name)
    if data is None:
        raise records.UnknownBatch("The batch is being deleted.")
    return data


def _page(name: str, data: bytes) -> Page:
    return Page(_number(name), **json.loads(data))


def _number(name: str) -> int:
    return int(name.rpartition("/")[2].removesuffix(".json"))
