"""What is published in the models container: packages, and the pointer to the active one."""

import json
from typing import NamedTuple

from function_app.settings import settings
from function_app.storage.account import container
from function_app.storage.blobs import list_blobs, read_blob
from function_app.storage.errors import BlobMissing
from function_app.vision.model_package import (
    ACTIVE_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    Manifest,
    ModelRef,
    PackageError,
)
from function_app.vision.segmenter import Segmenter, load_package


class NoModel(Exception):
    """No model can serve: none is activated, or neither that one nor one before it is usable."""


class UnknownModel(NoModel):
    """No model of that name and version is published."""


class UnusableModel(NoModel):
    """A model is published and cannot be loaded; the message says why, and may be shown."""


class Refused(NamedTuple):
    """A model that does not serve although active.json names it; None if that names none."""

    model: ModelRef | None
    reason: str


class Published(NamedTuple):
    """A package: its manifest, and the bytes of its ONNX file; None where that is missing."""

    manifest: Manifest
    size: int | None


def read_model(ref: ModelRef) -> Segmenter:
    """Download, verify and load a model.

    Raises:
        UnknownModel: it has no manifest.
        UnusableModel: it is incomplete, or cannot be loaded.
        StorageUnavailable: storage does not answer.
    """
    document = _read_document(ref)
    try:
        model = read_blob(container(settings().models_container), ref.prefix + MODEL_FILE)
        return load_package(ref, document, model, settings().inference_threads)
    except BlobMissing as error:
        raise UnusableModel(f"{ref}: model.onnx is missing") from error
    except PackageError as error:
        raise UnusableModel(str(error)) from error


def read_manifest(ref: ModelRef) -> Manifest:
    """Download and check the manifest of a model; the model itself is not read.

    Raises:
        UnknownModel: it has none.
        UnusableModel: it cannot be used, or is another model's.
        StorageUnavailable: storage does not answer.
    """
    document = _read_document(ref)
    try:
        manifest = Manifest.from_json(document)
        manifest.check_ref(ref)
    except PackageError as error:
        raise UnusableModel(str(error)) from error
    return manifest


def _read_document(ref: ModelRef) -> bytes:
    try:
        return read_blob(container(settings().models_container), ref.prefix + MANIFEST_FILE)
    except BlobMissing as error:
        raise UnknownModel(f"Model {ref} is not published.") from error


def read_active() -> tuple[list[ModelRef], Refused | None]:
    """Return the models that active.json names: the active one, then those active before it.

    Entries of the history that cannot be used are left out. Where the active one cannot be used,
    the second value says why, and the models are those of the history.

    Raises:
        NoModel: there is no such file, or it names none.
        StorageUnavailable: storage does not answer.
    """
    try:
        pointer = json.loads(read_blob(container(settings().models_container), ACTIVE_FILE))
    except BlobMissing as error:
        raise NoModel("no model is published and activated") from error
    except (ValueError, RecursionError) as error:
        raise NoModel(f"{ACTIVE_FILE} cannot be used: {error}") from error
    history = pointer.get("history") if isinstance(pointer, dict) else None
    refs, refused = dict[ModelRef, None](), None
    for entry in (pointer, *(history if isinstance(history, list) else ())):
        try:
            refs[ModelRef(entry["name"], entry["version"])] = None
        except (KeyError, TypeError, ValueError) as error:
            if entry is pointer:
                refused = Refused(None, f"{ACTIVE_FILE} cannot be used: {error}")
    if refused and not refs:
        raise NoModel(refused.reason)
    return list(refs), refused


def list_packages() -> tuple[list[Published], dict[str, str]]:
    """Return all published packages, oldest name and version first.

    The second value says, by the names of their manifests, why others are left out.

    Raises:
        StorageUnavailable: storage does not answer.
    """
    client = container(settings().models_container)
    try:
        sizes = {blob.name: blob.size for blob in list_blobs(client, "")}
    except BlobMissing:
        return [], {}
    packages, left_out = [], {}
    for name in sizes:
        if name.endswith(MANIFEST_FILE):
            try:
                manifest = Manifest.from_json(read_blob(client, name))
                size = sizes.get(manifest.ref.prefix + MODEL_FILE)
                packages.append(Published(manifest, size))
            except (PackageError, BlobMissing) as error:
                left_out[name] = str(error)
    return sorted(packages, key=lambda package: package.manifest.ref), left_out
