"""The static site in Chromium: its loading page, its start, and what a second visit loads."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from canned_api import CannedApi, serving
from playwright.sync_api import expect

from local.site import SiteServer, configure_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

PATIENCE_MS = 600_000  # a start takes ten seconds, on a machine with nothing else to do
TEXTS = json.loads((Path(__file__).parents[2] / "frontend/texts.json").read_text("utf-8"))


def says(key: str, language: str = "en", **values: str) -> str:
    sentence: str = TEXTS[f"loading.{key}"][language]
    return sentence.format(**values)


@pytest.fixture(scope="module")
def canned() -> Iterator[CannedApi]:
    with serving(CannedApi()) as api:
        api.page_size = 100
        yield api


@pytest.fixture(scope="module")
def site(built_site: Path, canned: CannedApi, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("static") / "site"
    shutil.copytree(built_site, copy)
    configure_site(copy, canned.url)
    return copy


@pytest.fixture
def server(site: Path) -> Iterator[SiteServer]:
    with SiteServer(site) as served:
        yield served


@contextmanager
def profile(browser: "Browser", **options: Any) -> Iterator[tuple["BrowserContext", list[str]]]:
    """An empty profile, and what goes elsewhere or is complained of in it."""
    context = browser.new_context(**{"locale": "en-GB", **options})
    context.set_default_timeout(PATIENCE_MS)
    troubles: list[str] = []
    context.on("request", lambda r: troubles.append(r.url) if elsewhere(r.url) else None)
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on(
        "console",
        lambda said: troubles.append(said.text) if said.type in {"error", "warning"} else None,
    )
    try:
        yield context, troubles
    finally:
        context.close()


def elsewhere(url: str) -> bool:
    return urlsplit(url).hostname not in (None, "127.0.0.1")


def wait_for_photo(page: "Page", scene: str) -> None:
    photo = page.locator(f'#root img[data-fv-layer="photo"][data-fv-title="{scene}"]')
    photo.first.wait_for(state="attached")
    expect(page.locator("#loading")).to_have_count(0)


def test_a_second_visit_loads_next_to_nothing(browser: "Browser", server: SiteServer) -> None:
    with profile(browser) as (context, troubles):
        page = context.new_page()
        page.goto(f"{server.url}/?id=a_0")
        expect(page.get_by_role("button", name="a_0")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_be_visible()
        wait_for_photo(page, "a_0")
        assert server.files.sent > 5e6
        page.wait_for_timeout(1000)  # the service worker's last files
        page.close()

        first, requests = server.files.sent, server.files.requests
        page = context.new_page()
        page.goto(f"{server.url}/?id=a_0")
        expect(page.locator("#note")).to_contain_text(says("again", seconds="|").split("|")[0])
        wait_for_photo(page, "a_0")
        assert server.files.requests - requests <= 5
        assert server.files.sent - first < 0.01 * first
    assert troubles == []


def test_a_scene_chosen_while_python_loads_opens(browser: "Browser", server: SiteServer) -> None:
    with profile(browser, service_workers="block") as (context, _):
        page = context.new_page()
        held: list[Route] = []
        page.route("**/packages.zip", lambda route: held.append(route))  # noqa: PLW0108
        with page.expect_request("**/packages.zip"):
            page.goto(f"{server.url}/?lang=fr")
        chosen = page.get_by_role("button", name="b_1")
        chosen.click()
        expect(page.get_by_text(says("chosen", "fr", id="b_1"))).to_be_visible()
        expect(chosen).to_have_attribute("aria-pressed", "true")
        assert page.url == f"{server.url}/?lang=fr&id=b_1"
        for route in held:
            route.continue_()
        wait_for_photo(page, "b_1")


def test_batches_may_be_started_unless_the_configuration_says_otherwise(
    browser: "Browser", server: SiteServer, site: Path
) -> None:
    config = site / "config.js"
    given = config.read_text()
    try:
        for setting, offered in (("", True), (', "EXPLORER_BATCHES": "view"', False)):
            config.write_text(given.replace("}", f"{setting}}}"))
            with profile(browser, service_workers="block") as (context, _):
                page = context.new_page()
                page.goto(f"{server.url}/?view=batches")
                nothing = page.get_by_text(TEXTS["batches.none"]["en"])
                expect(nothing).to_be_visible(timeout=PATIENCE_MS)
                form = page.get_by_text(TEXTS["batches.new"]["en"], exact=True)
                expect(form).to_have_count(1 if offered else 0)
    finally:
        config.write_text(given)


def test_a_silent_api_is_named_and_found_again(
    browser: "Browser", server: SiteServer, canned: CannedApi
) -> None:
    with profile(browser, service_workers="block") as (context, _):
        page = context.new_page()
        page.route("**/stlite.js", lambda _: None)  # the loading page stays
        canned.down = True
        try:
            page.goto(server.url)
            message = page.get_by_text(says("unreachable"))
            expect(message).to_be_visible(timeout=PATIENCE_MS)
        finally:
            canned.down = False
        expect(page.get_by_role("button", name="a_0")).to_be_visible(timeout=PATIENCE_MS)
        expect(message).to_be_hidden()


def test_a_start_that_fails_says_so_and_can_be_tried_again(
    browser: "Browser", server: SiteServer
) -> None:
    # It also shows that the page does without a service worker.
    with profile(browser, service_workers="block") as (context, _):
        page = context.new_page()
        page.route("**/packages.zip", lambda route: route.abort())
        page.goto(f"{server.url}/?id=a_0")
        expect(page.get_by_role("alert")).to_contain_text(says("failed"), timeout=PATIENCE_MS)
        page.unroute_all()
        page.get_by_role("button", name=says("reload")).click()
        wait_for_photo(page, "a_0")


def test_the_loading_page_on_a_narrow_dark_screen_in_french(
    browser: "Browser", server: SiteServer
) -> None:
    phone = {"locale": "fr-FR", "viewport": {"width": 390, "height": 700}, "color_scheme": "dark"}
    with profile(browser, **phone) as (context, troubles):
        page = context.new_page()
        page.goto(server.url)
        expect(page.get_by_role("heading", name=says("choose", "fr"))).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "fr"
        loading = page.locator("#loading")
        assert loading.evaluate("e => e.scrollWidth - e.clientWidth") == 0
        assert loading.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(17, 24, 31)"
    assert troubles == []
