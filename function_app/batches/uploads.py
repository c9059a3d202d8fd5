"""A photo that has just been stored gets its mask by itself."""

import json

from function_app.settings import settings
from function_app.storage import prediction_store
from function_app.storage.account import container
from function_app.storage.blobs import BlobTooLarge, download
from function_app.storage.errors import BlobMissing
from function_app.storage.model_store import MODELS
from function_app.storage.prediction_store import Origin
from function_app.storage.scene_store import scene_id
from function_app.vision.photo import PhotoError, encode_mask
from function_app.vision.prediction import predict

QUEUE = "uploads"


class InvalidEvent(ValueError):
    """A message that is no event of Blob Storage; delivering it again would change nothing."""


def stored_photo(body: bytes) -> str | None:
    """Return the photo that an event is about; None if it is about something else.

    Args:
        body: of Event Grid, Microsoft.Storage.BlobCreated, in its own schema or as CloudEvent: both
            have a `subject` like `/blobServices/default/containers/scenes/blobs/photos/a.png`.

    Raises:
        InvalidEvent: the message is no JSON with a `subject` of text.
    """
    try:
        subject = json.loads(body)["subject"]
        begin = f"/blobServices/default/containers/{settings().scenes_container}/blobs/"
        name = subject.removeprefix(begin)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise InvalidEvent(f"no event of Blob Storage: {body[:100]!r}") from error
    return name if name != subject and scene_id(name) else None


def predict_stored(photo: str) -> str:
    """Predict a stored photo with the active model, store the mask, and say what happened.

    Raises:
        NoModel, StorageError: the event must be delivered again.
    """
    try:
        stored = download(container(settings().scenes_container), photo, settings().max_body_bytes)
    except BlobMissing:
        return "gone"
    except BlobTooLarge as error:
        return str(error)
    model = MODELS.active()
    try:
        prediction = predict(stored.data, model, max_pixels=settings().max_pixels)
    except PhotoError as error:
        return str(error)
    origin = Origin(scene_id(photo) or "", stored.etag, prediction.model, model.manifest.sha256)
    prediction_store.store(origin, encode_mask(prediction.mask))
    return f"predicted by {prediction.model}"
