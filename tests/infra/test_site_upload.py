"""The static site into Azurite, as a browser gets it from there."""

import gzip
import json
import shutil
import urllib.request
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.storage.errors import StorageError
from infra.errors import ReleaseError
from infra.patience import with_rights
from infra.site_upload import AFTERWARDS, upload_site
from local.site import configure_site
from local.site.deploy import MIME_TYPES
from tests.infra.conftest import endpoint
from tests.infra.standins import StorageDoor

API = "https://func-1.azurewebsites.net"


@pytest.fixture(scope="module")
def built(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with few and small files of every kind; `test_release` sends a whole one."""
    folder = tmp_path_factory.mktemp("release") / "site"
    shutil.copytree(built_site, folder)
    configure_site(folder, API)
    content, seen = folder / json.loads((folder / "build.json").read_text())["id"], set()
    for path in sorted(path for path in content.rglob("*") if path.is_file()):
        if path.suffix in seen and path.name not in ("boot.js", "pyodide.asm.wasm"):
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:2000])
            seen.add(path.suffix)
    return folder


@pytest.fixture
def web(data_account: BlobServiceClient) -> ContainerClient:
    return data_account.get_container_client("$web")


def state(web: ContainerClient) -> dict[str, str]:
    return {blob.name: blob.etag for blob in web.list_blobs()}


def test_files_come_with_type_caching_and_compression(
    built: Path, web: ContainerClient, data_connection: str
) -> None:
    build = json.loads((built / "build.json").read_text())["id"]
    said = upload_site(built, web)
    names = {p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()}
    assert state(web).keys() == names - {"staticwebapp.config.json"}
    assert said == f"{len(names) - 1} of {len(names) - 1} files sent, the others are there"
    for name in (*AFTERWARDS, f"{build}/boot.js", f"{build}/pyodide/pyodide.asm.wasm"):
        with urllib.request.urlopen(f"{endpoint(data_connection)}/$web/{name}") as answer:
            assert answer.headers["Content-Type"] == MIME_TYPES[Path(name).suffix]
            assert answer.headers["Content-Encoding"] == "gzip"
            kept = "immutable" in answer.headers["Cache-Control"]
            assert kept == name.startswith(build), "only what never changes is kept"
            assert gzip.decompress(answer.read()) == (built / name).read_bytes()
    settings = web.get_blob_client(f"{build}/app.zip").get_blob_properties().content_settings
    assert (settings.content_type, settings.content_encoding) == ("application/zip", None)


def test_a_second_time_nothing_is_sent_and_a_new_address_alone_is(
    built: Path, web: ContainerClient
) -> None:
    upload_site(built, web)
    before = state(web)
    assert upload_site(built, web).startswith("0 of ")
    assert state(web) == before
    configure_site(built, "https://other.example.org")
    try:
        assert upload_site(built, web).startswith("2 of ")
    finally:
        configure_site(built, API)
    after = state(web)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"config.js", "index.html"}


def test_no_page_names_files_that_are_not_there(
    built: Path, guarded: BlobServiceClient, door: StorageDoor, web: ContainerClient
) -> None:
    through = guarded.get_container_client("$web")
    door.breaks_after = 5
    with pytest.raises(StorageError):
        with_rights(lambda: upload_site(built, through))
    build = json.loads((built / "build.json").read_text())["id"]
    assert 0 < len(state(web)) <= door.breaks_after
    assert all(name.startswith(f"{build}/") for name in state(web))
    door.breaks_after = None
    files = len([path for path in built.rglob("*") if path.is_file()]) - 1
    there = len(state(web))
    assert upload_site(built, through).startswith(f"{files - there} of {files} ")
    last = [name.rpartition("/")[2] for name in door.writes[-4:]]
    assert last == ["config.js", "sw.js", "build.json", "index.html"], "the page itself at the end"


def test_an_account_without_a_website(data_account: BlobServiceClient, built: Path) -> None:
    web = data_account.get_container_client("not-there")
    with pytest.raises(ReleaseError, match="serves no website: az storage blob service-properties"):
        upload_site(built, web)
