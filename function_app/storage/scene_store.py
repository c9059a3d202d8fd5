"""Photos and true masks in Blob Storage, found by the ids of their scenes.

A scene's id is the path of its photo below `photos/`, without the suffix and without Cityscapes'
`_leftImg8bit`: of `photos/val/ulm/ulm_000001_leftImg8bit.png` it is `val/ulm/ulm_000001`. Its true
mask lies at the same path below `truth/`. Nothing is remembered between two calls, so that every
instance gives the same answers.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from function_app.settings import settings
from function_app.storage.account import container
from function_app.storage.blobs import Blob, Stored, download, find_blobs, list_page
from function_app.storage.concurrency import PARALLEL, in_parallel
from function_app.storage.errors import BlobMissing
from function_app.vision import file_names
from function_app.vision.categories import LABEL_SUFFIX, PHOTO_SUFFIX

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

PHOTO_PREFIX, TRUTH_PREFIX = "photos/", "truth/"
SUFFIXES = {
    spelled
    for suffix in file_names.MEDIA_TYPES
    for spelled in (suffix, suffix.upper(), f".{suffix[1:].capitalize()}")
}
"""Suffixes of photos, as files are named: `.jpg`, `.JPG` or `.Jpg`."""

MAX_ID = 900
"""Most characters of an id. Blob Storage allows 1,024 in a name, and a prediction's has the
model's name and version too."""

MIN_SLICE, MAX_SLICE = 50, 1000
"""How many ids are looked for together, while others are looked for at the same time: of ids that
lie side by side a listing finds all at once, of others few."""

CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Control characters, which listings cannot hold."""

_UNUSABLE = re.compile(rf"{CONTROL.pattern}|(^|/)\.{{1,2}}(/|$)|%2[Ff]")
"""Besides these, path segments that URLs lose, `.` and `..`; and `%2F`, which counts as a slash."""

_PHOTO = re.compile(rf"{PHOTO_PREFIX}((?:.*/)?[^/.][^/]*)(\.[a-zA-Z]+)", re.DOTALL)
"""Name of a photo's blob: id and suffix. Files whose names begin with a dot are hidden."""

_PHOTO_ENDINGS = tuple(stem + suffix for stem in ("", PHOTO_SUFFIX) for suffix in sorted(SUFFIXES))
_TRUTH_ENDINGS = (f"{LABEL_SUFFIX}.png", ".png")


class UnknownScene(Exception):
    """There is no scene of that id, or it has no true mask."""


class AmbiguousScene(Exception):
    """Several photos have the same id: their names differ in the suffix only."""


class ScenePage(NamedTuple):
    """Some scenes, in order of their photos' names.

    Attributes:
        ids: each once.
        truths: the ids that have a true mask.
        next: what the next page comes `after`; None on the last page.
    """

    ids: list[str]
    truths: set[str]
    next: str | None


def list_scenes(prefix: str = "", after: str = "", limit: int = 1000) -> ScenePage:
    """Return a page of scenes: one listing of photos, and a look at their true masks.

    Args:
        prefix: ids begin with it; "" for all.
        after: `next` of the page before; "" for the first page.
        limit: most scenes of the page. It may have fewer, or none, although others follow: other
            files below `photos/` take up places.

    Raises:
        InvalidRequest: `after` is not what an earlier page gave.
        StorageError: the container is missing, or storage does not answer.
    """
    page = list_page(_scenes(), PHOTO_PREFIX + prefix, after or None, limit)
    named = dict.fromkeys(scene_id(blob.name) for blob in page.blobs)
    ids = [id for id in named if id is not None and id.startswith(prefix)]
    masks = _find((TRUTH_PREFIX + id for id in ids), _TRUTH_ENDINGS)
    truths = {id for id in ids if TRUTH_PREFIX + id in masks}
    return ScenePage(ids, truths, page.marker)


def find_photo(id: str) -> Blob:
    """Return the blob of a scene's photo.

    Raises:
        UnknownScene: there is none.
        AmbiguousScene: there are several.
        StorageUnavailable: storage does not answer.
    """
    return one_photo(id, find_photos([id])[id])


def find_photos(ids: Iterable[str]) -> dict[str, list[Blob]]:
    """Return the photos of each id: usually one, none where there is no such scene.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    found: dict[str, list[Blob]] = {id: [] for id in ids}
    usable = sorted(filter(is_usable, found))
    size = min(max(len(usable) // PARALLEL, MIN_SLICE), MAX_SLICE)
    slices = [usable[first : first + size] for first in range(0, len(usable), size)]
    for blobs in in_parallel(_find_photos, slices):
        for stem, photos in blobs.items():
            id = stem.removeprefix(PHOTO_PREFIX)
            found[id] += [photo for photo in photos if scene_id(photo.name) == id]
    return found


def _find_photos(ids: list[str]) -> dict[str, list[Blob]]:
    return _find((PHOTO_PREFIX + id for id in ids), _PHOTO_ENDINGS)


def one_photo(id: str, photos: list[Blob]) -> Blob:
    """Return the only photo of an id; for the exceptions see `find_photo`."""
    if not photos:
        raise UnknownScene(f"There is no scene {id[:100]!r}.")
    if len(photos) > 1:
        names = " and ".join(photo.name for photo in photos)
        raise AmbiguousScene(f"{names} have the same id: rename or delete one of them.")
    return photos[0]


def find_truth(id: str) -> Blob:
    """Return the blob of a scene's true mask; of two, the one with all labels.

    Raises:
        UnknownScene: there is none.
        StorageUnavailable: storage does not answer.
    """
    stem = TRUTH_PREFIX + id
    found = _find([stem], _TRUTH_ENDINGS).get(stem, []) if is_usable(id) else []
    masks = {mask.name: mask for mask in found}
    for name in truth_names(id):
        if name in masks:
            return masks[name]
    raise UnknownScene(f"Scene {id[:100]!r} has no true mask.")


def read(blob: Blob) -> Stored:
    """Return a photo or a true mask as it is now, which may be newer than `blob`.

    Raises:
        UnknownScene: it has been deleted.
        BlobTooLarge: it has more than `max_body_bytes`, as no photo that is sent may have.
        StorageUnavailable: storage does not answer.
    """
    try:
        return download(_scenes(), blob.name, settings().max_body_bytes)
    except BlobMissing as error:
        raise UnknownScene("This scene is no longer stored.") from error


def scene_id(photo: str) -> str | None:
    """Return the id of the scene whose photo is the blob of that name; None for other blobs."""
    match = _PHOTO.fullmatch(photo)
    if match is None or match[2] not in SUFFIXES:
        return None
    short = match[1].removesuffix(PHOTO_SUFFIX)
    id = match[1] if short.endswith("/") or not short else short
    return id if is_usable(id) else None


def is_usable(id: str) -> bool:
    """Whether a scene may have that id; see `MAX_ID` and `_UNUSABLE`."""
    # Blob Storage counts UTF-16 code units.
    length = len(id.encode("utf-16-le", "surrogatepass")) // 2
    return 0 < length <= MAX_ID and not _UNUSABLE.search(id)


def truth_names(id: str) -> list[str]:
    """Return where a scene's true mask may lie: as Cityscapes labels, or as category ids."""
    return [TRUTH_PREFIX + id + ending for ending in _TRUTH_ENDINGS]


def _scenes() -> "ContainerClient":
    return container(settings().scenes_container)


def _find(stems: Iterable[str], endings: tuple[str, ...]) -> dict[str, list[Blob]]:
    try:
        return find_blobs(_scenes(), stems, endings)
    except BlobMissing:  # the container
        return {}
