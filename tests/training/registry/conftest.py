"""Both kinds of registry, empty, and a way to break into them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from training.registry import BlobRegistry, FolderRegistry, Registry


@dataclass
class Place:
    """A registry and what lies beneath it, which nobody should touch but a test may."""

    registry: Registry
    beneath: ContainerClient | Path

    def overwrite(self, path: str, data: bytes) -> None:
        if isinstance(self.beneath, Path):
            target = self.beneath / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        else:
            self.beneath.upload_blob(path, data, overwrite=True)

    def delete(self, path: str) -> None:
        if isinstance(self.beneath, Path):
            (self.beneath / path).unlink()
        else:
            self.beneath.delete_blob(path)

    def traces(self) -> dict[str, str]:
        """Every file with something that changes when it is written again."""
        if isinstance(self.beneath, Path):
            files = [path for path in self.beneath.rglob("*") if path.is_file()]
            return {str(p.relative_to(self.beneath)): f"{p.stat().st_ino}" for p in files}
        return {blob.name: blob.etag for blob in self.beneath.list_blobs()}


@pytest.fixture
def blobs(account: BlobServiceClient) -> Iterator[ContainerClient]:
    yield account.create_container("registry-test")
    account.delete_container("registry-test")


@pytest.fixture(params=["folder", "blobs"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        folder = tmp_path / "registry"
        folder.mkdir()
        return Place(FolderRegistry(folder), folder)
    container = request.getfixturevalue("blobs")
    return Place(BlobRegistry(container), container)
