"""Where packages are kept: a Blob container, which services follow, or a folder like models/."""

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from training.files import write_atomically

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all, of one file."""


class RegistryError(Exception):
    """The registry does not exist, refuses, or does not answer."""


class Content(NamedTuple):
    """A file's bytes, and a tag that changes with them."""

    data: bytes
    tag: str


class Registry(ABC):
    """A place for files; `str()` names it. Every method may raise RegistryError."""

    def make(self) -> None:  # noqa: B027 - a container is made by a deployment
        """Make the place if it is a folder."""

    @abstractmethod
    def files(self) -> dict[str, int]:
        """Return path -> size in bytes of all files of packages, and maybe of others."""

    @abstractmethod
    def read(self, path: str) -> Content | None:
        """Return a file, None if there is none."""

    @abstractmethod
    def write(
        self, path: str, data: bytes, tag: str | None, progress: Progress = lambda *_: None
    ) -> bool:
        """Write a file in one step, if it still has that tag (None: does not exist).

        Returns:
            False where it has another tag by now, or exists; it is left as it is.
        """


class FolderRegistry(Registry):
    """Packages as folders of files.

    Writers take turns by an advisory lock (flock) on the folder itself, which the system releases
    when its holder ends, however it ends. Readers need none: files appear by renaming.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def __str__(self) -> str:
        return str(self._root)

    def make(self) -> None:
        """See Registry."""
        self._root.mkdir(parents=True, exist_ok=True)

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

    def write(
        self, path: str, data: bytes, tag: str | None, progress: Progress = lambda *_: None
    ) -> bool:
        """See Registry."""
        self._require_folder()
        with self._locked():
            current = self.read(path)
            if (current.tag if current else None) != tag:
                return False
            write_atomically(self._root / path, data)
        progress(len(data), len(data))
        return True

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


class BlobRegistry(Registry):
    """Packages as blobs of a storage container, which services follow."""

    def __init__(self, container: "ContainerClient") -> None:
        self._container = container

    def __str__(self) -> str:
        # A shared access signature in the URL is a secret.
        return self._container.url.partition("?")[0]

    def files(self) -> dict[str, int]:
        """See Registry."""
        with self._errors():
            return {blob.name: blob.size for blob in self._container.list_blobs()}

    def read(self, path: str) -> Content | None:
        """See Registry; the tag is the ETag."""
        from azure.core.exceptions import ResourceNotFoundError
        from azure.storage.blob import StorageErrorCode

        with self._errors():
            try:
                download = self._container.download_blob(path)
                return Content(download.readall(), download.properties.etag)
            except ResourceNotFoundError as error:
                if error.error_code == StorageErrorCode.CONTAINER_NOT_FOUND:  # type: ignore[attr-defined]
                    raise
                return None

    def write(
        self, path: str, data: bytes, tag: str | None, progress: Progress = lambda *_: None
    ) -> bool:
        """See Registry."""
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceExistsError, ResourceModifiedError

        condition: dict[str, Any] = {"overwrite": False}
        if tag is not None:
            unmoved = MatchConditions.IfNotModified
            condition = {"overwrite": True, "etag": tag, "match_condition": unmoved}

        def show(done: int, total: int | None) -> None:
            progress(done, total or len(data))

        try:
            with self._errors(ResourceExistsError, ResourceModifiedError):
                self._container.upload_blob(path, data, progress_hook=show, **condition)
        except (ResourceExistsError, ResourceModifiedError):
            return False
        return True

    @contextmanager
    def _errors(self, *expected: type[Exception]) -> Iterator[None]:
        """Turn the SDK's exceptions, except the expected ones, into RegistryError."""
        from azure.core.exceptions import AzureError

        try:
            yield
        except expected:
            raise
        except AzureError as error:
            raise RegistryError(self._explain(error)) from error

    def _explain(self, error: Exception) -> str:
        from azure.core.exceptions import ClientAuthenticationError
        from azure.storage.blob import StorageErrorCode

        client, code = self._container, getattr(error, "error_code", None)
        if code == StorageErrorCode.CONTAINER_NOT_FOUND:
            return (
                f"account {client.account_name} has no container {client.container_name!r}: "
                "create it, or name another one"
            )
        role = "run `az login` as a Storage Blob Data Contributor, or check the key"
        if getattr(error, "status_code", None) in {401, 403}:
            return f"{self} refuses this login or key ({code}): {role}"
        if isinstance(error, ClientAuthenticationError):
            return f"no login found: {role}"
        return f"{self}: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
