"""The smoke test of explorer, site and origins."""

import shutil
from pathlib import Path

import pytest

from local.site import SiteServer, configure_site
from local.smoke import SmokeError, Target
from tests.local.broken_service import BrokenService, failure, instead, quietly

EXPLORER = {"/_stcore/health": instead(b"ok"), "/": instead(b'<div id="root">')}


def test_origins_are_ours_alone(broken: BrokenService) -> None:
    broken.changes |= EXPLORER
    explorer = broken.url
    assert failure(broken, explorer=explorer).startswith(
        f"Origins (CORS): OPTIONS from {explorer} is answered for no origin; expected {explorer}"
    )
    broken.origins = {explorer}
    assert quietly(Target(broken.url, explorer=explorer, wait=0))["Explorer"] == explorer
    broken.origins = {explorer, "https://smoke-test.example"}
    assert "pages of https://smoke-test.example may call too" in failure(broken, explorer=explorer)
    broken.origins = {"*"}
    assert f"is answered for *; expected {explorer}" in failure(broken, explorer=explorer)


@pytest.mark.parametrize(
    ("status", "headers"),
    [(401, {}), (302, {"location": "https://login.microsoftonline.com/common/oauth2"})],
)
def test_an_explorer_behind_a_sign_in_is_let_be(
    broken: BrokenService, status: int, headers: dict[str, str]
) -> None:
    broken.changes |= EXPLORER | {"/": instead(b"", status, **headers)}
    broken.origins = {broken.url}
    found = quietly(Target(broken.url, explorer=broken.url, wait=0))
    assert "asks for a sign-in" in found["Explorer"]


def test_another_page_is_no_explorer(broken: BrokenService) -> None:
    for path in EXPLORER:
        broken.changes |= EXPLORER | {path: instead(b"Your app service is up and running.")}
        assert "is this the explorer?" in failure(broken, explorer=broken.url)
    broken.changes |= EXPLORER | {path: instead(b"stopped", 403) for path in EXPLORER}
    assert "answered 403; expected 200" in failure(broken, explorer=broken.url)


@pytest.fixture(scope="module")
def site(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(built_site, tmp_path_factory.mktemp("smoke") / "site"))


def test_the_site_asks_the_api_under_test(
    site: Path, service_url: str, broken: BrokenService
) -> None:
    configure_site(site, service_url)
    with SiteServer(site) as server:
        address = server.url
        found = quietly(Target(service_url, site=address, wait=0))
        assert found["Static site"] == f"{address} asks {service_url}"
        broken.origins = {address}
        assert failure(broken, site=address).startswith(
            f"Static site: config.js names the API {service_url}; expected {broken.url}: python -m "
        )


TYPES = {"config.js": "text/javascript", "boot.js": "text/javascript", ".wasm": "application/wasm"}


@pytest.mark.parametrize(("name", "kind"), TYPES.items())
def test_files_of_the_site_need_their_types(
    site: Path, service_url: str, queue_worker: None, name: str, kind: str
) -> None:
    settings = site / "staticwebapp.config.json"
    configure_site(site, service_url)
    settings.write_text(settings.read_text().replace(f'"{kind}"', '"application/octet-stream"'))
    with SiteServer(site) as server, pytest.raises(SmokeError) as raised:
        quietly(Target(service_url, site=server.url, wait=0))
    expected = f"comes as application/octet-stream; expected {kind}: upload it with that type"
    assert str(raised.value).startswith("Static site: /")
    assert expected in str(raised.value)
