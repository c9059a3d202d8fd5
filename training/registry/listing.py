"""What a registry holds, and in what state."""

import re
from typing import Any, NamedTuple

from function_app.vision.model_package import (
    MANIFEST_FILE,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from training.registry.base import Registry

PUBLISHED, INCOMPLETE, ALTERED = "published", "incomplete", "altered"

_PACKAGE_FILE = re.compile(
    rf"([^/]+)/([^/]+)/(?:{re.escape(MODEL_FILE)}|{re.escape(MANIFEST_FILE)})"
)


class Listed(NamedTuple):
    """One version.

    Attributes:
        ref: its name and version.
        state: published, incomplete (a file is missing) or altered (they do not fit together).
        problem: what is wrong with one that is not fine, else None.
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


def list_packages(registry: Registry, *, verify: bool = False) -> list[Listed]:
    """Return every version, by name and then version.

    Args:
        registry: which one.
        verify: read every model too and compare its sha256; else only manifests are read.

    Raises:
        StorageError: the registry is not there or does not answer.
    """
    files = registry.files()
    return [_listed(ref, registry, files, verify) for ref in sorted(_refs(files))]


def _refs(files: dict[str, int]) -> set[ModelRef]:
    refs = set()
    for match in filter(None, map(_PACKAGE_FILE.fullmatch, files)):
        try:
            refs.add(ModelRef(match[1], match[2]))
        except PackageError:
            continue  # no package could have that name: something else that lies there
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
