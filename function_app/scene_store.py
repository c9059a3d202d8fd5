"""Photos and true masks in Blob Storage: what there is, and its bytes."""

import io
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from function_app.categories import LABEL_TO_CATEGORY
from function_app.model_package import ModelRef
from function_app.settings import settings
from function_app.storage import BlobMissing, container, read_blob, storage_errors

PHOTO_PREFIX, TRUTH_PREFIX = "photos/", "truth/"
PHOTO_SUFFIX, LABEL_SUFFIX = "_leftImg8bit", "_gtFine_labelIds"
CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


class UnknownScene(Exception):
    """There is no scene of that id, or it has no true mask."""


class Stored(NamedTuple):
    """A blob's bytes with what HTTP says about them; `data` is None when `etag` was known."""

    data: bytes | None
    content_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class SceneEntry:
    """Where a scene's blobs are; `truth` is None when it has no true mask."""

    id: str
    photo: str
    truth: str | None


class SceneStore:
    """The scenes of the configured container; the list is kept for a while, bytes are not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: dict[str, SceneEntry] = {}
        self._listed = float("-inf")

    def page(self, prefix: str, after: str, limit: int) -> tuple[list[SceneEntry], bool]:
        """Return up to `limit` scenes in order of id, and whether there are more.

        Args:
            prefix: ids begin with it; "" for all.
            after: ids come after it; "" for the first page.
            limit: most scenes to return.
        """
        matching = [
            entry
            for entry in self._entries().values()
            if entry.id.startswith(prefix) and entry.id > after
        ]
        return matching[:limit], len(matching) > limit

    def photo(self, scene_id: str, known_etag: str | None = None) -> Stored:
        """Return the stored photo.

        Raises:
            UnknownScene, StorageUnavailable: see there.
        """
        return _read_stored(self.entry(scene_id).photo, known_etag)

    def truth(self, scene_id: str) -> tuple[NDArray[np.uint8], str]:
        """Return the true mask as category ids (h, w) with 255 for ignored pixels, and its ETag.

        Raises:
            UnknownScene: no such scene, or one without a true mask.
            StorageUnavailable: storage does not answer.
        """
        entry = self.entry(scene_id)
        if entry.truth is None:
            raise UnknownScene(f"Scene {scene_id} has no true mask.")
        stored = _read_stored(entry.truth, None)
        mask = decode_mask(stored.data or b"")
        if PurePosixPath(entry.truth).stem.endswith(LABEL_SUFFIX):
            mask = LABEL_TO_CATEGORY[mask]
        return mask, stored.etag

    def entry(self, scene_id: str) -> SceneEntry:
        """Return where a scene's blobs are.

        Raises:
            UnknownScene, StorageUnavailable: see there.
        """
        entry = self._entries().get(scene_id)
        if entry is None:
            raise UnknownScene(f"There is no scene {scene_id[:100]!r}.")
        return entry

    def _entries(self) -> dict[str, SceneEntry]:
        with self._lock:
            if time.monotonic() - self._listed > settings().scene_refresh_seconds:
                self._index = _list_scenes()
                self._listed = time.monotonic()
            return self._index


class PredictionCache:
    """Masks already computed, as blobs `{name}/{version}/{id}.png`."""

    def get(self, ref: ModelRef, scene_id: str) -> bytes | None:
        """Return the palette PNG stored for this model and scene, if any."""
        client = container(settings().predictions_container)
        try:
            return read_blob(client, f"{ref.prefix}{scene_id}.png")
        except BlobMissing:
            return None

    def put(self, ref: ModelRef, scene_id: str, png: bytes) -> None:
        """Store a palette PNG; the same model and scene always give the same mask."""
        from azure.storage.blob import ContentSettings

        client = container(settings().predictions_container)
        with storage_errors():
            client.upload_blob(
                f"{ref.prefix}{scene_id}.png",
                png,
                overwrite=True,
                content_settings=ContentSettings(content_type="image/png"),
            )

    def ids(self, ref: ModelRef) -> set[str]:
        """Return the ids of all scenes that this model's masks are stored for."""
        client = container(settings().predictions_container)
        try:
            with storage_errors():
                names = client.list_blob_names(name_starts_with=ref.prefix)
                return {PurePosixPath(name).stem for name in names}
        except BlobMissing:
            return set()


def decode_mask(png: bytes) -> NDArray[np.uint8]:
    """Decode a one-channel 8-bit PNG to (h, w) ids.

    Raises:
        UnknownScene: it is something else.
    """
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            mask = np.asarray(image)
    except (OSError, UnidentifiedImageError) as error:
        raise UnknownScene("The stored mask of this scene is damaged.") from error
    if mask.dtype != np.uint8 or mask.ndim != 2:
        raise UnknownScene("The stored mask of this scene is not one 8-bit channel.")
    return mask


def _list_scenes() -> dict[str, SceneEntry]:
    client = container(settings().scenes_container)
    with storage_errors():
        photos = list(client.list_blob_names(name_starts_with=PHOTO_PREFIX))
        truths = list(client.list_blob_names(name_starts_with=TRUTH_PREFIX))
    truth_of = {PurePosixPath(n).stem.removesuffix(LABEL_SUFFIX): n for n in truths}
    entries = {}
    for name in photos:
        path = PurePosixPath(name)
        if path.suffix.lower() in CONTENT_TYPES:
            scene_id = path.stem.removesuffix(PHOTO_SUFFIX)
            entries[scene_id] = SceneEntry(scene_id, name, truth_of.get(scene_id))
    return dict(sorted(entries.items()))


def _read_stored(name: str, known_etag: str | None) -> Stored:
    from azure.core import MatchConditions
    from azure.core.exceptions import ResourceModifiedError

    client = container(settings().scenes_container)
    content_type = CONTENT_TYPES.get(PurePosixPath(name).suffix.lower(), "image/png")
    condition: dict[str, Any] = {}
    if known_etag:
        condition = {"etag": known_etag, "match_condition": MatchConditions.IfModified}
    try:
        with storage_errors():
            try:
                blob = client.download_blob(name, **condition)
            except ResourceModifiedError:  # the SDK's name for 304
                return Stored(None, content_type, known_etag or "")
            return Stored(blob.readall(), content_type, blob.properties.etag)
    except BlobMissing as error:
        raise UnknownScene("This scene is no longer stored.") from error


@cache
def scene_store() -> SceneStore:
    """The process's one store."""
    return SceneStore()
