"""Versioned model packages in Blob Storage: pick, download, verify, keep, swap."""

import json
import logging
import threading
from concurrent.futures import Future
from typing import NamedTuple

from function_app.settings import settings
from function_app.storage.blobs import container, list_blobs, read_blob
from function_app.storage.deadline import BlobMissing, in_background, wait_for
from function_app.storage.refreshed import Refreshed
from function_app.vision.model_package import (
    ACTIVE_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.vision.segmenter import Segmenter

MAX_LOADED = 3
"""Models kept in memory: the active one, the one before it for a rollback, one asked for by name.
Those that a photo is being segmented with stay until it is."""

log = logging.getLogger(__name__)


class NoModel(Exception):
    """No model can serve: none is published, or none of the published ones is usable."""


class Refused(NamedTuple):
    """An activation that was not followed: what active.json pointed to, and what is wrong."""

    model: ModelRef | None
    reason: str


class _Pointer(NamedTuple):
    ref: ModelRef | None


class ModelStore:
    """Loads models when they are asked for, each once, and keeps serving the last good one.

    Attributes:
        refused: why the latest activation is not followed; None if it is.
    """

    def __init__(self) -> None:
        self.refused: Refused | None = None
        self._lock = threading.Lock()
        self._loaded: dict[ModelRef, Future[Segmenter]] = {}
        self._loading: dict[ModelRef, Future[Segmenter]] = {}
        self._followed: ModelRef | None = None
        self._active = Refreshed(self._follow, lambda: settings().model_refresh_seconds)
        self._pointer = Refreshed(_read_pointer, lambda: settings().model_refresh_seconds)
        self._manifests = Refreshed(list_manifests, lambda: settings().model_refresh_seconds)

    def active(self) -> Segmenter:
        """Return the active model, following the pointer from time to time.

        A successor is loaded beside it. One that fails verification is logged, remembered in
        `refused`, and never replaces a good one.

        Raises:
            NoModel, StorageError: only while no model has ever been loaded.
        """
        return self._active.get()

    def active_ref(self) -> ModelRef | None:
        """Return which model is active, without loading it; None if none is.

        Raises:
            StorageError: only while it has never been read.
        """
        pointed = self._pointer.get().ref
        refused = self.refused is not None and self.refused.model == pointed
        return self._followed if refused else pointed

    def manifests(self) -> list[Manifest]:
        """Return the manifests of all published packages, oldest name and version first.

        Raises:
            StorageError: only while they have never been read.
        """
        return self._manifests.get()

    def get(self, ref: ModelRef) -> Segmenter:
        """Return the model of that name and version, loaded if need be.

        Several who ask for one model wait for one load; nobody waits for another model's.

        Raises:
            NoModel, StorageError: it is not published, or not usable.
        """
        return wait_for(self._task(ref))

    def _follow(self) -> Segmenter:
        ref = None
        try:
            ref = read_active()
            segmenter = self._task(ref).result()
        except NoModel as error:
            self.refused = Refused(ref, str(error))
            raise
        self._followed, self.refused = ref, None
        return segmenter

    def _task(self, ref: ModelRef) -> "Future[Segmenter]":
        with self._lock:
            if loaded := self._loaded.pop(ref, None):
                self._loaded[ref] = loaded  # used last, dropped last
                return loaded
            if ref not in self._loading:
                self._loading[ref] = in_background(lambda: self._load(ref))
            return self._loading[ref]

    def _load(self, ref: ModelRef) -> Segmenter:
        try:
            segmenter = _read_model(ref)
        except BaseException:
            with self._lock:
                del self._loading[ref]
            raise
        with self._lock:
            self._loaded[ref] = self._loading.pop(ref)
            excess = max(len(self._loaded) - MAX_LOADED, 0)
            droppable = [r for r in self._loaded if r not in {ref, self._followed}]
            for dropped in droppable[:excess]:
                del self._loaded[dropped]
        log.info("loaded model %s", ref)
        return segmenter


def _read_model(ref: ModelRef) -> Segmenter:
    client = container(settings().models_container)
    try:
        manifest = Manifest.from_json(read_blob(client, ref.prefix + MANIFEST_FILE))
        model = read_blob(client, ref.prefix + MODEL_FILE)
        manifest.verify(ref, model)
        return Segmenter(model, manifest, settings().inference_threads)
    except BlobMissing as error:
        raise NoModel(f"model {ref} is not published") from error
    except PackageError as error:
        raise NoModel(str(error)) from error


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
        names = [blob.name for blob in list_blobs(client, "") if blob.name.endswith(MANIFEST_FILE)]
    except BlobMissing:
        return []
    manifests = []
    for name in names:
        try:
            manifests.append(Manifest.from_json(read_blob(client, name)))
        except (PackageError, BlobMissing) as error:
            log.warning("%s is left out: %s", name, error)
    return sorted(manifests, key=lambda manifest: manifest.ref)


def _read_pointer() -> _Pointer:
    try:
        return _Pointer(read_active())
    except NoModel:
        return _Pointer(None)


MODELS = ModelStore()
"""The process's one store; it does nothing before it is asked."""
