"""Publish, activate, roll back: the same for every kind of registry."""

import logging
from pathlib import Path
from typing import NamedTuple

from function_app.vision.model_package import (
    ACTIVE_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.vision.segmenter import Segmenter
from training.packages import parse_manifest, read_package
from training.registry.base import Progress, Registry
from training.registry.pointer import Pointer

log = logging.getLogger(__name__)


class Published(NamedTuple):
    """Which package is in the registry now, and whether it was not before."""

    ref: ModelRef
    new: bool


class Move(NamedTuple):
    """Where active.json pointed (None: nowhere) and where it points; equal if nothing changed."""

    before: ModelRef | None
    after: ModelRef


def publish(package: Path, registry: Registry, progress: Progress = lambda *_: None) -> Published:
    """Add a package; publishing the same bytes again changes nothing.

    Where sending was interrupted, publishing again goes on with what is missing.

    Args:
        package: folder with model.onnx and manifest.json.
        registry: where to.
        progress: called while a file is sent.

    Raises:
        PackageError: the package is incomplete or altered; nothing was sent.
        VersionTaken: another one is published under that version.
        StorageError: the registry is not there or does not answer.
    """
    manifest, document, model = read_package(package)
    files = {MODEL_FILE: model, MANIFEST_FILE: document}
    return Published(manifest.ref, registry.add(manifest.ref, files, progress))


def activate(ref: ModelRef, registry: Registry) -> Move:
    """Verify a published package, then point active.json to it, unless somebody moved it meanwhile.

    An active.json that cannot be used is replaced, and a warning logged: its history is lost, but
    it would keep every service without a model.

    Raises:
        PackageError: that version is not published, incomplete, altered, or cannot be loaded.
        ActivationConflict: another activation came between.
        StorageError: the registry is not there or does not answer.
    """
    current = registry.read(ACTIVE_FILE)
    try:
        before = Pointer.from_json(current.data, registry) if current else None
    except PackageError as error:
        log.warning("%s; it is replaced", error)
        before = None
    verify(ref, registry)
    if before is None or before.ref != ref:
        registry.point(Pointer.moved(before, ref).to_json(), current.tag if current else None)
    return Move(before.ref if before else None, ref)


def rollback(registry: Registry) -> Move:
    """Undo the last activation: verify the package that was active before, and point to it again.

    The undone activation leaves the history, so that rolling back twice goes two activations back.

    Raises:
        PackageError: nothing was active before, or what was cannot be used now.
        ActivationConflict: another activation came between.
        StorageError: the registry is not there or does not answer.
    """
    current = registry.read(ACTIVE_FILE)
    if current is None:
        raise PackageError(f"nothing to roll back to: no package is active in {registry}")
    pointer = Pointer.from_json(current.data, registry)
    earlier = pointer.moved_back()
    if earlier is None:
        raise PackageError(
            f"nothing to roll back to: {registry} remembers none that was active before "
            f"{pointer.ref}"
        )
    verify(earlier.ref, registry)
    registry.point(earlier.to_json(), current.tag)
    return Move(pointer.ref, earlier.ref)


def verify(ref: ModelRef, registry: Registry) -> Manifest:
    """Read a published package and load it as a service would.

    Raises:
        PackageError: it is not published, incomplete, altered, or cannot be loaded.
        StorageError: the registry is not there or does not answer.
    """
    files = {name: registry.read(ref.prefix + name) for name in (MODEL_FILE, MANIFEST_FILE)}
    model, document = files[MODEL_FILE], files[MANIFEST_FILE]
    if model is None and document is None:
        raise PackageError(f"{ref} is not published in {registry}")
    if model is None or document is None:
        missing = MODEL_FILE if model is None else MANIFEST_FILE
        raise PackageError(f"{ref} in {registry} is incomplete, {missing} is missing: publish it")
    manifest = parse_manifest(document.data, f"{ref} in {registry}")
    manifest.verify(ref, model.data)
    Segmenter(model.data, manifest)
    return manifest
