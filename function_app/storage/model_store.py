"""The models of a process: which one serves, loaded once, swapped when the pointer moves."""

import logging
import threading
from concurrent.futures import Future
from functools import partial
from math import inf
from time import monotonic
from typing import NamedTuple

from function_app.settings import settings
from function_app.storage.concurrency import start, wait_for
from function_app.storage.published_models import (
    NoModel,
    Published,
    Refused,
    UnusableModel,
    list_packages,
    read_active,
    read_manifest,
    read_model,
)
from function_app.storage.refreshed import Refreshed
from function_app.vision.model_package import Manifest, ModelRef
from function_app.vision.segmenter import Segmenter

MAX_LOADED = 3
"""Models kept in memory: the active one, the one before it for a rollback, one asked for by name.
Those that a photo is being segmented with stay until it is."""

log = logging.getLogger(__name__)


class Choice(NamedTuple):
    """Which model serves by default, and why it is not the one that active.json names.

    Attributes:
        model: the one that serves.
        refused: the one that active.json names; None if it is the one that serves.
    """

    model: Segmenter
    refused: Refused | None


class ModelStore:
    """Loads models when they are asked for, each once, and keeps the latest MAX_LOADED."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loads: dict[ModelRef, Future[Segmenter]] = {}
        self._retry_at: dict[ModelRef, float] = {}
        self._choice = Refreshed(self._choose, lambda: settings().model_refresh_seconds)
        self._left_out: dict[str, str] = {}
        self._packages = Refreshed(self._list, lambda: settings().model_refresh_seconds)

    def choice(self) -> Choice:
        """Return the model that serves by default; active.json is followed from time to time.

        Of the models that active.json names, the active one and those of its history, the first one
        that can be loaded serves: on every instance the same. Where none can, an instance that has
        one in memory stays with it. A successor is loaded while the one before it serves.

        Raises:
            NoModel: none can serve.
            StorageUnavailable: storage has not answered yet.
        """
        return self._choice.get()

    def active(self) -> Segmenter:
        """Return the model of `choice`."""
        return self.choice().model

    @property
    def refused(self) -> Refused | None:
        """What the latest `choice` refused; nothing is looked up."""
        choice = self._choice.latest()
        return choice.refused if choice else None

    def expected(self) -> ModelRef:
        """Return which model serves by default, without loading it.

        A process that has not loaded any goes by active.json alone.

        Raises:
            NoModel: active.json names none.
            StorageUnavailable: storage does not answer.
        """
        return self.active().manifest.ref if self._choice.latest() else read_active()[0][0]

    def packages(self) -> list[Published]:
        """Return all published packages, oldest name and version first.

        Raises:
            StorageError: only while they have never been read.
        """
        packages = self._packages.get()
        # Reported in the thread of a request: Azure drops what other threads log.
        left_out, self._left_out = self._left_out, {}
        for name, reason in left_out.items():
            log.warning("%s is left out: %s", name, reason)
        return packages

    def manifest(self, ref: ModelRef) -> Manifest:
        """Return the manifest of that name and version; one that is not listed is looked up.

        Raises:
            UnknownModel: it is not published.
            UnusableModel: its manifest cannot be used.
            StorageError: storage does not answer.
        """
        listed = (row.manifest for row in self.packages() if row.manifest.ref == ref)
        return next(listed, None) or read_manifest(ref)

    def get(self, ref: ModelRef) -> Segmenter:
        """Return the model of that name and version, loaded if need be.

        Several who ask for one model wait for one load; nobody waits for another model's. One that
        cannot be used is not read again for `model_refresh_seconds`.

        Raises:
            UnknownModel: it is not published.
            UnusableModel: it cannot be loaded.
            StorageUnavailable: storage does not answer.
        """
        return wait_for(self._load(ref))

    def _list(self) -> list[Published]:
        packages, self._left_out = list_packages()
        return packages

    def _choose(self) -> Choice:
        refused, refs = None, list[ModelRef]()
        try:
            refs, refused = read_active()
        except NoModel as error:
            refused = Refused(None, str(error))
        for ref in refs:
            try:
                return Choice(self._load(ref).result(), refused)
            except NoModel as error:
                refused = refused or Refused(ref, str(error))
        before = self._choice.latest()
        if before is None:
            raise NoModel(refused.reason if refused else "active.json names no model")
        return Choice(before.model, refused)

    def _load(self, ref: ModelRef) -> "Future[Segmenter]":
        with self._lock:
            if monotonic() >= self._retry_at.get(ref, inf):
                del self._loads[ref], self._retry_at[ref]
            load = self._loads.pop(ref, None) or start(partial(self._read, ref))
            self._loads[ref] = load  # used last, dropped last
            return load

    def _read(self, ref: ModelRef) -> Segmenter:
        unusable = ""
        try:
            model = read_model(ref)
        except UnusableModel as error:
            unusable = str(error)
        except BaseException:
            with self._lock:
                del self._loads[ref]
            raise
        if unusable:
            with self._lock:
                self._retry_at[ref] = monotonic() + settings().model_refresh_seconds
            raise UnusableModel(unusable)  # without the traceback, which holds the file's bytes
        choice = self._choice.latest()
        with self._lock:
            loaded = [
                r for r, load in self._loads.items() if load.done() and r not in self._retry_at
            ]
            excess = max(len(loaded) + 1 - MAX_LOADED, 0)
            droppable = [r for r in loaded if not choice or r != choice.model.manifest.ref]
            for dropped in droppable[:excess]:
                del self._loads[dropped]
        return model


MODELS = ModelStore()
"""The process's one store; it does nothing before it is asked."""
