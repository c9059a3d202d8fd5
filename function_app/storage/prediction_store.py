"""Masks already computed, in Blob Storage: `{model}/{version}/{id of the scene}.png`.

Each remembers the ETag of the photo it was computed from, the model file's sha256 and its own, and
is not used if one of them differs.
"""

import hashlib
import logging
from collections.abc import Iterable
from typing import NamedTuple

from function_app.settings import settings
from function_app.storage.account import container
from function_app.storage.blobs import download, find_blobs
from function_app.storage.concurrency import ask, storage_time
from function_app.storage.errors import BlobMissing, StorageError
from function_app.vision.model_package import ModelRef

PUT_SECONDS = 2.0
"""How long a mask that is kept for later may delay the answer."""

ENDING = ".png"

log = logging.getLogger(__name__)


class Origin(NamedTuple):
    """What a mask was computed from.

    Attributes:
        id: of the scene.
        photo: ETag of the photo, with quotes.
        model: name and version.
        sha256: of the model's file; an emulator may hold another one under the same version.
    """

    id: str
    photo: str
    model: ModelRef
    sha256: str

    @property
    def blob(self) -> str:
        """Name of the mask's blob."""
        return self.model.prefix + self.id + ENDING

    def metadata(self, png: bytes) -> dict[str, str]:
        """Return the metadata of the mask's blob, of which `png` are the bytes."""
        own = hashlib.sha256(png).hexdigest()
        return {"photo": self.photo, "model": self.sha256[:16], "sha256": own}


def get(origin: Origin) -> bytes | None:
    """Return the palette PNG that is stored for this photo and model; None if there is none.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    try:
        stored = download(container(settings().predictions_container), origin.blob)
    except BlobMissing:
        return None
    return stored.data if stored.metadata == origin.metadata(stored.data) else None


def put(origin: Origin, png: bytes) -> None:
    """Store a palette PNG for later; that it cannot be stored is logged, not raised."""
    try:
        with storage_time(PUT_SECONDS):
            store(origin, png)
    except StorageError as error:
        log.warning("the mask of %s is not kept: %s", origin.id, error)


def store(origin: Origin, png: bytes) -> None:
    """Store a palette PNG, in place of what is there.

    Raises:
        StorageError: it could not be stored.
    """
    from azure.storage.blob import ContentSettings

    client = container(settings().predictions_container)
    ask(
        lambda: client.upload_blob(
            origin.blob,
            png,
            overwrite=True,
            metadata=origin.metadata(png),
            content_settings=ContentSettings(content_type="image/png"),
        )
    )


def stored_ids(model: ModelRef, ids: Iterable[str]) -> set[str]:
    """Return those of the ids that a mask of this model is stored for, maybe of an older photo.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    stems = (model.prefix + id for id in ids)
    try:
        found = find_blobs(container(settings().predictions_container), stems, (ENDING,))
    except BlobMissing:  # the container
        return set()
    return {stem.removeprefix(model.prefix) for stem in found}
