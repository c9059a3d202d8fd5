"""From what is chosen to groups of photos: one page of the listing at a time."""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import NamedTuple

from function_app.batches import batch_store
from function_app.batches.messages import GroupTask, ListTask, SplitTask
from function_app.batches.request import Batch, InvalidBatch
from function_app.batches.results import GroupResult, page_results
from function_app.settings import settings
from function_app.storage.account import container
from function_app.storage.blobs import LISTED, Blob, list_page
from function_app.storage.errors import StorageUnavailable
from function_app.storage.scene_store import (
    PHOTO_PREFIX,
    AmbiguousScene,
    UnknownScene,
    find_photos,
    one_photo,
    scene_id,
)
from function_app.vision.file_names import is_clutter

GROUP = 16
"""Photos of one message: seconds of work, so that little is done twice when a worker dies, and
starting a group (a message, a result) costs little beside it."""

SHOWN_IDS = 5
"""Unknown ids that a refusal names."""

SHOWN_FILES = 5
"""Files of a page that are named: no photos by their suffix, or without a valid id."""


class Items(NamedTuple):
    """The photos of a page: names of blobs, and what else was listed.

    Attributes:
        photos: names of blobs.
        marker: where the listing goes on.
        last: whether no other page follows.
        left_out: listed files that are no photos by their suffix, or have no valid id.
        examples: names of some of them.
    """

    photos: list[str]
    marker: str | None
    last: bool
    left_out: int = 0
    examples: Sequence[str] = ()


class Page(NamedTuple):
    """A page that has been listed.

    Attributes:
        number: from 0.
        photos: how many it has.
        last: whether no other follows.
        left_out, examples: as of `Items`.
    """

    number: int
    photos: int
    last: bool
    left_out: int
    examples: Sequence[str]


def store_ids(batch: str, ids: Sequence[str]) -> None:
    """Store the pages of a batch whose photos are named.

    Raises:
        InvalidBatch: there is no scene, or more than one photo, of some of the ids.
        StorageError: they could not be stored.
    """
    photos, unknown = [], []
    for id, found in find_photos(ids).items():
        try:
            photos.append(one_photo(id, found).name)
        except AmbiguousScene as error:
            raise InvalidBatch(str(error)) from error
        except UnknownScene:
            unknown.append(id[:80])
    if unknown:
        named = ", ".join(map(repr, unknown[:SHOWN_IDS]))
        more = f" and {len(unknown) - SHOWN_IDS} more" if len(unknown) > SHOWN_IDS else ""
        raise InvalidBatch(f"There is no scene {named}{more}.")
    pages = list(_slices(photos, LISTED))
    for page, part in enumerate(pages):
        items = Items(part, None, last=page == len(pages) - 1)
        batch_store.create(batch_store.items_name(batch, page), items._asdict())


def list_photos(batch: Batch, task: ListTask, end: float) -> list[ListTask | SplitTask]:
    """List the photos of a batch, page by page, and return the tasks that follow.

    All is listed before any of it is split into groups, so that it is soon known how many there
    are: messages are taken in order, and a page that was listed by a message behind those of groups
    would wait for their work. Delivered again it returns the same tasks, whatever was stored or
    deleted in between.

    Args:
        batch: whose photos.
        task: where to begin.
        end: `monotonic()` after which another message goes on; seldom needed, as a page of 5,000
            takes about a second.

    Raises:
        StorageError: not even one page could be listed.
    """
    pages, next = list[SplitTask](), task
    while monotonic() < end or next == task:
        try:
            listed = _list_one(batch, next)
        except StorageUnavailable:
            if next == task:
                raise
            break
        if listed is None:
            return []
        if listed.photos:
            pages.append(SplitTask(batch.id, next.page))
        if listed.last:
            return list(pages)
        before = next.before + len(listed.photos)
        next = ListTask(batch.id, next.page + 1, before, listed.marker)
    return [next, *pages]


def split_page(batch: Batch, task: SplitTask) -> list[GroupTask]:
    """Return the groups of a page that was listed, save for those that are done.

    Raises:
        StorageError: storage does not answer.
    """
    if batch_store.stopped(batch.id) is not None:
        return []
    stored = batch_store.read(batch_store.items_name(batch.id, task.page))
    if stored is None:
        return []
    photos: list[str] = stored["photos"]
    results = page_results(batch.id, task.page)
    groups = (
        GroupTask(batch.id, task.page, len(photos), f"{n:03}", group)
        for n, group in enumerate(_slices(photos, GROUP))
    )
    return [left for group in groups for left in left_of(group, results)]


def left_of(task: GroupTask, results: dict[str, GroupResult]) -> list[GroupTask]:
    """Return what is left to do of a group, by the results of its page so far.

    Whoever asks gets the same names for the same photos: of a group without a result, itself; of
    one with a result, whatever its photos behind those have been handed to.
    """
    result = results.get(task.group)
    if result is None:
        return [task]
    first = result.totals.photos
    photos = task.photos[first:]
    if not result.alone:
        rest = [task._replace(group=f"{task.group}+{first:02}", photos=photos)] if photos else []
    else:
        rest = [
            task._replace(group=f"{task.group}.{n:02}", photos=[photo])
            for n, photo in enumerate(photos, first)
        ]
    return [left for next in rest for left in left_of(next, results)]


def listed_pages(batch: str) -> list[Page]:
    """Return the pages of a batch that have been listed, in order.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    lines = batch_store.read_log(batch_store.pages_log(batch))
    return [page for _, page in sorted({line["number"]: Page(**line) for line in lines}.items())]


def _list_one(batch: Batch, task: ListTask) -> Items | None:
    """List one page; None if the batch is stopped, before or by that."""
    if batch_store.stopped(batch.id) is not None:
        return None
    try:
        items = _fixed(batch, task)
    except AmbiguousScene as error:
        batch_store.stop(batch.id, str(error))
        return None
    photos = task.before + len(items.photos)
    if photos > settings().max_batch_photos:
        most = f"{settings().max_batch_photos:,}"
        batch_store.stop(batch.id, f"it chooses more than {most} photos, the most that are allowed")
        return None
    if items.last and not photos:
        # Before the page is known: with it, the batch would be done for whoever looks.
        batch_store.stop(batch.id, "it chooses no photo: there is none of this folder and id")
        return None
    page = Page(task.page, len(items.photos), items.last, items.left_out, items.examples)
    batch_store.append(batch_store.pages_log(batch.id), page._asdict())
    return items


def _fixed(batch: Batch, task: ListTask) -> Items:
    """Return the photos of a page as whoever came first listed them."""
    name = batch_store.items_name(batch.id, task.page)
    stored = batch_store.read(name)
    if stored is None:
        listed = _listed(batch, task.marker)
        if batch_store.create(name, listed._asdict()):
            return listed
        stored = batch_store.read(name)
    if stored is None:
        raise batch_store.UnknownBatch("The batch is being deleted.")
    return Items(**stored)


def _listed(batch: Batch, marker: str | None) -> Items:
    scenes = container(settings().scenes_container)
    # Both are beginnings of ids: the longer one leaves less to be listed.
    begin = PHOTO_PREFIX + max(batch.folder, batch.prefix, key=len)
    blobs, following = list_page(scenes, begin, marker)
    photos: dict[str, list[Blob]] = {}
    others: list[str] = []
    for blob in blobs:
        path, id = blob.name.removeprefix(PHOTO_PREFIX), scene_id(blob.name)
        if not (path.startswith(batch.folder) and (id or path).startswith(batch.prefix)):
            continue
        if id is not None:
            photos.setdefault(id, []).append(blob)
        elif not is_clutter(path):
            others.append(path)
    if marker is not None and blobs:
        # All names of an id begin with it, and so does what is listed between two of them: an id
        # that has another photo on a page before is a beginning of this page's first name.
        first = blobs[0].name.removeprefix(PHOTO_PREFIX)
        known = find_photos(id for id in photos if first.startswith(id))
        photos |= {id: found for id, found in known.items() if len(found) > 1}
    names = [one_photo(id, found).name for id, found in photos.items()]
    return Items(names, following, following is None, len(others), others[:SHOWN_FILES])


def _slices(items: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
