"""The explorer in a real browser, against a real running service: all that people do there.

The same for both deployments. Visitors share a window, so each test goes where it needs to be.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from canned_api import CannedApi, serving
from deployments import Deployment
from future_vision import Client
from PIL import Image
from playwright.sync_api import expect
from visitor import VIEWS, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser


SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"


def test_a_link_opens_its_scene(window: Visitor, scenes: list[str]) -> None:
    window.open(id=scenes[2])
    expect(window.page.get_by_text("Scene 3 of 6")).to_be_visible()
    window.wait_for("photo", scenes[2])
    window.settle()
    window.complain()


def test_ways_through_the_list(visitor: Visitor, scenes: list[str]) -> None:
    visitor.show("scenes", scenes[0])
    visitor.go_to(scenes[4])
    assert visitor.query["id"] == scenes[4]
    visitor.step("previous")
    visitor.wait_for("photo", scenes[3])
    visitor.step("next")
    visitor.wait_for("photo", scenes[4])
    visitor.step("next")
    expect(visitor.page.get_by_role("button", name="Next")).to_be_disabled()
    assert visitor.query["id"] == scenes[5]


def test_the_browser_s_way_back(visitor: Visitor, scenes: list[str]) -> None:
    visitor.show("scenes", scenes[0])
    visitor.go_to(scenes[1])
    visitor.step("next")
    visitor.wait_for("photo", scenes[2])
    visitor.settle()
    visitor.page.go_back()
    visitor.wait_for("photo", scenes[1])
    expect(visitor.page.get_by_text("Scene 2 of 6")).to_be_visible()
    visitor.settle()
    assert visitor.query["id"] == scenes[1]


def test_quick_steps_back_land_where_the_browser_went(visitor: Visitor, scenes: list[str]) -> None:
    visitor.show("scenes", scenes[0])
    for scene in scenes[1:4]:
        visitor.step("next")
        visitor.wait_for("photo", scene)
    visitor.settle()
    # Each step is made as the page's answer to the one before is on its way.
    visitor.page.evaluate(
        """() => {
            const push = history.pushState;
            let left = 2;
            history.pushState = (...all) => {
                if (left-- <= 0) return push(...all);
                addEventListener("popstate", () => push(...all), { once: true });
                history.back();
            };
        }"""
    )
    visitor.page.go_back()
    visitor.wait_for("photo", scenes[0])
    visitor.settle()
    assert visitor.query["id"] == scenes[0]
    for _ in range(3):
        visitor.page.go_forward()
    visitor.wait_for("photo", scenes[3])
    visitor.settle()
    assert visitor.query["id"] == scenes[3]


def test_pictures_lead_to_their_scenes(visitor: Visitor, scenes: list[str]) -> None:
    visitor.tab("scenes")
    if "id" in visitor.query:
        visitor.press("scenes.back")
    small = visitor.page.locator("img.fv-thumbnail")
    expect(small).to_have_count(len(scenes))
    assert small.evaluate_all("all => all.every(i => i.naturalWidth === 320)")
    box = small.nth(3).bounding_box()  # the picture itself, not the words below
    assert box
    visitor.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visitor.wait_for("photo", scenes[3])
    visitor.settle()


def test_the_gallery_comes_back_where_it_was_left(visitor: Visitor, scenes: list[str]) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 500})
    visitor.open()
    picture = visitor.page.get_by_role("button", name=scenes[4], exact=True)
    for _ in range(2):
        picture.focus()
        top = visitor.page.evaluate(SCROLLED)
        assert top > 200
        visitor.page.keyboard.press("Enter")
        visitor.wait_for("prediction", scenes[4])
        visitor.settle()
        expect(visitor.canvas).to_be_focused()
        assert visitor.page.evaluate(SCROLLED) == 0
        visitor.page.get_by_role("button", name=visitor.says("scenes.back")).press("Enter")
        expect(picture).to_be_focused()
        visitor.settle()
        assert visitor.page.evaluate(SCROLLED) == top
    visitor.page.go_back()
    visitor.wait_for("prediction", scenes[4])
    visitor.settle()
    visitor.page.go_back()
    expect(picture).to_be_visible()
    visitor.settle()
    assert visitor.page.evaluate(SCROLLED) == top


def test_own_photos(visitor: Visitor) -> None:
    panel = visitor.tab("photo")
    panel.get_by_text(visitor.says("photo.files"), exact=True).click()
    # Phones' upright photos; browsers do not turn WebP.
    visitor.upload(
        ("phone.jpg", rotated("JPEG")), ("turned.webp", rotated("WEBP", (400, 300))),
        ("grey16.png", deep_grey_png()), ("notes.jpg", b"no picture at all"),
    )  # fmt: skip
    expect(visitor.page.get_by_role("alert")).to_contain_text(visitor.says("problem.not-a-photo"))
    expect(panel.locator('[data-testid="stFileUploaderFile"]')).to_have_count(0)
    shapes = {"phone.jpg": [3000, 4000], "turned.webp": [300, 400], "grey16.png": [300, 200]}
    for name, size in shapes.items():
        panel.get_by_role("button", name=name, exact=True).click()
        visitor.wait_for("prediction", name.partition(".")[0])
        visitor.settle()
        assert visitor.sizes() == [size] * 2
    visitor.screenshot("own_photos")
    with visitor.page.expect_download() as saved:
        visitor.press("photo.zip", count=3)
    with zipfile.ZipFile(saved.value.path()) as masks:
        found = {name: Image.open(masks.open(name)) for name in masks.namelist()}
    assert [(mask.mode, list(mask.size)) for mask in found.values()] == [
        ("P", size) for size in shapes.values()
    ]
    visitor.tab("api")
    visitor.tab("photo")
    visitor.wait_for("photo", "grey16")
    visitor.press("photo.forget")
    expect(visitor.layer("photo")).to_have_count(0)
    visitor.settle()
    visitor.forgive("/api/predict?")


def test_files_that_are_not_taken(visitor: Visitor, tmp_path: Path) -> None:
    visitor.speak("fr")
    panel = visitor.tab("photo")
    panel.get_by_text(visitor.says("photo.files"), exact=True).click()
    alert = panel.get_by_test_id("stAlert")
    large = bytes(27_000_000)
    grey, huge = tmp_path / "grey.png", tmp_path / "huge.tif"
    grey.write_bytes(deep_grey_png())
    with huge.open("wb") as file:
        file.truncate(210_000_000)  # Streamlit itself takes no more than 200 MiB
    said = visitor.says("photo.not_taken", megabytes="25", names="huge.tif")
    visitor.page.locator('input[type="file"]').set_input_files([grey, huge])
    visitor.wait_for("prediction", "grey")
    visitor.settle()
    expect(panel.get_by_text(said)).to_be_visible()
    for others in ([], [("grey.png", deep_grey_png())]):
        visitor.upload(("large.tif", large), *others)
        expect(alert).to_have_text(re.compile(r"large\.tif.*25 Mo au plus"))
        visitor.settle()
        expect(panel.get_by_test_id("stFileChip")).to_have_count(0)
        expect(panel.get_by_text(said)).to_have_count(0)
    visitor.wait_for("prediction", "grey")
    visitor.press("photo.forget")
    expect(alert).to_have_count(0)

    panel.get_by_text(visitor.says("photo.folder"), exact=True).click()
    visitor.settle()
    choose = panel.get_by_test_id("stFileUploaderDropzone").locator("button")
    expect(choose).to_have_count(1)
    content = "e => getComputedStyle(e, '::after').content"
    assert choose.evaluate(content) == f'"{visitor.says("photo.choose.folder")}"'
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "notes.txt").write_text("no photo")
    visitor.page.locator('input[type="file"]').set_input_files(folder)
    said = visitor.says("photo.not_taken", megabytes="25", names="folder/notes.txt")
    expect(panel.get_by_text(said)).to_be_visible()
    expect(choose).to_have_count(2)
    assert choose.evaluate_all(f"all => all.map({content})") == ["none", "none"]
    visitor.screenshot("not_taken")
    panel.get_by_text(visitor.says("photo.files"), exact=True).click()
    visitor.settle()


def test_a_photo_chosen_on_a_phone_is_seen(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    panel = visitor.tab("photo")
    panel.get_by_text(visitor.says("photo.samples"), exact=True).click()
    for number, name in ((2, "dusk"), (3, "rain")):
        visitor.press("photo.sample_number", number=number)
        visitor.wait_for("prediction", name)
        visitor.settle()
        expect(visitor.canvas).to_be_in_viewport(ratio=1)
    visitor.press("photo.forget")
    visitor.settle()


def test_camera_and_samples(visitor: Visitor) -> None:
    panel = visitor.tab("photo")
    panel.get_by_text(visitor.says("photo.samples"), exact=True).click()
    panel.get_by_role("button", name=visitor.says("photo.sample_number", number=2)).click()
    visitor.wait_for("prediction", "dusk")
    visitor.settle()
    visitor.screenshot("sample")

    panel.get_by_text(visitor.says("photo.camera"), exact=True).click()
    panel.get_by_role("button", name=visitor.says("camera.take")).click()
    photo = visitor.page.locator('img[data-fv-layer="photo"][data-fv-title^="camera"]')
    expect(photo).to_have_js_property("naturalWidth", 3840)  # all that the fake camera has
    expect(photo).to_have_js_property("naturalHeight", 2160)
    visitor.settle()
    visitor.screenshot("camera")


def published(client: Client) -> list[str]:
    return [f"{row['name']}:{row['version']}" for row in client.models()["models"]]


def test_two_models(visitor: Visitor, client: Client, scenes: list[str]) -> None:
    first = client.models()["active"]
    second = [name for name in published(client) if name != first][-1]
    visitor.show("scenes", scenes[1])
    visitor.page.get_by_text(visitor.says("compare.with")).click()
    visitor.wait_for("other", scenes[1])
    visitor.settle()
    visitor.choose("compare.model", second, letter="B")
    assert visitor.query["other"] == second
    table = visitor.page.locator("table.fv-grid")
    scored = [client.evaluation(scenes[1], model=name) for name in (first, second)]
    means = [f"{scores['official']['mean_iou']:.3f}" for scores in scored]
    expect(table.locator("tbody tr").first.locator("td").first).to_have_text(means[0])
    expect(table.locator("tbody tr").first.locator("td").nth(1)).to_have_text(means[1])
    masks = [client.predict_scene(scenes[1], model=name, void=False) for name in (first, second)]
    one, other = (made.mask.array() for made in masks)
    share = f"{100 * (one != other).mean():.1f}"
    sentence = visitor.page.locator(".fv-sentence")
    expect(sentence).to_contain_text(f"A and B differ in {share}\u00a0% of the pixels.")
    visitor.screenshot("two_models")
    # All of it is a link.
    visitor.side("Left").select_option("Errors of A")
    visitor.page.get_by_label("Side by side").check()
    visitor.page.wait_for_url("**look=errors*")
    visitor.open(**visitor.query)
    visitor.wait_for("other", scenes[1])
    expect(visitor.side("Left")).to_have_value("errors")
    visitor.page.get_by_label("Side by side").uncheck()
    visitor.side("Left").select_option("Photo")
    visitor.page.get_by_text(visitor.says("compare.with")).click()
    visitor.settle()


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (1920, 1080), (390, 844)])
def test_the_picture_comes_first(
    visitor: Visitor, scenes: list[str], width: int, height: int
) -> None:
    visitor.show("scenes", scenes[1])
    visitor.page.set_viewport_size({"width": width, "height": height})
    visitor.page.evaluate("scrollTo(0, 0)")
    box = visitor.canvas.bounding_box()
    assert box
    assert box["y"] < 210
    assert box["y"] + box["height"] < height


def test_models(visitor: Visitor, client: Client, scenes: list[str]) -> None:
    visitor.show("quality", scenes[1])
    table = visitor.page.locator("table", has_text=visitor.says("models.caption"))
    expect(table.locator("tbody tr")).to_have_count(len(published(client)))
    expect(visitor.page.locator('[data-testid="stVegaLiteChart"] .marks')).to_be_visible()
    visitor.screenshot("models")
    visitor.press("models.pair_show")
    first_badge = visitor.page.locator(".fv-score").first
    expect(first_badge).to_contain_text("\N{GREEK CAPITAL LETTER DELTA}")
    visitor.settle()
    visitor.page.get_by_text(visitor.says("gallery.together"), exact=True).click()
    expect(visitor.page.locator("table.fv-grid tbody tr").first).to_be_visible()
    name, data = visitor.download("gallery.csv")
    assert name == "scenes.csv"
    (_, a, b, _), *rows = csv.reader(data.decode().splitlines())
    assert {row[0] for row in rows} == set(scenes)
    gaps = {row[0]: mean(client, row[0], b) - mean(client, row[0], a) for row in rows}
    assert {row[0]: pytest.approx(float(row[3])) for row in rows} == gaps
    widest = max(scenes, key=lambda row: abs(gaps[row]))
    expect(first_badge).to_contain_text(f"{abs(gaps[widest]):.3f}")
    visitor.screenshot("differences")
    visitor.page.get_by_role("button", name=widest, exact=True).click()
    visitor.wait_for("photo", widest)
    visitor.wait_for("other")
    assert visitor.query["other"] == b
    visitor.settle()


def mean(client: Client, scene: str, model: str) -> float:
    value: float = client.evaluation(scene, model=model)["official"]["mean_iou"]
    return value


def test_how_to_call_the_api(visitor: Visitor, client: Client, scenes: list[str]) -> None:
    visitor.show("api", scenes[1])
    status = visitor.page.locator(".fv-status")
    expect(status).to_contain_text(client.health()["model"])
    expect(visitor.page.get_by_text(f"{client.url}/api/predict").first).to_be_visible()
    link = visitor.page.get_by_role("link", name=visitor.says("api.docs"))
    assert link.get_attribute("href") == f"{client.url}/api/docs"
    visitor.screenshot("api")


def test_languages(visitor: Visitor, scenes: list[str]) -> None:
    visitor.show("scenes", scenes[1])
    visitor.speak("fr")
    expect(visitor.page.get_by_role("tab", selected=True)).to_have_text("Scènes")
    visitor.wait_for("prediction")
    expect(visitor.page.get_by_role("slider", name="Opacité du masque")).to_be_visible()
    assert (visitor.query["id"], visitor.query["lang"]) == (scenes[1], "fr")
    visitor.tab("photo")
    visitor.speak("en")
    expect(visitor.page.get_by_role("tab", selected=True)).to_have_text("Your photos")
    assert (visitor.query["view"], visitor.query["lang"]) == ("photo", "en")
    assert visitor.query["id"] == scenes[1]


def test_a_phone_does_not_scroll_sideways(visitor: Visitor, scenes: list[str]) -> None:
    visitor.speak("fr")  # whose words are longer
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    for view in VIEWS:
        visitor.show(view, scenes[1])
        for element in ("html", '[data-testid="stMain"]'):
            scroll = visitor.page.locator(element).evaluate("e => e.scrollWidth - e.clientWidth")
            assert scroll == 0, (view, element)
        visitor.screenshot(f"{view}_390_fr")


def test_the_dark_theme(visitor: Visitor, scenes: list[str]) -> None:
    visitor.page.emulate_media(color_scheme="dark")
    # The page's own theme: its configuration is found though Streamlit started elsewhere.
    app = visitor.page.locator('[data-testid="stApp"]')
    expect(app).to_have_css("background-color", "rgb(17, 24, 31)")


@pytest.fixture(scope="module")
def canned() -> Iterator[CannedApi]:
    with serving(CannedApi()) as api:
        yield api


def test_an_api_that_is_away_and_comes_back(
    browser: "Browser", deployment: Deployment, canned: CannedApi
) -> None:
    with deployment.serving(canned.url) as url:
        visitor = Visitor(browser, url, deployment.name, locale="fr-FR")
        canned.down = True
        visitor.open(id="a_0")
        alert = visitor.page.get_by_role("alert")
        expect(alert).to_contain_text("ne peut pas être joint")
        assert visitor.language == "fr"
        visitor.screenshot("away")
        canned.down = False
        visitor.wait_for("photo", "a_0")  # without a click
        expect(alert).to_have_count(0)

        canned.delay = 6
        visitor.step("next")
        expect(visitor.page.get_by_text(visitor.says("waiting.cold"))).to_be_visible()
        visitor.screenshot("slow")
        canned.delay = 0
        visitor.wait_for("prediction", "b_1")
        visitor.settle()

        canned.down = True
        visitor.step("next")
        expect(alert).to_contain_text("ne peut pas être joint")
        canned.down = False
        visitor.press("error.retry")
        visitor.wait_for("photo", "c_2")
        visitor.forgive(canned.url)
        visitor.leave()


def rotated(format: str, size: tuple[int, int] = (4000, 3000)) -> bytes:
    """A phone's upright photo: stored lying on its side, with a note to turn it."""
    ramp = np.linspace(0, 255, size[0], dtype=np.uint8)
    lying = Image.merge("RGB", [Image.fromarray(np.tile(ramp, (size[1], 1)))] * 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    lying.save(out, format, exif=exif)
    return out.getvalue()


def deep_grey_png() -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.linspace(0, 65535, 300 * 200).reshape(200, 300).astype(np.uint16)).save(
        out, "PNG"
    )
    return out.getvalue()
