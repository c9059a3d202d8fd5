"""Where packages are kept: a Blob container, which services follow, or a folder like models/."""

import hashlib
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from function_app.vision.model_package import ACTIVE_FILE, ModelRef, PackageError
from training.files import write_atomically

if TYPE_CHECKING:
    pass

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all, of one file."""

STAGING = ".publishing"
"""Folder in which a package is written before it is renamed into its place."""


class RegistryError(Exception):
    """The registry does not exist, refuses, or does not answer."""


class VersionTaken(PackageError):
    """Another package is published under that name and version."""

    def __init__(self, ref: ModelRef, file: str, where: object) -> None:
        super().__init__(
            f"{ref} is published in {where} with another {file}: versions are immutable, "
            "choose a new one"
        )


class ActivationConflict(RegistryError):
    """Somebody else moved the pointer meanwhile."""

    def __init__(self, where: object) -> None:
        super().__init__(
            f"active.json in {where} was moved by somebody else meanwhile: nothing is changed; "
            "look at what is active, then try again"
        )


class Content(NamedTuple):
    """A file's bytes, and a tag that changes with them."""

    data: bytes
    tag: str


class Registry(ABC):
    """A place for packages; `str()` names it. Every method may raise RegistryError."""

    @abstractmethod
    def files(self) -> dict[str, int]:
        """Return path -> size in bytes of all files of packages, and maybe of others."""

    @abstractmethod
    def read(self, path: str) -> Content | None:
        """Return a file, None if there is none."""

    @abstractmethod
    def add(self, ref: ModelRef, files: dict[str, bytes], progress: Progress) -> bool:
        """Store a package's files by name, the manifest last; existing files stay as they are.

        Returns:
            Whether anything was missing before.

        Raises:
            VersionTaken: one of the files exists with other bytes.
        """

    @abstractmethod
    def point(self, data: bytes, tag: str | None) -> None:
        """Replace active.json in one step, if it still has that tag (None: does not exist).

        Raises:
            ActivationConflict: it has another tag by now; nothing is changed.
        """


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
        """See Registry; creates the folder."""
        self._root.mkdir(parents=True, exist_ok=True)
        target, staging = self._root / ref.prefix, self._root / STAGING
        with self._locked():
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
        with self._locked():
            current = self.read(ACTIVE_FILE)
            if (current.tag if current else None) != tag:
                raise ActivationConflict(self)
            write_atomically(self._root / ACTIVE_FILE, data)

    def _require_folder(self) -> None:
        if not self._root.is_dir():
            raise RegistryError(f"{self._root} is not a folder: name one that holds model packages")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import fcntl  # not on Windows, where publishing to Blob Storage works without it

        lock = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
