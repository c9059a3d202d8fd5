"""Fill a storage account: containers, model packages, scenes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from function_app.settings import settings
from function_app.storage.scene_store import PHOTO_PREFIX, TRUTH_PREFIX
from function_app.vision.file_names import suffix
from function_app.vision.labels import LabelError, check_shape, read_label_ids
from function_app.vision.model_package import ModelRef
from function_app.vision.photo import PhotoError, open_photo
from training.data import DataError, Scene
from training.data.readers import read_cityscapes
from training.registry import (
    BlobRegistry,
    FolderRegistry,
    VersionTaken,
    activate,
    list_packages,
    publish,
    read_pointer,
)

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient, ContainerClient

Progress = Callable[[int, int], None]
SPLITS = ("train", "val")


def create_containers(account: "BlobServiceClient", names: tuple[str, ...]) -> None:
    """Create the containers that are not there yet."""
    existing = {container.name for container in account.list_containers()}
    for name in names:
        if name not in existing:
            account.create_container(name)


def seed_models(packages: Path, models: "ContainerClient") -> ModelRef:
    """Publish every package of a folder registry; activate the one that is active there.

    A version that changed since is replaced: unlike a real account, an emulator is disposable.

    Raises:
        PackageError: a package is incomplete or altered, or the active one cannot be loaded.
        DataError: there is none, or none is active.
        RegistryError: the container does not exist or does not answer.
    """
    source, registry = FolderRegistry(packages), BlobRegistry(models)
    refs = [package.ref for package in list_packages(source)]
    if not refs:
        raise DataError(f"{packages} holds no model package")
    pointer = read_pointer(source)
    if pointer is None:
        raise DataError(
            f"{packages} says of no package that it is active: "
            f"python -m training activate {refs[-1]} --folder {packages}"
        )
    for ref in refs:
        try:
            publish(packages / ref.prefix, registry)
        except VersionTaken:
            for name in models.list_blob_names(name_starts_with=ref.prefix):
                models.delete_blob(name)
            publish(packages / ref.prefix, registry)
    return activate(pointer.ref, registry).after


def seed_scenes(
    root: Path, per_split: int, scenes: "ContainerClient", progress: Progress
) -> list[str]:
    """Upload the first scenes of each split of a Cityscapes folder; what is there is skipped.

    Returns:
        The ids of the scenes, uploaded now or before.

    Raises:
        DataError: `root` holds no split with photos and labels, or a photo or its labels cannot be
            used; what was read before is uploaded.
    """
    chosen = [
        (split, scene)
        for split in SPLITS
        if (root / "leftImg8bit" / split).is_dir()
        for scene in read_cityscapes(root, split)[:per_split]
    ]
    if not chosen:
        raise DataError(f"{root} is no Cityscapes folder: no leftImg8bit/train or leftImg8bit/val")
    existing = set(scenes.list_blob_names())
    done = 0
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda item: _upload(item[0], item[1], scenes, existing), chosen):
            done += 1
            progress(done, len(chosen))
    return [f"{split}/{scene.id}" for split, scene in chosen]


def _upload(split: str, scene: Scene, scenes: "ContainerClient", existing: set[str]) -> None:
    for name, read in _blobs(split, scene):
        if name not in existing:
            scenes.upload_blob(name, read(), overwrite=True)


def _blobs(split: str, scene: Scene) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name the scene's blobs, and how to get their bytes.

    Raises:
        DataError: see `_checked`; when the bytes are asked for.
    """
    folder = _folder(split, scene)
    photo, truth = PHOTO_PREFIX + folder, TRUTH_PREFIX + folder
    if scene.stretch == 1:
        # The service finds suffixes in lower case, whatever the files' are.
        photo += scene.photo.stem + suffix(scene.photo)
        yield photo, lambda: _checked(scene)[0]
        yield f"{truth}{scene.labels.stem}.png", lambda: _checked(scene)[1]
    else:
        # People and model should see the street as it is, not squeezed.
        yield f"{photo}{scene.photo.stem}.png", lambda: _png(scene, 0)
        yield f"{truth}{scene.labels.stem}.png", lambda: _png(scene, 1)


def _folder(split: str, scene: Scene) -> str:
    return f"{split}/{scene.photo.parent.name}/"


def _checked(scene: Scene) -> tuple[bytes, bytes]:
    """Read photo and labels, refusing what the service could not evaluate.

    Raises:
        DataError: the photo is not accepted, the labels are no labelIds in one 8-bit channel, they
            do not fit the upright photo, or either has too many bytes; the message names the path.
    """
    photo, labels = (_limited(path.read_bytes(), path) for path in (scene.photo, scene.labels))
    try:
        opened = open_photo(photo, settings().max_pixels)
        ids = read_label_ids(labels, scene.labels)
        check_shape(ids.shape, (opened.height, opened.width), scene.labels)
    except PhotoError as error:
        raise DataError(f"{scene.photo}: {error}") from error
    except LabelError as error:
        raise DataError(str(error)) from error
    return photo, labels


def _limited(data: bytes, path: Path) -> bytes:
    """Return the bytes; DataError if they are more than the service reads."""
    limit = settings().max_body_bytes
    if len(data) > limit:
        raise DataError(f"{path}: it has {len(data):,} bytes; at most {limit:,} are accepted.")
    return data


def _png(scene: Scene, index: int) -> bytes:
    out = BytesIO()
    Image.fromarray(scene.load()[index]).save(out, "PNG")
    return _limited(out.getvalue(), (scene.photo, scene.labels)[index])
