"""Model packages in folders: read, load, write. One way for evaluation, export and publishing."""

import datetime
from pathlib import Path
from typing import NamedTuple

from function_app.vision.model_package import (
    MANIFEST_FILE,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.vision.segmenter import Segmenter
from training.files import write_atomically


class PackageFiles(NamedTuple):
    """The two files of a package, and what the first of them says."""

    manifest: Manifest
    document: bytes
    model: bytes


def read_package(folder: Path) -> PackageFiles:
    """Read and verify the package in `folder`.

    Raises:
        PackageError: it is incomplete, or not what its manifest says.
    """
    try:
        document = (folder / MANIFEST_FILE).read_bytes()
        model = (folder / MODEL_FILE).read_bytes()
    except OSError as error:
        raise PackageError(f"{folder} is not a complete model package: {error}") from error
    try:
        manifest = Manifest.from_json(document)
    except PackageError as error:
        raise PackageError(f"{folder}: {error}") from error
    manifest.verify(manifest.ref, model)
    return PackageFiles(manifest, document, model)


def load_package(folder: Path, threads: int = 2) -> Segmenter:
    """Load and verify the package in `folder`.

    Raises:
        PackageError: it is incomplete, not what its manifest says, or cannot be loaded.
    """
    files = read_package(folder)
    return Segmenter(files.model, files.manifest, threads)


def refuse_existing(root: Path, ref: ModelRef) -> None:
    """Raise PackageError where `root` holds that version: versions are immutable."""
    if (root / ref.prefix / MANIFEST_FILE).exists():
        raise PackageError(f"{ref} exists in {root}: choose a new version, or remove that one")


def write_package(root: Path, manifest: Manifest, model: bytes) -> Path:
    """Write a package's two files, after a session has loaded them; return its folder."""
    Segmenter(model, manifest)
    package = root / manifest.ref.prefix
    write_atomically(package / MODEL_FILE, model)
    write_atomically(package / MANIFEST_FILE, manifest.to_json())
    print(f"{package}: {len(model) / 1e6:.1f} MB, input {manifest.width}x{manifest.height}")
    return package


def now() -> str:
    """The time, ISO 8601 UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
