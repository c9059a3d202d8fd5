"""Versioned model packages in Blob Storage: pick, download, verify, keep, swap."""

import json
import logging
import threading

from function_app.model_package import (
    ACTIVE_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.refreshed import Refreshed
from function_app.segmenter import Segmenter
from function_app.settings import settings
from function_app.storage import (
    BlobMissing,
    StorageError,
    container,
    read_blob,
    storage_errors,
)

MAX_LOADED = 3
"""Models kept in memory: the active one, its successor while swapping, one asked for by name."""

log = logging.getLogger(__name__)


class NoModel(Exception):
    """No model can serve: none is published, or none of the published ones is usable."""


class ModelStore:
    """Loads models lazily, each once, and keeps serving the last good one."""

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._loaded: dict[ModelRef, Segmenter] = {}
        self._active = Refreshed(
            lambda: self.get(read_active()),
            lambda: settings().model_refresh_seconds,
            (NoModel, StorageError),
        )

    def active(self) -> Segmenter:
        """Return the active model, following the pointer from time to time.

        A successor that fails verification is logged and never replaces a good one.

        Raises:
            NoModel, StorageError: only while no model has ever been loaded.
        """
        return self._active.get()

    def get(self, ref: ModelRef) -> Segmenter:
        """Return the model of that name and version, loaded if need be.

        Raises:
            NoModel, StorageError: it is not published, or not usable.
        """
        if segmenter := self._loaded.get(ref):
            return segmenter
        with self._loading:
            return self._loaded.get(ref) or self._load(ref)

    def _load(self, ref: ModelRef) -> Segmenter:
        client = container(settings().models_container)
        try:
            manifest = Manifest.from_json(read_blob(client, ref.prefix + MANIFEST_FILE))
            model = read_blob(client, ref.prefix + MODEL_FILE)
            manifest.verify(ref, model)
            segmenter = Segmenter(model, manifest, settings().inference_threads)
        except BlobMissing as error:
            raise NoModel(f"model {ref} is not published") from error
        except PackageError as error:
            raise NoModel(str(error)) from error
        # The active model is held elsewhere too, so that dropping the oldest costs at most a load.
        while len(self._loaded) >= MAX_LOADED:
            del self._loaded[next(iter(self._loaded))]
        self._loaded[ref] = segmenter
        log.info("loaded model %s", ref)
        return segmenter


def read_active() -> ModelRef:
    """Return what active.json points to.

    Raises:
        NoModel: there is no pointer, or it points nowhere.
        StorageUnavailable: storage does not answer.
    """
    try:
        pointer = json.loads(read_blob(container(settings().models_container), ACTIVE_FILE))
        return ModelRef(pointer["name"], pointer["version"])
    except BlobMissing as error:
        raise NoModel("no model is published and activated") from error
    except (KeyError, TypeError, ValueError) as error:
        raise NoModel(f"{ACTIVE_FILE} cannot be used: {error}") from error


def list_manifests() -> list[Manifest]:
    """Return the manifests of all published packages, oldest name and version first.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    client = container(settings().models_container)
    try:
        with storage_errors():
            names = [name for name in client.list_blob_names() if name.endswith(MANIFEST_FILE)]
    except BlobMissing:
        return []
    manifests = []
    for name in names:
        try:
            manifests.append(Manifest.from_json(read_blob(client, name)))
        except (PackageError, BlobMissing) as error:
            log.warning("%s is left out: %s", name, error)
    return sorted(manifests, key=lambda manifest: manifest.ref)


MODELS = ModelStore()
"""The process's one store; it does nothing before it is asked."""
