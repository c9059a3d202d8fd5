"""Photos and true masks in Blob Storage: what there is, and its bytes."""

import io
import logging
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from function_app.categories import LABEL_SUFFIX, LABEL_TO_CATEGORY, PHOTO_SUFFIX
from function_app.model_package import ModelRef
from function_app.refreshed import Refreshed
from function_app.settings import settings
from function_app.storage import (
    BlobMissing,
    StorageError,
    container,
    read_blob,
    storage_errors,
)

PHOTO_PREFIX, TRUTH_PREFIX = "photos/", "truth/"
CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


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
        return CONTENT_TYPES[PurePosixPath(self.name).suffix.lower()]


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


class SceneStore:
    """The scenes of the configured container; the list is kept for a while, bytes are not."""

    def __init__(self) -> None:
        self._index = Refreshed(
            _list_scenes, lambda: settings().scene_refresh_seconds, (StorageError,)
        )

    def page(self, prefix: str, after: str, limit: int) -> tuple[list[SceneEntry], bool]:
        """Return up to `limit` scenes in order of id, and whether there are more.

        Args:
            prefix: ids begin with it; "" for all.
            after: ids come after it; "" for the first page.
            limit: most scenes to return.

        Raises:
            StorageError: only while the scenes have never been listed.
        """
        matching = [
            entry
            for entry in self._index.get().values()
            if entry.id.startswith(prefix) and entry.id > after
        ]
        return matching[:limit], len(matching) > limit

    def entry(self, scene_id: str) -> SceneEntry:
        """Return where a scene's blobs are.

        Raises:
            UnknownScene: there is no scene of that id.
            StorageError: only while the scenes have never been listed.
        """
        entry = self._index.get().get(scene_id)
        if entry is None:
            raise UnknownScene(f"There is no scene {scene_id[:100]!r}.")
        return entry

    def photo(self, entry: SceneEntry) -> bytes:
        """Return the stored photo.

        Raises:
            UnknownScene, StorageUnavailable: see there.
        """
        return _read(entry.photo)

    def truth(self, entry: SceneEntry) -> NDArray[np.uint8]:
        """Return the true mask as category ids (h, w), 255 where pixels are ignored.

        Raises:
            UnknownScene: the scene has no true mask, or none that can be read.
            StorageUnavailable: storage does not answer.
        """
        mask = decode_mask(_read(entry.true_mask))
        if PurePosixPath(entry.true_mask.name).stem.endswith(LABEL_SUFFIX):
            mask = LABEL_TO_CATEGORY[mask]
        return mask


class PredictionCache:
    """Masks already computed, as blobs `{name}/{version}/{id}.png`.

    Each remembers the ETag of the photo it was computed from, and is worth nothing for another.
    """

    def get(self, ref: ModelRef, entry: SceneEntry) -> bytes | None:
        """Return the palette PNG stored for this model and this scene's present photo, if any."""
        client = container(settings().predictions_container)
        try:
            with storage_errors():
                blob = client.download_blob(_cached_name(ref, entry))
                same_photo = (blob.properties.metadata or {}).get("photo") == entry.photo.etag
                return blob.readall() if same_photo else None
        except BlobMissing:
            return None

    def put(self, ref: ModelRef, entry: SceneEntry, png: bytes) -> None:
        """Store a palette PNG; a cache that cannot be written is logged, and costs time only."""
        from azure.storage.blob import ContentSettings

        client = container(settings().predictions_container)
        try:
            with storage_errors():
                client.upload_blob(
                    _cached_name(ref, entry),
                    png,
                    overwrite=True,
                    metadata={"photo": entry.photo.etag},
                    content_settings=ContentSettings(content_type="image/png"),
                )
        except StorageError as error:
            log.warning("the mask of %s is not kept: %s", entry.id, error)

    def ids(self, ref: ModelRef) -> set[str]:
        """Return the ids of all scenes that this model's masks are stored for."""
        client = container(settings().predictions_container)
        try:
            with storage_errors():
                names = client.list_blob_names(name_starts_with=ref.prefix)
                return {PurePosixPath(name).stem for name in names}
        except BlobMissing:
            return set()


def _cached_name(ref: ModelRef, entry: SceneEntry) -> str:
    return f"{ref.prefix}{entry.id}.png"


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
    truths = {}
    photos = {}
    with storage_errors():
        for blob in client.list_blobs(name_starts_with=TRUTH_PREFIX):
            name = PurePosixPath(blob.name)
            truths[name.stem.removesuffix(LABEL_SUFFIX)] = Blob(blob.name, _quoted(blob.etag))
        for blob in client.list_blobs(name_starts_with=PHOTO_PREFIX):
            name = PurePosixPath(blob.name)
            if name.suffix.lower() in CONTENT_TYPES:
                photos[name.stem.removesuffix(PHOTO_SUFFIX)] = Blob(blob.name, _quoted(blob.etag))
    return {id: SceneEntry(id, photos[id], truths.get(id)) for id in sorted(photos)}


def _quoted(etag: str) -> str:
    # Listings give ETags without the quotes that HTTP headers have.
    return etag if etag.startswith('"') else f'"{etag}"'


def _read(blob: Blob) -> bytes:
    try:
        return read_blob(container(settings().scenes_container), blob.name)
    except BlobMissing as error:
        raise UnknownScene("This scene is no longer stored.") from error


SCENES = SceneStore()
PREDICTIONS = PredictionCache()
"""The process's one store and one cache; they do nothing before they are asked."""
