"""A registry in a folder, like this repository's own models/."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from function_app.storage.deadline import StorageError
from function_app.vision.model_package import ACTIVE_FILE, ModelRef
from training.files import write_atomically
from training.registry.base import ActivationConflict, Content, Progress, Registry, VersionTaken

STAGING = ".publishing"
"""Folder in which a package is written before it is renamed; not a place for packages itself."""


class FolderRegistry(Registry):
    """Packages as folders of files.

    Writers take turns by an advisory lock (flock) on the folder itself, which the system releases
    when its holder ends, however it ends. Readers need none: packages and pointer appear by
    renaming.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def __str__(self) -> str:
        return str(self._root)

    def files(self) -> dict[str, int]:
        """See Registry."""
        self._require_folder()
        return {
            path.relative_to(self._root).as_posix(): path.stat().st_size
            for path in self._root.glob("*/*/*")
            if path.is_file()
        }

    def read(self, path: str) -> Content | None:
        """See Registry; the tag is the sha256."""
        self._require_folder()
        try:
            data = (self._root / path).read_bytes()
        except FileNotFoundError:
            return None
        return Content(data, hashlib.sha256(data).hexdigest())

    def add(self, ref: ModelRef, files: dict[str, bytes], progress: Progress) -> bool:
        """See Registry; a folder that is not there yet is made."""
        self._root.mkdir(parents=True, exist_ok=True)
        target, staging = self._root / ref.prefix, self._root / STAGING
        with self._turn():
            present = {name: self.read(ref.prefix + name) for name in files}
            for name, content in present.items():
                if content is not None and content.data != files[name]:
                    raise VersionTaken(ref, name, self)
            missing = [name for name, content in present.items() if content is None]
            if not missing:
                return False
            shutil.rmtree(staging, ignore_errors=True)  # of a publication that was interrupted
            staging.mkdir()
            for name in missing:
                (staging / name).write_bytes(files[name])
                progress(len(files[name]), len(files[name]))
            if target.is_dir():  # half a package, or one with notes beside it
                for name in missing:
                    (staging / name).rename(target / name)
                staging.rmdir()
            else:
                target.parent.mkdir(exist_ok=True)
                staging.rename(target)
        return True

    def point(self, data: bytes, tag: str | None) -> None:
        """See Registry."""
        self._require_folder()

        with self._turn():
            current = self.read(ACTIVE_FILE)
            if (current.tag if current else None) != tag:
                raise ActivationConflict(self)
            write_atomically(self._root / ACTIVE_FILE, data)

    def _require_folder(self) -> None:
        if not self._root.is_dir():
            raise StorageError(f"{self._root} is no folder: name one that holds model packages")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        import fcntl  # not on Windows, where publishing to Blob Storage works without it

        lock = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
