"""Packages as blobs of a storage container, which services follow."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from function_app.vision.model_package import ACTIVE_FILE, ModelRef
from training.registry.stores import (
    ActivationConflict,
    Content,
    Progress,
    Registry,
    RegistryError,
    VersionTaken,
)

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


class BlobRegistry(Registry):
    """Packages as blobs. Files are sent one by one, which is why the manifest goes last."""

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

    def add(self, ref: ModelRef, files: dict[str, bytes], progress: Progress) -> bool:
        """See Registry."""
        added = [self._add(ref, name, data, progress) for name, data in files.items()]
        return any(added)

    def _add(self, ref: ModelRef, name: str, data: bytes, progress: Progress) -> bool:
        from azure.core.exceptions import ResourceExistsError

        path = ref.prefix + name
        present = self.read(path)
        if present is None:
            try:
                with self._errors(ResourceExistsError):
                    self._container.upload_blob(
                        path,
                        data,
                        overwrite=False,
                        progress_hook=lambda done, total: progress(done, total or len(data)),
                    )
            except ResourceExistsError:  # another process was faster
                present = self.read(path)
            else:
                return True
        if present is None or present.data != data:
            raise VersionTaken(ref, name, self)
        return False

    def point(self, data: bytes, tag: str | None) -> None:
        """See Registry."""
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceExistsError, ResourceModifiedError

        condition: dict[str, Any] = {"overwrite": False}
        if tag is not None:
            unmoved = MatchConditions.IfNotModified
            condition = {"overwrite": True, "etag": tag, "match_condition": unmoved}
        try:
            with self._errors(ResourceExistsError, ResourceModifiedError):
                self._container.upload_blob(ACTIVE_FILE, data, **condition)
        except (ResourceExistsError, ResourceModifiedError) as error:
            raise ActivationConflict(self) from error

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
        role = (
            "run `az login` as somebody with the role Storage Blob Data Contributor, or check the "
            "key"
        )
        if getattr(error, "status_code", None) in {401, 403}:
            return f"{self} refuses this login or key ({code}): {role}"
        if isinstance(error, ClientAuthenticationError):
            return f"no login found: {role}"
        return f"{self}: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
