"""From what is chosen to groups of photos: one page of the listing at a time."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from function_app.batches import records
from function_app.batches.request import Batch, InvalidBatch
from function_app.blobs import LISTED, container, list_page
from function_app.scene_store import PHOTO_PREFIX, SCENES, UnknownScene, is_photo, scene_id
from function_app.settings import settings

GROUP = 16
"""Photos of one message: seconds of work, so that little is done twice when a worker dies, and
starting a group (a message, a part) costs little beside it."""

SHOWN_IDS = 5
"""Unknown ids that a refusal names."""


class PageTask(NamedTuple):
    """The message that has a page planned.

    Attributes:
        batch: its id.
        page: from 0.
        before: photos of the pages before.
        marker: where the listing goes on; None for the first page, and for ids.
    """

    batch: str
    page: int = 0
    before: int = 0
    marker: str | None = None


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


def plan_page(batch: Batch, task: PageTask) -> list[PageTask | GroupTask]:
    """Fix the photos of a page, and return the tasks that follow: the next page, and its groups.

    Delivered again it returns the same tasks, whatever was stored or deleted in between.

    Raises:
        StorageError: see there.
    """
    if records.stopped(batch.id) is not None:
        return []
    items = _fixed(batch, task)
    photos = task.before + len(items.photos)
    if photos > settings().max_batch_photos:
        limit = settings().max_batch_photos
        records.stop(batch.id, f"it chooses more than {limit:,} photos, the most that are allowed")
        return []
    if items.last and not photos:
        records.stop(batch.id, "it chooses no photo: there is none in this folder and of this id")
    summary = {"photos": len(items.photos), "last": items.last}
    records.create(records.page_name(batch.id, task.page), json.dumps(summary).encode())
    groups = _slices(items.photos, GROUP)
    tasks: list[PageTask | GroupTask] = []
    if not items.last:
        # First, so that another worker can plan on while this page's groups are sent.
        tasks.append(PageTask(batch.id, task.page + 1, photos, items.marker))
    tasks += [GroupTask(batch.id, task.page, f"{n:03}", group) for n, group in enumerate(groups)]
    return tasks


def _fixed(batch: Batch, task: PageTask) -> _Items:
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
