"""Every view by axe-core: what a machine can tell of WCAG 2.1, levels A and AA."""

from typing import TYPE_CHECKING, Literal

import pytest
from axe import check
from canned_api import CannedApi, serving
from deployments import Deployment
from future_vision_batches import BatchClient
from playwright.sync_api import expect
from visitor import SCREENSHOTS, VIEWS, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module", autouse=True)
def batch(queue_worker: None, service_url: str) -> None:
    """One that is done, for the page to show."""
    client = BatchClient(service_url)
    client.wait_for_batch(client.start_batch(outputs=["evaluation"]).id)


def check_view(visitor: Visitor, scene: str, view: str, language: str) -> None:
    """Check a view in the dark and, as it was, in the light."""
    app = visitor.page.locator('[data-testid="stApp"]')
    visitor.speak(language)
    visitor.show(view, scene)
    visitor.page.emulate_media(color_scheme="dark")
    expect(app).to_have_css("background-color", "rgb(17, 24, 31)")
    check(visitor.page)
    visitor.screenshot(f"{view}_{language}_dark")
    visitor.page.emulate_media(color_scheme="light")
    expect(app).to_have_css("background-color", "rgb(255, 255, 255)")
    check(visitor.page)
    visitor.screenshot(f"{view}_{language}")


@pytest.mark.parametrize("deployment", ["server"], indirect=True)
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view(visitor: Visitor, scenes: list[str], language: str, view: str) -> None:
    check_view(visitor, scenes[1], view, language)


@pytest.mark.parametrize("deployment", ["site"], indirect=True)
def test_the_site_has_the_same_views(visitor: Visitor, scenes: list[str]) -> None:
    check_view(visitor, scenes[1], "scenes", "fr")


@pytest.mark.parametrize("deployment", ["site"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_loading_page(
    browser: "Browser", deployment: Deployment, scheme: Literal["light", "dark"]
) -> None:
    with serving(CannedApi()) as api, deployment.serving(api.url) as url:
        context = browser.new_context(color_scheme=scheme, service_workers="block")
        page = context.new_page()
        page.route("**/stlite.js", lambda _: None)  # so that it stays
        page.goto(url)
        page.get_by_role("button", name="a_0").click()
        check(page)
        page.screenshot(path=SCREENSHOTS / f"site_loading_{scheme}.png")
        context.close()
