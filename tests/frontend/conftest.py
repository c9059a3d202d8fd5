import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# `streamlit run frontend/streamlit_app.py` puts the page's folder on the path, and so do we.
sys.path[:0] = [str(HERE), str(ROOT / "frontend")]

import identity  # noqa: E402
import store  # noqa: E402
from canned_api import CannedApi, serving  # noqa: E402
from deployments import Deployment, static_site, streamlit_server  # noqa: E402
from future_vision import Client  # noqa: E402
from identity_endpoint import IdentityEndpoint, identity_endpoint  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402
from visitor import WINDOW, Visitor  # noqa: E402

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[CannedApi]:
    """A canned API that the page's modules talk to."""
    with serving(CannedApi()) as canned:
        monkeypatch.setenv("API_BASE_URL", canned.url + "/")
        monkeypatch.delenv("API_KEY", raising=False)
        monkeypatch.delenv("API_AUDIENCE", raising=False)
        yield canned


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityEndpoint]:
    """App Service's identity endpoint, stood in for; the API wants tokens of it."""
    identity.credential.cache_clear()
    with identity_endpoint() as standing_in:
        monkeypatch.setenv("API_AUDIENCE", "api://the-api")
        monkeypatch.setenv("AZURE_CLIENT_ID", "the-explorer")
        monkeypatch.setenv("IDENTITY_ENDPOINT", standing_in.url)
        monkeypatch.setenv("IDENTITY_HEADER", standing_in.header)
        yield standing_in


@pytest.fixture
def app(api: CannedApi) -> AppTest:
    """The page, not yet run, of the canned API."""
    store.forget()
    return AppTest.from_file(str(ROOT / "frontend/streamlit_app.py"), default_timeout=120)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator["Browser"]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            yield launched
        finally:
            launched.close()


@pytest.fixture(scope="module", params=["server", "site"])
def deployment(
    request: pytest.FixtureRequest, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Deployment:
    """Each of the two ways to run the explorer."""

    def serving_explorer(api: str) -> AbstractContextManager[str]:
        folder = tmp_path_factory.mktemp(request.param)
        if request.param == "server":
            return streamlit_server(api, folder)
        return static_site(request.getfixturevalue("built_site"), api, folder)

    return Deployment(request.param, serving_explorer)


@pytest.fixture(scope="module")
def client(service_url: str) -> Client:
    """Asks the real service what the page should show."""
    return Client(service_url)


@pytest.fixture(scope="module")
def scenes(client: Client) -> list[str]:
    return [scene.id for scene in client.scenes()]


@pytest.fixture(scope="session")
def explorers(service_url: str) -> Iterator[Callable[[Deployment], str]]:
    """Runs each deployment for the real service, once, and says where."""
    with ExitStack() as running:
        yield cache(lambda deployment: running.enter_context(deployment.serving(service_url)))


@pytest.fixture(scope="module")
def window(
    browser: "Browser", deployment: Deployment, explorers: Callable[[Deployment], str]
) -> Iterator[Visitor]:
    """A window that a module's tests share."""
    visitor = Visitor(browser, explorers(deployment), deployment.name)
    yield visitor
    visitor.leave()


@pytest.fixture
def visitor(window: Visitor) -> Iterator[Visitor]:
    """Someone at the explorer whom nothing may happen to, and who leaves the window as it was."""
    if window.page.url == "about:blank":
        window.open()
    yield window
    window.page.set_viewport_size(WINDOW)
    window.page.emulate_media(color_scheme="light")
    window.speak("en")
    window.complain()
