"""Masks already computed, in Blob Storage."""

import hashlib
import logging
from pathlib import PurePosixPath

from function_app.settings import settings
from function_app.storage.blobs import container, download, list_blobs
from function_app.storage.deadline import BlobMissing, StorageError, ask, storage_time
from function_app.storage.refreshed import Refreshed
from function_app.storage.scene_store import REST, SceneEntry
from function_app.vision.model_package import ModelRef

PUT_SECONDS = 2.0
"""How long a mask that is kept for later may delay the answer."""

log = logging.getLogger(__name__)


class PredictionCache:
    """Masks already computed, as blobs `{name}/{version}/{id}.png`.

    Each remembers the ETag of the photo it was computed from, the model file's sha256 and its own,
    and is worth nothing if one of them is another.
    """

    def __init__(self) -> None:
        self._ids: dict[ModelRef, Refreshed[set[str]]] = {}

    def get(self, ref: ModelRef, entry: SceneEntry, sha256: str) -> bytes | None:
        """Return the palette PNG stored for this model file and this scene's present photo.

        Args:
            ref: of the model.
            entry: the scene.
            sha256: of the model file; an emulator may hold another one under the same version.

        Raises:
            StorageUnavailable: storage does not answer.
        """
        client = container(settings().predictions_container)
        try:
            stored = download(client, _cached_name(ref, entry))
        except BlobMissing:
            return None
        return stored.data if stored.metadata == _origin(entry, sha256, stored.data) else None

    def put(self, ref: ModelRef, entry: SceneEntry, png: bytes, sha256: str) -> None:
        """Store a palette PNG; a cache that cannot be written is logged, and costs time only.

        For the arguments see `get`.
        """
        try:
            with storage_time(PUT_SECONDS):
                self.store(ref, entry, png, sha256)
        except StorageError as error:
            log.warning("the mask of %s is not kept: %s", entry.id, error)

    def store(self, ref: ModelRef, entry: SceneEntry, png: bytes, sha256: str) -> None:
        """Store a palette PNG, in place of what is there; for the arguments see `get`.

        Raises:
            StorageError: it could not be stored.
        """
        from azure.storage.blob import ContentSettings

        client = container(settings().predictions_container)
        ask(
            lambda: client.upload_blob(
                _cached_name(ref, entry),
                png,
                overwrite=True,
                metadata=_origin(entry, sha256, png),
                content_settings=ContentSettings(content_type="image/png"),
            )
        )
        if (known := self._ids.get(ref)) and (ids := known.latest()) is not None:
            ids.add(entry.id)

    def ids(self, ref: ModelRef) -> set[str]:
        """Return the ids of all scenes that this model's masks are stored for.

        Masks that other instances stored may be missing for `scene_refresh_seconds`.

        Raises:
            StorageUnavailable: only while they have never been listed.
        """
        known = self._ids.get(ref)
        if known is None:
            age = settings().scene_refresh_seconds
            known = Refreshed(lambda: _list_ids(ref), lambda: age, REST)
            # One model is active; of others the ids need not be remembered.
            self._ids = {ref: known}
        return known.get()


def _list_ids(ref: ModelRef) -> set[str]:
    client = container(settings().predictions_container)
    try:
        return {PurePosixPath(name).stem for name, _ in list_blobs(client, ref.prefix)}
    except BlobMissing:
        return set()


def _origin(entry: SceneEntry, sha256: str, png: bytes) -> dict[str, str]:
    """What a stored mask depends on, as metadata of its blob."""
    own = hashlib.sha256(png).hexdigest()
    return {"photo": entry.photo.etag, "model": sha256[:16], "sha256": own}


def _cached_name(ref: ModelRef, entry: SceneEntry) -> str:
    return f"{ref.prefix}{entry.id}.png"


PREDICTIONS = PredictionCache()
"""The process's one cache; it does nothing before it is asked."""
