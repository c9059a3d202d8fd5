"""What every kind of registry can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

from function_app.storage.deadline import StorageError
from function_app.vision.model_package import ModelRef, PackageError

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all, of one file."""


class VersionTaken(PackageError):
    """Another package is published under that name and version."""

    def __init__(self, ref: ModelRef, file: str, where: object) -> None:
        super().__init__(
            f"{ref} is published in {where} with another {file}: versions are immutable, "
            "choose a new one"
        )


class ActivationConflict(StorageError):
    """Somebody else moved the pointer meanwhile; look at what is active, then try again."""

    def __init__(self, where: object) -> None:
        super().__init__(
            f"active.json in {where} was moved by somebody else meanwhile: nothing is changed; "
            "look at what is active, then try again"
        )


class Content(NamedTuple):
    """A file's bytes, and the tag that any other bytes in its place would not have."""

    data: bytes
    tag: str


class Registry(ABC):
    """A place for packages; `str()` of it says where, for people."""

    @abstractmethod
    def files(self) -> dict[str, int]:
        """Return the sizes in bytes of the packages' files, and maybe others, by path with slashes.

        Raises:
            StorageError: the registry is not there or does not answer.
        """

    @abstractmethod
    def read(self, path: str) -> Content | None:
        """Return a file, None if there is none.

        Raises:
            StorageError: the registry is not there or does not answer.
        """

    @abstractmethod
    def add(self, ref: ModelRef, files: dict[str, bytes], progress: Progress) -> bool:
        """Store a package's files by name, the manifest last; what is there stays as it is.

        Returns:
            Whether anything was missing, which it no longer is.

        Raises:
            VersionTaken: one of the files is there with other bytes.
            StorageError: the registry is not there or does not answer.
        """

    @abstractmethod
    def point(self, data: bytes, tag: str | None) -> None:
        """Replace active.json in one step, if it still is the one of that tag (None: not there).

        Raises:
            ActivationConflict: it is another one by now; nothing is changed.
            StorageError: the registry is not there or does not answer.
        """
