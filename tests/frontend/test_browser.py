"""The explorer in a real browser, against a real running service."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / ".local" / "screenshots"
PATIENCE_MS = 90_000
pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: "Browser", explorer_url: str, request: Any) -> Iterator["Page"]:
    """The opened page; afterwards nothing may have gone elsewhere or failed in the console."""
    width = getattr(request, "param", 1400)
    context = browser.new_context(viewport={"width": width, "height": 950})
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    outside: list[str] = []
    errors: list[str] = []
    context.on("request", lambda r: outside.append(r.url) if elsewhere(r.url) else None)
    opened.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(explorer_url)
    opened.get_by_alt_text("Photo of scene").wait_for()
    yield opened
    context.close()
    assert outside == []
    assert errors == []


def elsewhere(url: str) -> bool:
    return urlsplit(url).hostname not in (None, "127.0.0.1")


def predict(page: "Page") -> None:
    page.get_by_role("button", name="Predict").click()
    page.get_by_alt_text("Predicted mask: ").wait_for()
    page.locator(".fv-legend:visible").wait_for()


def upload(page: "Page", name: str, data: bytes) -> None:
    files = {"name": name, "mimeType": "image/jpeg", "buffer": data}
    page.locator('input[type="file"]').set_input_files(files)


SIZES = """[...document.querySelectorAll('.fv-figure img')].filter(i => i.offsetParent)
    .map(i => [i.naturalWidth, i.naturalHeight])"""


def expect_pictures(page: "Page", count: int, width: int, height: int) -> None:
    """Wait until that many pictures are on screen, all of that natural size.

    The page draws piece by piece, so its first new picture does not mean that all are new.
    """
    page.wait_for_function(
        f"wanted => JSON.stringify({SIZES}) === JSON.stringify(wanted)",
        arg=[[width, height]] * count,
    )


def screenshot(page: "Page", name: str) -> None:
    """Save the whole page; Streamlit scrolls inside it, so the window grows for a moment."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    window = page.viewport_size
    assert window
    block = page.locator('[data-testid="stMainBlockContainer"]')
    page.set_viewport_size({**window, "height": block.evaluate("e => e.scrollHeight") + 40})
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
    page.set_viewport_size(window)


def rotated_jpeg() -> bytes:
    """A phone's upright photo: stored lying on its side, with a note to turn it."""
    ramp = np.linspace(0, 255, 4000, dtype=np.uint8)
    lying = Image.merge("RGB", [Image.fromarray(np.tile(ramp, (3000, 1)))] * 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    lying.save(out, "JPEG", exif=exif)
    return out.getvalue()


def deep_grey_png() -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.linspace(0, 65535, 300 * 200).reshape(200, 300).astype(np.uint16)).save(
        out, "PNG"
    )
    return out.getvalue()


def test_second_scene(page: "Page") -> None:
    page.locator('[data-testid="stSelectbox"]').click()
    option = page.get_by_role("option").nth(1)
    scene = option.inner_text()
    option.click()
    page.get_by_alt_text(f"Photo of scene {scene}").wait_for()
    assert page.url.endswith(f"?id={scene}")

    predict(page)
    expect_pictures(page, 5, 1024, 512)  # photo, true mask, predicted mask; overlay of two
    assert page.locator(".fv-legend:visible tbody tr").count() == 8
    alt = page.get_by_alt_text("Predicted mask: ").get_attribute("alt") or ""
    assert re.fullmatch(r"Predicted mask: (\d+ % \w+(, )?){1,3}", alt)
    screenshot(page, "explore")


def test_mask_download_and_opacity(page: "Page") -> None:
    predict(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download mask").click()
    with Image.open(download.value.path()) as mask:
        assert mask.mode == "P"
        assert mask.size == (1024, 512)

    layer = page.locator(".fv-stack-explore .fv-layer")
    before = layer.evaluate("e => getComputedStyle(e).opacity")
    page.get_by_role("slider", name="Mask opacity").press("ArrowRight")
    page.wait_for_function(
        "old => getComputedStyle(document.querySelector('.fv-stack-explore .fv-layer')).opacity"
        " > old",
        arg=before,
    )


def test_address_names_the_scene(page: "Page", explorer_url: str) -> None:
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/?id=*")
    linked = page.url
    page.goto(linked)
    page.get_by_text("Scene 2 of").wait_for()
    page.goto(f"{explorer_url}/?id=nowhere")
    page.get_by_text("no scene with the id").wait_for()
    page.get_by_text("Scene 1 of").wait_for()
    page.get_by_alt_text("Photo of scene").wait_for()


def test_own_photos(page: "Page") -> None:
    page.get_by_role("tab", name="Your own photo").click()
    upload(page, "phone.jpg", rotated_jpeg())
    page.get_by_alt_text("Your photo phone.jpg").wait_for()
    page.locator(".fv-legend:visible").wait_for()
    expect_pictures(page, 4, 3000, 4000)
    screenshot(page, "own_photo")

    upload(page, "grey16.png", deep_grey_png())
    page.get_by_alt_text("Your photo grey16.png").wait_for()
    page.locator(".fv-legend:visible").wait_for()
    expect_pictures(page, 4, 300, 200)

    upload(page, "x.jpg", b"no picture at all")
    page.get_by_role("alert").get_by_text("17 bytes are no picture").wait_for()
    screenshot(page, "own_photo_refused")

    page.get_by_role("tab", name="Explore").click()
    predict(page)
    assert page.locator(".fv-legend:visible tbody tr").count() == 8


@pytest.mark.parametrize("page", [390], indirect=True)
def test_narrow_screen(page: "Page") -> None:
    predict(page)
    for element in ("html", '[data-testid="stMain"]'):
        scroll = page.locator(element).evaluate("e => e.scrollWidth - e.clientWidth")
        assert scroll == 0, element
    screenshot(page, "explore_390")


def test_dark_theme(browser: "Browser", explorer_url: str) -> None:
    context = browser.new_context(viewport={"width": 1100, "height": 950}, color_scheme="dark")
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.goto(explorer_url)
    opened.get_by_alt_text("Photo of scene").wait_for()
    predict(opened)
    background = opened.locator('[data-testid="stApp"]').evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    # The page's own theme: its configuration is found though Streamlit started elsewhere.
    assert background == "rgb(17, 24, 31)"
    screenshot(opened, "explore_dark")
    context.close()
