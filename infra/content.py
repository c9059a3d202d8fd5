"""What a deployment shows: the bundled models and some scenes. Repeating it changes nothing."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from function_app.storage.scene_store import PHOTO_PREFIX, TRUTH_PREFIX
from infra.errors import ReleaseError
from local.progress import counter
from local.seed import seed_scenes
from synthetic import scene_files, write_dataset
from training.registry import (
    BlobRegistry,
    FolderRegistry,
    activate,
    list_packages,
    publish,
    read_pointer,
)

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient, ContainerClient

BLOCK = 4 << 20
"""Bytes of a blob sent at once, so that a slow line shows progress and repeats little."""

SYNTHETIC = 24
"""Scenes that an empty deployment gets, those of `make demo`."""


def data_account(url: str, subscription: str) -> "BlobServiceClient":
    """Return the account with the rights of whoever is logged in at the Azure CLI.

    Args:
        url: its Blob endpoint.
        subscription: whose tenant the login is for; "" for the CLI's own.
    """
    from azure.identity import AzureCliCredential
    from azure.storage.blob import BlobServiceClient

    from function_app.storage.errors import PATIENCE

    credential = AzureCliCredential(subscription=subscription or None, process_timeout=60)
    return BlobServiceClient(
        url, credential=credential, max_single_put_size=BLOCK, max_block_size=BLOCK, **PATIENCE
    )


def publish_models(packages: Path, models: "ContainerClient") -> str:
    """Publish the packages that are not there yet; activate one only if none is active.

    Args:
        packages: folder registry with active.json.
        models: container that services read.

    Returns:
        What there was to do.

    Raises:
        PackageError: a package is incomplete or altered, its version is taken by another one, or
            the container's active.json cannot be used.
        RegistryError: the container does not exist or does not answer.
        ReleaseError: no package of the folder is active.
    """
    source, registry = FolderRegistry(packages), BlobRegistry(models)
    bundled = read_pointer(source)
    if bundled is None:
        raise ReleaseError(f"{packages} says of no package that it is active")
    there = {package.ref: package.manifest for package in list_packages(registry)}
    missing = [
        package.ref
        for package in list_packages(source)
        if package.manifest is None or there.get(package.ref) != package.manifest
    ]
    for number, ref in enumerate(missing, 1):
        show = counter(f"model {number}/{len(missing)}, KB")
        publish(packages / ref.prefix, registry, partial(_in_kilobytes, show))
    current = read_pointer(registry)
    if current is None:
        activate(bundled.ref, registry)
    said = f"{len(missing)} new" if missing else "nothing new"
    return f"{said}, {current.ref} stays active" if current else f"{said}, {bundled.ref} is active"


def _in_kilobytes(show: Callable[[int, int], None], done: int, total: int) -> None:
    show(done >> 10, total >> 10)


def upload_scenes(root: Path, per_split: int, scenes: "ContainerClient") -> str:
    """Upload the first scenes of each split of a Cityscapes folder; what is there is skipped.

    Returns:
        What there was to do.

    Raises:
        DataError: `root` is no Cityscapes folder.
        AzureError: storage does not answer or refuses.
    """
    ids = seed_scenes(root, per_split, scenes, counter("uploading scene"))
    return f"{len(ids)} are there"


def has_own_scenes(scenes: "ContainerClient") -> bool:
    """Return whether a container has any blob that `upload_synthetic` does not write."""
    drawn = {
        name
        for photo, mask in scene_files(SYNTHETIC)
        for name in (PHOTO_PREFIX + photo, TRUTH_PREFIX + mask)
    }
    return any(name not in drawn for name in scenes.list_blob_names())


def upload_synthetic(folder: Path, scenes: "ContainerClient") -> str:
    """Give a container that has no other scenes the synthetic ones.

    Args:
        folder: where they are drawn, and kept.
        scenes: container that services read.

    Returns:
        What there was to do.

    Raises:
        AzureError: storage does not answer or refuses.
    """
    names = list(scenes.list_blob_names())
    if has_own_scenes(scenes):
        return f"{len(names)} files are there and stay"
    if len(names) < 2 * SYNTHETIC:  # a photo and a mask each; fewer where it was interrupted
        write_dataset(folder, SYNTHETIC, progress=counter("drawing scene"))
        seed_scenes(folder, SYNTHETIC, scenes, counter("uploading scene"))
    return f"{SYNTHETIC} are there"
