"""The static site into a container that serves it. What is there already is not sent again."""

import gzip
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra.errors import ReleaseError
from local.progress import counter
from local.site.deploy import FACTS, MIME_TYPES
from local.site.server import COMPRESSED

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient, ContentSettings

CONTAINER = "$web"

AFTERWARDS = ("config.js", "sw.js", FACTS, "index.html")
"""What names a build, in this order after the build: no page names files that are not there yet."""

UNCHANGING = "public, max-age=31536000, immutable"
ASKED_FOR_ANEW = "no-cache"


class _File(NamedTuple):
    name: str
    data: bytes
    settings: "ContentSettings"

    def is_like(self, there: "ContentSettings | None") -> bool:
        mine, fields = self.settings, ("content_type", "cache_control", "content_encoding")
        return (
            there is not None
            and bytes(there.content_md5 or b"") == bytes(mine.content_md5 or b"")
            and all(getattr(there, field) == getattr(mine, field) for field in fields)
        )


def upload_site(site: Path, web: "ContainerClient") -> str:
    """Upload a built and configured site; earlier builds stay for those who have them open.

    Blobs are sent to visitors as they are stored, so that what a good host would compress is
    stored compressed.

    Args:
        site: folder of the site.
        web: container of the static website.

    Returns:
        How many files were sent, and how many the site has.

    Raises:
        ReleaseError: the account serves no static website.
        AzureError: storage does not answer or refuses.
    """
    if not web.exists():
        raise ReleaseError(
            f"account {web.account_name} serves no website: az storage blob service-properties "
            f"update --account-name {web.account_name} --static-website --index-document "
            "index.html --auth-mode login"
        )
    build = json.loads((site / FACTS).read_text())["id"]
    there = {blob.name: blob.content_settings for blob in web.list_blobs()}
    paths = sorted(path for path in (site / build).rglob("*") if path.is_file())
    files = [_file(site, path.relative_to(site).as_posix(), UNCHANGING) for path in paths]
    changed = [file for file in files if not file.is_like(there.get(file.name))]
    show = counter("uploading file")
    with ThreadPoolExecutor(4) as pool:
        for done, _ in enumerate(pool.map(lambda file: _upload(file, web), changed), 1):
            show(done, len(changed))
    sent = len(changed)
    for name in AFTERWARDS:
        file = _file(site, name, ASKED_FOR_ANEW)
        if not file.is_like(there.get(name)):
            _upload(file, web)
            sent += 1
    return f"{sent} of {len(files) + len(AFTERWARDS)} files sent, the others are there"


def _file(site: Path, name: str, caching: str) -> _File:
    from azure.storage.blob import ContentSettings

    path = site / name
    data, encoding = path.read_bytes(), None
    if path.suffix in COMPRESSED:
        data, encoding = gzip.compress(data, 6, mtime=0), "gzip"
    settings = ContentSettings(
        content_type=MIME_TYPES[path.suffix],
        content_encoding=encoding,
        cache_control=caching,
        content_md5=bytearray(hashlib.md5(data, usedforsecurity=False).digest()),
    )
    return _File(name, data, settings)


def _upload(file: _File, web: "ContainerClient") -> None:
    web.upload_blob(file.name, file.data, overwrite=True, content_settings=file.settings)
