"""The model registry: immutable packages in a Blob container or a folder, and what is active.

Both have the layout that services read: `{name}/{version}/model.onnx`, `manifest.json`, and
`active.json` beside them. Every function may raise RegistryError.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from function_app.vision.model_package import (
    ACTIVE_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.vision.segmenter import load_package
from training.packages import read_package
from training.registry.pointer import Activation, Pointer, read_pointer
from training.registry.stores import (
    BlobRegistry,
    FolderRegistry,
    Progress,
    Registry,
    RegistryError,
)

__all__ = [
    "Activation",
    "ActivationConflict",
    "BlobRegistry",
    "FolderRegistry",
    "Listed",
    "Move",
    "Pointer",
    "Published",
    "Registry",
    "RegistryError",
    "VersionTaken",
    "activate",
    "list_packages",
    "publish",
    "read_pointer",
    "rollback",
]

log = logging.getLogger(__name__)

PUBLISHED, INCOMPLETE, ALTERED = "published", "incomplete", "altered"


class VersionTaken(PackageError):
    """Another package is published under that name and version."""


class ActivationConflict(RegistryError):
    """Somebody else moved the pointer meanwhile."""


class Published(NamedTuple):
    """Which package is in the registry now, and whether it was not before."""

    ref: ModelRef
    new: bool


class Move(NamedTuple):
    """Where active.json pointed (None: nowhere) and where it points; equal if nothing changed."""

    before: ModelRef | None
    after: ModelRef


class Listed(NamedTuple):
    """One version.

    Attributes:
        ref: its name and version.
        state: published, incomplete (a file is missing) or altered (the files do not match).
        problem: what is wrong, None if published.
        size: of model.onnx in bytes; None if that is missing.
        manifest: None unless published.
    """

    ref: ModelRef
    state: str
    problem: str | None
    size: int | None
    manifest: Manifest | None

    def official_iou(self) -> dict[str, float]:
        """Mean IoU of the official protocol (7 categories), 0..1, by data set and split."""
        rows: tuple[dict[str, Any], ...] = self.manifest.metrics if self.manifest else ()
        return {
            f"{row['data']} {row['split']}": row["mean_iou"]
            for row in rows
            if row.get("protocol") == "official" and {"data", "split", "mean_iou"} <= row.keys()
        }


def publish(package: Path, registry: Registry, progress: Progress = lambda *_: None) -> Published:
    """Add a package; publishing the same bytes again changes nothing.

    Where sending was interrupted, publishing again sends what is missing.

    Args:
        package: folder with model.onnx and manifest.json.
        registry: where to.
        progress: called while a file is sent.

    Raises:
        PackageError: the package is incomplete or altered, or a service could not load it; nothing
            was sent.
        VersionTaken: another one is published under that version.
    """
    manifest, document, model = read_package(package)
    load_package(manifest.ref, document, model)
    registry.make()
    new = False
    # The manifest last: a package is complete when it is there.
    for name, data in ((MODEL_FILE, model), (MANIFEST_FILE, document)):
        path = manifest.ref.prefix + name
        present = registry.read(path)
        if present is None and registry.write(path, data, None, progress):
            new = True
            continue
        present = present or registry.read(path)  # another process was faster
        if present is None or present.data != data:
            raise VersionTaken(
                f"{manifest.ref} is published in {registry} with another {name}: versions are "
                "immutable, choose a new one"
            )
    return Published(manifest.ref, new)


def activate(ref: ModelRef, registry: Registry) -> Move:
    """Verify a published package, then point active.json to it, unless somebody moved it meanwhile.

    An active.json that cannot be used is replaced, and a warning logged: its history is lost, but
    it would keep every service without a model.

    Raises:
        PackageError: that version is not published, incomplete, altered, or cannot be loaded.
        ActivationConflict: another activation came between.
    """
    current = registry.read(ACTIVE_FILE)
    try:
        before = Pointer.from_json(current.data, registry) if current else None
    except PackageError as error:
        log.warning("%s; it is replaced", error)
        before = None
    _verify(ref, registry)
    if before is None or before.ref != ref:
        _point(registry, Pointer.moved(before, ref), current.tag if current else None)
    return Move(before.ref if before else None, ref)


def rollback(registry: Registry) -> Move:
    """Undo the last activation: verify the package that was active before, and point to it again.

    The undone activation leaves the history, so that rolling back twice goes two activations back.

    Raises:
        PackageError: nothing was active before, or what was cannot be used now.
        ActivationConflict: another activation came between.
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
    _verify(earlier.ref, registry)
    _point(registry, earlier, current.tag)
    return Move(pointer.ref, earlier.ref)


def _point(registry: Registry, pointer: Pointer, tag: str | None) -> None:
    if not registry.write(ACTIVE_FILE, pointer.to_json(), tag):
        raise ActivationConflict(
            f"active.json in {registry} was moved by somebody else meanwhile: nothing is changed; "
            "look at what is active, then try again"
        )


def _verify(ref: ModelRef, registry: Registry) -> None:
    """Read a published package and load it as a service would; raises PackageError."""
    model, document = (registry.read(ref.prefix + name) for name in (MODEL_FILE, MANIFEST_FILE))
    if model is None and document is None:
        raise PackageError(f"{ref} is not published in {registry}")
    if model is None or document is None:
        missing = MODEL_FILE if model is None else MANIFEST_FILE
        raise PackageError(f"{ref} in {registry} is incomplete, {missing} is missing: publish it")
    try:
        load_package(ref, document.data, model.data)
    except PackageError as error:
        raise PackageError(f"{ref} in {registry}: {error}") from error


def list_packages(registry: Registry, *, verify: bool = False) -> list[Listed]:
    """Return every version, by name and then version.

    Args:
        registry: which one.
        verify: read every model too and compare its sha256; else only manifests are read.
    """
    files = registry.files()
    return [_listed(ref, registry, files, verify) for ref in sorted(_refs(files))]


def _refs(files: Iterable[str]) -> set[ModelRef]:
    refs = set()
    for path in files:
        folder, _, name = path.rpartition("/")
        if name in (MODEL_FILE, MANIFEST_FILE):
            with suppress(PackageError):  # not a package: its folders have other names
                refs.add(ModelRef.parse(folder.replace("/", ":")))
    return refs


def _listed(ref: ModelRef, registry: Registry, files: dict[str, int], verify: bool) -> Listed:
    size = files.get(ref.prefix + MODEL_FILE)
    for name in (MODEL_FILE, MANIFEST_FILE):
        if ref.prefix + name not in files:
            return Listed(ref, INCOMPLETE, f"{name} is missing", size, None)
    try:
        manifest = Manifest.from_json(_read(registry, ref.prefix + MANIFEST_FILE))
        if verify:
            manifest.verify(ref, _read(registry, ref.prefix + MODEL_FILE))
    except PackageError as error:
        return Listed(ref, ALTERED, str(error), size, None)
    if manifest.ref != ref:
        return Listed(ref, ALTERED, f"it holds the manifest of {manifest.ref}", size, None)
    return Listed(ref, PUBLISHED, None, size, manifest)


def _read(registry: Registry, path: str) -> bytes:
    content = registry.read(path)
    if content is None:
        raise PackageError(f"{path} was removed while it was listed")
    return content.data
