"""From what is chosen to groups of photos: one page of the listing at a time."""

import json
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import NamedTuple

from function_app.batches import records
from function_app.batches.request import Batch, InvalidBatch
from function_app.settings import settings
from function_app.storage.blobs import LISTED, container, list_page
from function_app.storage.scene_store import PHOTO_PREFIX, SCENES, UnknownScene, is_photo, scene_id

GROUP = 16
"""Photos of one message: seconds of work, so that little is done twice when a worker dies, and
starting a group (a message, a part) costs little beside it."""

SECONDS = 45.0
"""After which another message goes on: far below host.json's functionTimeout, and seldom needed:
a page of 5,000 takes about a second."""

SHOWN_IDS = 5
"""Unknown ids that a refusal names."""


class PlanTask(NamedTuple):
    """The message that has the photos of a batch listed.

    Attributes:
        batch: its id.
        page: where to go on, from 0.
        before: photos of the pages before.
        marker: where the listing goes on; None for the first page, and for ids.
    """

    batch: str
    page: int = 0
    before: int = 0
    marker: str | None = None


class PageTask(NamedTuple):
    """The message that has a page, once it is listed, cut into groups.

    Attributes:
        batch: its id.
        page: from 0.
    """

    batch: str
    page: int


class GroupTask(NamedTuple):
    """The message that has photos worked on.

    Attributes:
        batch: its id.
        page: from 0.
        group: name of the group within its page.
        photos: names of blobs.
    """

    batch: str
    page: int
    group: str
    photos: list[str]


class _Items(NamedTuple):
    photos: list[str]
    marker: str | None
    last: bool


def store_ids(batch: str, ids: Sequence[str]) -> None:
    """Store the pages of a batch whose photos are named.

    Raises:
        InvalidBatch: there is no scene of some of the ids.
        StorageError: see there.
    """
    photos, unknown = [], []
    for id in ids:
        try:
            photos.append(SCENES.entry(id).photo.name)
        except UnknownScene:
            unknown.append(id[:80])
    if unknown:
        named = ", ".join(map(repr, unknown[:SHOWN_IDS]))
        more = f" and {len(unknown) - SHOWN_IDS} more" if len(unknown) > SHOWN_IDS else ""
        raise InvalidBatch(f"There is no scene {named}{more}.")
    pages = list(_slices(photos, LISTED))
    for page, part in enumerate(pages):
        items = _Items(part, None, last=page == len(pages) - 1)
        records.create(records.items_name(batch, page), _json(items))


def plan(batch: Batch, task: PlanTask) -> list[PlanTask | PageTask]:
    """List the photos of a batch, page by page, and return the tasks that follow.

    All is listed before any of it is cut into groups, so that it is soon known how many there are:
    messages are taken in order, and a page that was listed by a message behind those of groups
    would wait for their work. What takes too long is gone on with by another message.

    Delivered again it returns the same tasks, whatever was stored or deleted in between.

    Raises:
        StorageError: see there.
    """
    end, pages = monotonic() + SECONDS, list[PageTask]()
    while records.stopped(batch.id) is None:
        items = _fixed(batch, task)
        photos = task.before + len(items.photos)
        if photos > settings().max_batch_photos:
            most = f"{settings().max_batch_photos:,}"
            records.stop(batch.id, f"it chooses more than {most} photos, the most that are allowed")
            return []
        if items.last and not photos:
            # Before the page is known: with it, the batch would be done for whoever looks.
            records.stop(batch.id, "it chooses no photo: there is none of this folder and id")
            return []
        summary = {"photos": len(items.photos), "last": items.last}
        records.create(records.page_name(batch.id, task.page), json.dumps(summary).encode())
        if items.photos:
            pages.append(PageTask(batch.id, task.page))
        if items.last:
            return list(pages)
        task = PlanTask(batch.id, task.page + 1, photos, items.marker)
        if monotonic() > end:
            return [task, *pages]
    return []


def cut_page(batch: Batch, task: PageTask) -> list[GroupTask]:
    """Return the groups of a page that was listed; the same as often as it is called.

    Raises:
        StorageError: see there.
    """
    stored = records.read_json(records.items_name(batch.id, task.page))
    if stored is None or records.stopped(batch.id) is not None:
        return []
    return [
        GroupTask(batch.id, task.page, f"{n:03}", group)
        for n, group in enumerate(_slices(stored["photos"], GROUP))
    ]


def _fixed(batch: Batch, task: PlanTask) -> _Items:
    """Return the photos of a page as whoever came first listed them."""
    name = records.items_name(batch.id, task.page)
    stored = records.read_json(name)
    if stored is None:
        listed = _listed(batch, task.marker)
        if records.create(name, _json(listed)):
            return listed
        stored = records.read_json(name)
    return _Items(**stored)


def _listed(batch: Batch, marker: str | None) -> _Items:
    scenes = container(settings().scenes_container)
    names, following = list_page(scenes, PHOTO_PREFIX + batch.folder, marker)
    photos = [n for n in names if is_photo(n) and scene_id(n).startswith(batch.prefix)]
    return _Items(photos, following, following is None)


def _slices(items: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _json(items: _Items) -> bytes:
    return json.dumps(items._asdict()).encode()
