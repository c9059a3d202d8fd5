"""Read a model package from its folder: one way for evaluation, quantisation and publishing."""

from pathlib import Path
from typing import NamedTuple

from function_app.vision.model_package import MANIFEST_FILE, MODEL_FILE, Manifest, PackageError


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
    manifest = parse_manifest(document, folder)
    manifest.verify(manifest.ref, model)
    return PackageFiles(manifest, document, model)


def parse_manifest(document: bytes, source: object) -> Manifest:
    """Parse a manifest; the PackageError of one that cannot be used names its source."""
    try:
        return Manifest.from_json(document)
    except PackageError as error:
        raise PackageError(f"{source}: {error}") from error
