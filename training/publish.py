"""Model packages to Blob Storage: immutable versions, then the pointer to the active one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from function_app.model_package import (
    ACTIVE_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.storage import StorageError

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


class VersionTaken(PackageError):
    """Another package is published under that name and version."""


class ActivationConflict(StorageError):
    """Somebody else moved the pointer meanwhile; look at what is active, then try again."""


def publish(package: Path, models: "ContainerClient") -> ModelRef:
    """Upload a package; the manifest goes last, so that half an upload is no package.

    Publishing the same bytes again changes nothing.

    Raises:
        PackageError: the package is incomplete or altered.
        VersionTaken: another one is published under that version.
        azure.core.exceptions.AzureError: storage refuses or does not answer.
    """
    try:
        document, model = (
            (package / MANIFEST_FILE).read_bytes(),
            (package / MODEL_FILE).read_bytes(),
        )
    except OSError as error:
        raise PackageError(f"{package} is no model package: {error}") from error
    manifest = Manifest.from_json(document)
    manifest.verify(manifest.ref, model)
    for name, data in ((MODEL_FILE, model), (MANIFEST_FILE, document)):
        _upload_once(models, manifest.ref.prefix + name, data, manifest.ref)
    return manifest.ref


def activate(ref: ModelRef, models: "ContainerClient") -> None:
    """Point active.json to a published version, unless it changed under our hands.

    Raises:
        PackageError: that version is not published.
        ActivationConflict: another activation came between.
    """
    from azure.core import MatchConditions
    from azure.core.exceptions import ResourceExistsError, ResourceModifiedError

    if not models.get_blob_client(ref.prefix + MANIFEST_FILE).exists():
        raise PackageError(f"{ref} is not published")
    pointer = models.get_blob_client(ACTIVE_FILE)
    data = json.dumps({"name": ref.name, "version": ref.version}).encode()
    try:
        if not pointer.exists():
            pointer.upload_blob(data, overwrite=False)
            return
        current = pointer.download_blob()
        if current.readall() != data:
            pointer.upload_blob(
                data,
                overwrite=True,
                etag=current.properties.etag,
                match_condition=MatchConditions.IfNotModified,
            )
    except (ResourceExistsError, ResourceModifiedError) as error:
        raise ActivationConflict(f"{ACTIVE_FILE} was moved by somebody else") from error


def _upload_once(models: "ContainerClient", name: str, data: bytes, ref: ModelRef) -> None:
    from azure.core.exceptions import ResourceExistsError

    blob = models.get_blob_client(name)
    try:
        blob.upload_blob(data, overwrite=False)
    except ResourceExistsError as error:
        if blob.download_blob().readall() != data:
            raise VersionTaken(
                f"{ref} is published with another {name.rsplit('/', 1)[-1]}: versions are "
                "immutable, choose a new one"
            ) from error
