"""Photos and true masks in Blob Storage: what there is, and its bytes."""

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from function_app.settings import settings
from function_app.storage.blobs import container, list_blobs, read_blob
from function_app.storage.deadline import BlobMissing
from function_app.storage.refreshed import Refreshed
from function_app.vision import file_names
from function_app.vision.categories import LABEL_SUFFIX, PHOTO_SUFFIX
from function_app.vision.labels import LabelError, Truth, decode_truth

PHOTO_PREFIX, TRUTH_PREFIX = "photos/", "truth/"
REST = 10.0
"""At most a tenth of the time goes into listing, however many scenes there are."""

log = logging.getLogger(__name__)


class UnknownScene(Exception):
    """There is no scene of that id, or it has no true mask."""


class Blob(NamedTuple):
    """Name and ETag of a stored blob."""

    name: str
    etag: str

    @property
    def content_type(self) -> str:
        """Media type by the name's suffix."""
        return file_names.MEDIA_TYPES[file_names.suffix(self.name)]


@dataclass(frozen=True, slots=True)
class SceneEntry:
    """Where a scene's blobs are; `truth` is None when it has no true mask."""

    id: str
    photo: Blob
    truth: Blob | None

    @property
    def true_mask(self) -> Blob:
        """The blob of the true mask; raises UnknownScene where there is none."""
        if self.truth is None:
            raise UnknownScene(f"Scene {self.id} has no true mask.")
        return self.truth


class _Index(NamedTuple):
    """All scenes: their ids in order, and each by its id."""

    ids: list[str]
    entries: dict[str, SceneEntry]


class SceneStore:
    """The scenes of the configured container; the list is kept for a while, bytes are not.

    Of several photos, or masks, of one id the first by name counts.
    """

    def __init__(self) -> None:
        self._index = Refreshed(_list_scenes, lambda: settings().scene_refresh_seconds, REST)

    def page(self, prefix: str, after: str, limit: int) -> tuple[list[SceneEntry], bool]:
        """Return up to `limit` scenes in order of id, and whether there are more.

        Args:
            prefix: ids begin with it; "" for all.
            after: ids come after it; "" for the first page.
            limit: most scenes to return.

        Raises:
            StorageError: only while the scenes have never been listed.
        """
        ids, entries = self._index.get()
        start = max(bisect_left(ids, prefix), bisect_right(ids, after))
        page = [id for id in ids[start : start + limit + 1] if id.startswith(prefix)]
        return [entries[id] for id in page[:limit]], len(page) > limit

    def entry(self, scene_id: str) -> SceneEntry:
        """Return where a scene's blobs are.

        Raises:
            UnknownScene: there is no scene of that id.
            StorageError: only while the scenes have never been listed.
        """
        entry = self._index.get().entries.get(scene_id)
        if entry is None:
            raise UnknownScene(f"There is no scene {scene_id[:100]!r}.")
        return entry

    def photo(self, entry: SceneEntry) -> bytes:
        """Return the stored photo.

        Raises:
            UnknownScene, StorageUnavailable: see there.
        """
        return self._read(entry.photo)

    def truth(self, entry: SceneEntry) -> Truth:
        """Return the true mask.

        Raises:
            UnknownScene: the scene has no true mask, or none that can be used; see `decode_truth`.
            StorageUnavailable: storage does not answer.
        """
        try:
            return decode_truth(self._read(entry.true_mask), entry.true_mask.name)
        except LabelError as error:
            raise UnknownScene(str(error)) from error

    def _read(self, blob: Blob) -> bytes:
        try:
            return read_blob(container(settings().scenes_container), blob.name)
        except BlobMissing as error:
            self._index.expire()
            raise UnknownScene("This scene is no longer stored.") from error


def is_photo(name: str) -> bool:
    """Whether a blob of that name is a scene's photo."""
    return name.startswith(PHOTO_PREFIX) and file_names.is_photo(name)


def scene_id(photo: str) -> str:
    """Return the id of the scene whose photo is the blob of that name."""
    return PurePosixPath(photo).stem.removesuffix(PHOTO_SUFFIX)


def truths_beside(photo: str) -> tuple[str, str]:
    """Return where the true mask of a photo lies in the usual layout: as labels, as categories."""
    folder = PurePosixPath(TRUTH_PREFIX) / PurePosixPath(photo).parent.relative_to(PHOTO_PREFIX)
    id = scene_id(photo)
    return f"{folder / id}{LABEL_SUFFIX}.png", f"{folder / id}.png"


def _list_scenes() -> _Index:
    photos = _list_blobs(PHOTO_PREFIX, PHOTO_SUFFIX, file_names.is_photo)
    truths = _list_blobs(TRUTH_PREFIX, LABEL_SUFFIX, file_names.is_mask)
    scenes = {id: SceneEntry(id, photos[id], truths.get(id)) for id in sorted(photos)}
    return _Index(list(scenes), scenes)


def _list_blobs(prefix: str, stem_suffix: str, wanted: Callable[[str], bool]) -> dict[str, Blob]:
    """List a folder's blobs by the ids in their names."""
    blobs: dict[str, Blob] = {}
    for path, etag in list_blobs(container(settings().scenes_container), prefix):
        name = PurePosixPath(path)
        if wanted(path):
            blobs.setdefault(name.stem.removesuffix(stem_suffix), Blob(path, etag))
    return blobs


SCENES = SceneStore()
"""The process's one store; it does nothing before it is asked."""
