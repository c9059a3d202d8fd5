"""What is done with blobs, on Azurite."""

from collections.abc import Iterator

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.storage.blobs import create_blob, download, find_blobs, list_blobs, list_page
from function_app.storage.errors import BlobMissing


@pytest.fixture(scope="module")
def client(account: BlobServiceClient) -> Iterator[ContainerClient]:
    yield account.create_container("for-blobs")
    account.delete_container("for-blobs")


def test_a_blob_is_created_once(client: ContainerClient) -> None:
    assert create_blob(client, "once", b"first")
    assert not create_blob(client, "once", b"second")
    assert client.download_blob("once").readall() == b"first"


def test_a_blob_comes_with_its_etag_and_metadata(client: ContainerClient) -> None:
    blob = client.upload_blob("noted", b"data", metadata={"photo": "x"})
    etag = blob.get_blob_properties().etag
    assert download(client, "noted") == (b"data", etag, {"photo": "x"})
    with pytest.raises(BlobMissing):
        download(client, "nothing")


def test_pages_follow_each_other(client: ContainerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("function_app.storage.blobs.LISTED", 2)
    names = [f"page/{number}" for number in range(5)]
    for name in names:
        client.upload_blob(name, b"")
    pages = [list_page(client, "page/")]
    while pages[-1].marker is not None:
        pages.append(list_page(client, "page/", pages[-1].marker))
    assert [[blob.name for blob in page.blobs] for page in pages] == [
        names[:2], names[2:4], names[4:],
    ]  # fmt: skip
    assert [blob.name for blob in list_blobs(client, "page/")] == names
    assert list_page(client, "none/") == ([], None)
    assert len(list_page(client, "page/", size=3).blobs) == 3


def test_names_are_found_among_many(
    client: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("function_app.storage.blobs.FEW", 3)
    names = [f"many/{n}" for n in range(100)]
    for name in names:
        client.upload_blob(name, b"")
    for wanted in (["many/1"], ["many/1", "many/99"], names[::7], ["many/", "many/1x", "x"], []):
        found = find_blobs(client, [*wanted, *wanted])
        assert list(found) == sorted(set(names) & set(wanted))
        assert all([blob.name for blob in blobs] == [name] for name, blobs in found.items())
    etag = client.get_blob_client("many/1").get_blob_properties().etag
    assert find_blobs(client, ["many/1"])["many/1"][0].etag == etag


def test_of_a_container_that_is_not_there(account: BlobServiceClient) -> None:
    client = account.get_container_client("never")
    with pytest.raises(BlobMissing):
        list_page(client, "")
    with pytest.raises(BlobMissing):
        create_blob(client, "a", b"")
