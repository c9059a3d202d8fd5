"""The viewer in a real browser: how it follows the page, and what it saves."""

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import viewer
from PIL import Image
from viewer_page import (
    COLORS,
    GREY,
    HEIGHT,
    MODELS,
    ONE,
    TWO,
    WIDTH,
    Picture,
    layer,
    layers,
    mount,
    opened,
    photo,
    prediction,
    source,
    truth,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COUNT_BITMAPS = """() => {
    window.bitmaps = 0;
    const make = window.createImageBitmap, close = ImageBitmap.prototype.close;
    window.createImageBitmap = async (...all) => { window.bitmaps++; return make(...all); };
    ImageBitmap.prototype.close = function () { window.bitmaps--; close.call(this); };
}"""


def test_choices_stay_from_scene_to_scene(picture: Picture) -> None:
    picture.choose("Left", "Errors")
    picture.slide("Mask opacity", 100)
    picture.root.get_by_role("button", name="Sky").click()
    picture.press("Zoom in")
    picture.show(layers(title="b_2", truth=prediction(), prediction=np.full_like(truth(), 2)))
    assert picture.chosen() == ["Errors", "Prediction"]
    assert picture.root.get_by_label("Whole picture").inner_text() == "150\u00a0%"
    share = 100 * np.mean(prediction() != 2)
    assert (
        picture.words(".fv-sentence")
        == f"{share:.1f} % of the evaluated pixels are wrong (official)."
    )
    picture.press("Whole picture")
    picture.page.mouse.move(0, 890)
    picture.settle()
    assert picture.pixel(50, 12) == GREY  # sky is off
    assert "b_2" in (picture.canvas.get_attribute("aria-label") or "")


def test_a_view_that_vanishes_is_shown_again_when_it_is_back(picture: Picture) -> None:
    picture.choose("Left", "Errors")
    picture.show(layers(truth=truth()))
    assert picture.chosen() == ["Ground truth", "Photo"]
    assert picture.words(".fv-sentence") == ""
    assert picture.root.get_by_role("button", name="Mask of").count() == 0
    picture.show(layers())
    assert picture.chosen() == ["Photo", "Photo"]
    assert not picture.root.get_by_role("button", name="Flat").is_visible()
    picture.show(layers(truth=truth(), prediction=prediction()))
    assert picture.chosen() == ["Errors", "Prediction"]


def test_layers_of_another_scene_are_left_out(picture: Picture) -> None:
    stale = layer("prediction", source(prediction()), title="a_1")
    picture.show(layers(title="b_2", truth=truth()) + stale)
    assert picture.chosen() == ["Ground truth", "Photo"]


def test_masks_of_another_protocol_are_left_out(picture: Picture) -> None:
    """What was predicted without void may not stand against a ground truth with void."""
    now = layer("photo", source(photo(), mask=False), protocol="with_void")
    now += layer("truth", source(truth()), protocol="with_void")
    picture.show(now + layer("prediction", source(prediction()), protocol="official"))
    assert picture.chosen() == ["Ground truth", "Photo"]
    picture.show(now + layer("prediction", source(prediction()), protocol="with_void"))
    assert picture.chosen() == ["Ground truth", "Prediction"]


def test_a_layer_that_is_replaced_in_place_is_read_again(picture: Picture) -> None:
    assert picture.hover(50, 12) == "Pixel 50, 12 · ground truth: Sky · prediction: Sky"
    everywhere = source(np.full((HEIGHT, WIDTH), 3, np.uint8))
    picture.page.get_by_alt_text("prediction").evaluate("(img, src) => (img.src = src)", everywhere)
    picture.settle()
    assert picture.hover(49, 12) == "Pixel 49, 12 · ground truth: Sky · prediction: Sign"


def test_a_broken_layer_is_none(page: "Page") -> None:
    broken = layer("truth", "data:image/png;base64,iVBORw0KGgo=")
    picture = Picture(page).show(layers(prediction=prediction()) + broken)
    assert picture.chosen() == ["Photo", "Prediction"]


def test_an_upright_phone_photo_fits_its_mask(page: "Page") -> None:
    lying = np.zeros((16, 32, 3), np.uint8)
    lying[:, :16] = 255  # turned clockwise, the upper half of 16 x 32
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(lying).save(out, "JPEG", quality=95, exif=exif)
    jpeg = f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"
    mask = np.ones((32, 16), np.uint8)
    mask[16:] = 2
    picture = Picture(page)
    picture.show(layer("photo", jpeg) + layer("prediction", source(mask)))
    box = picture.canvas.bounding_box()
    assert box
    assert box["height"] == pytest.approx(2 * box["width"], abs=2)
    assert min(picture.pixel(10, 10)) > 250
    assert max(picture.pixel(10, 20)) < 5
    assert picture.hover(10, 10) == "Pixel 2, 10 · prediction: Flat"


def test_a_mount_point_in_another_language_keeps_the_choices(picture: Picture) -> None:
    picture.choose("Left", "Errors")
    picture.slide("Divider", 30)
    french = "html => document.getElementById('mounts').innerHTML = html"
    picture.page.evaluate(french, mount(lang="fr"))
    picture.settle()
    assert picture.chosen() == ["Erreurs", "Prédiction"]
    assert picture.root.get_by_role("slider", name="Séparateur").input_value() == "30"


def test_a_script_that_runs_twice_works_once(picture: Picture) -> None:
    picture.page.add_script_tag(content=viewer.script())
    picture.show(layers(title="b_2", truth=truth(), prediction=prediction()))
    assert picture.root.locator("canvas.fv-canvas").count() == 1
    picture.press("Zoom in")
    assert picture.root.get_by_label("Whole picture").inner_text() == "150\u00a0%"


def saved(picture: Picture, name: str) -> tuple[str, bytes]:
    with picture.page.expect_download() as download:
        picture.root.get_by_role("button", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_downloads(picture: Picture) -> None:
    src = source(prediction())
    name, data = saved(picture, "Mask of <é>:1")
    assert (name, data) == ("a_1__é__1_mask.png", base64.b64decode(src.partition(",")[2]))
    name, data = saved(picture, "Data")
    assert (name, data.decode()) == ("a_1__é__1.json", MODELS["prediction"])

    picture.slide("Mask opacity", 100)
    picture.slide("Divider", 25)
    picture.press("Zoom in")  # what is saved is the whole picture all the same
    name, data = saved(picture, "This view")
    assert name == "a_1_truth_prediction.png"
    ids = np.where(np.arange(WIDTH) < WIDTH // 4, truth(), prediction())
    colors = np.array([*COLORS.values(), *[(0, 0, 0)] * 251, GREY])
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), colors[ids])


def test_a_tall_photo_is_saved_exactly(page: "Page") -> None:
    noise = np.random.default_rng(3).integers(0, 256, (600, 40, 3), dtype=np.uint8)
    mask = (np.arange(600)[:, None] // 7 % 4).repeat(40, 1).astype(np.uint8)
    picture = Picture(page)
    picture.show(layer("photo", source(noise, mask=False)) + layer("prediction", source(mask)))
    picture.slide("Mask opacity", 100)
    _, data = saved(picture, "This view")
    expected = np.array([*COLORS.values()])[mask]
    expected[:, :20] = noise[:, :20]
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), expected)


def test_a_hundred_scenes_leave_nothing_behind(browser: "Browser") -> None:
    with opened(browser, mount()) as page:
        page.evaluate(COUNT_BITMAPS)
        picture = Picture(page)
        scenes = [
            layers(title=f"a_{number}", truth=np.roll(truth(), number), prediction=prediction())
            for number in range(12)
        ]
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")

        def metrics() -> dict[str, float]:
            picture.settle()
            session.send("HeapProfiler.collectGarbage")
            rows = session.send("Performance.getMetrics")["metrics"]
            return {row["name"]: row["value"] for row in rows}

        def visit(count: int) -> None:
            for number in range(count):
                picture.show(scenes[number % 12])
                picture.hover(number % WIDTH, 12)

        visit(12)
        before = metrics()
        visit(100)
        after = metrics()
        assert after["JSEventListeners"] == before["JSEventListeners"]
        assert after["Nodes"] <= before["Nodes"] + 20
        assert after["JSHeapUsedSize"] < before["JSHeapUsedSize"] + 1_000_000
        assert page.evaluate("bitmaps") == 1  # the photo that is shown
        picture.page.evaluate("document.getElementById('mounts').innerHTML = ''")
        picture.settle()
        assert page.evaluate("bitmaps") == 0


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_narrow_screen_holds_it_all(browser: "Browser", lang: str) -> None:
    window = {"width": 390, "height": 800}
    with opened(browser, mount(lang=lang), viewport=window) as page:
        confidence = np.full((HEIGHT, WIDTH), 200, np.uint8)
        masks = {"truth": truth(), "prediction": prediction(), "confidence": confidence}
        picture = Picture(page).show(layers(**masks))
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for control in picture.root.locator(
            ":is(button, select, input[type=range], label):visible"
        ).all():
            box = control.bounding_box()
            assert box
            assert box["height"] >= 24
            assert box["x"] + box["width"] <= 390
        text = picture.root.locator("button.fv-toggle")
        assert all(text.evaluate_all("all => all.map((e) => e.scrollWidth <= e.clientWidth)"))


def test_large_photos_do_not_hold_up_the_page(page: "Page") -> None:
    """16 megapixels are decoded strip by strip: in between, the page goes on."""
    picture = Picture(page)
    page.evaluate(
        """() => { let last = performance.now();
            const tick = () => { const now = performance.now();
                window.longest = Math.max(window.longest, now - last); last = now;
                setTimeout(tick, 1); };
            tick(); }"""
    )
    # The longest pause, as a share of the whole. Others who keep the cores busy make pauses too,
    # but not every time; without strips every try has one of nearly the whole time.
    longest: list[float] = []
    for size in range(90, 100):
        big = source(np.kron(prediction(), np.ones((size, size), np.uint8)))  # 5760 x 2880
        started = page.evaluate("window.longest = 0, performance.now()")
        picture.show(layer("photo", source(photo(), mask=False)) + layer("prediction", big))
        took = page.evaluate("performance.now()") - started
        assert picture.hover(50, 3) == "Pixel 50, 3 · prediction: Sky"
        longest.append(page.evaluate("window.longest") / took)
        if longest[-1] < 0.5:
            return
    pytest.fail(f"the page was held up each time: {longest}")


def test_a_link_shows_what_another_visitor_saw(browser: "Browser") -> None:
    masks = {"truth": truth(), "prediction": prediction()}
    with opened(browser, mount(), "id=a_1") as page:
        picture = Picture(page).show(layers(**masks))
        picture.choose("Left", "Errors")
        picture.slide("Divider", 30)
        for _ in range(2):
            picture.press("Zoom in")
        page.wait_for_function(
            "() => new URL(location).searchParams.get('look') === 'errors~~30~0.2778~0.2778~0.4444'"
        )
        query = page.evaluate("location.search.slice(1)")
        # What the page writes keeps it, and is one step; a step back shows what was there.
        page.evaluate("history.pushState({}, '', '?id=b_2')")
        assert "look=errors" in page.url
        picture.press("Whole picture")
        picture.choose("Left", "Photo")
        page.wait_for_function("() => new URL(location).searchParams.get('look') === 'photo~~30'")
        # The gallery has no viewer, and a step back to it leaves the choices as they are.
        page.evaluate("history.pushState({}, '', '?sort=worst')")
        assert page.url.endswith("?sort=worst")
        page.evaluate("history.pushState({}, '', '?id=c_3')")
        page.go_back()
        picture.settle()
        page.wait_for_timeout(400)  # within which a link to a scene would have followed the view
        assert page.url.endswith("?sort=worst")
        assert picture.chosen() == ["Photo", "Prediction"]
        page.go_back()
        page.go_back()
        picture.settle()
        assert picture.chosen() == ["Errors", "Prediction"]
        assert picture.root.get_by_label("Whole picture").inner_text() == "225\u00a0%"
    with opened(browser, mount(), query) as page:
        picture = Picture(page).show(layers(**masks))
        assert picture.chosen() == ["Errors", "Prediction"]
        assert picture.root.get_by_role("slider", name="Divider").input_value() == "30"
        assert picture.root.get_by_label("Whole picture").inner_text() == "225\u00a0%"


def test_a_wrong_address_is_corrected_without_a_step(browser: "Browser") -> None:
    with opened(browser, mount(), "page=9999") as page:
        before = page.evaluate("history.length")
        page.evaluate("history.pushState({}, '', '?page=3&corrected=1')")
        assert page.url.endswith("?page=3")
        assert page.evaluate("history.length") == before
        page.evaluate("history.pushState({}, '', '?page=2')")
        assert page.evaluate("history.length") == before + 1


def test_an_answer_to_an_earlier_step_is_out_of_date(page: "Page") -> None:
    page.evaluate(
        """() => { document.body.insertAdjacentHTML("beforeend",
            '<div class="st-key-went"><input></div>');
        for (const id of "abcd") history.pushState({}, "", `?id=${id}`); }"""
    )
    for _ in range(2):
        page.go_back()
    assert page.locator(".st-key-went input").input_value() == "2?id=b"
    # Sent before the page knew of a step, of the second step, and for it.
    for answer in ("id=e", "id=c&step=1", "id=b&step=2"):
        page.evaluate("query => history.pushState({}, '', '?' + query)", answer)
        assert page.url.endswith("?id=b"), answer
    page.go_forward()
    page.go_forward()
    assert page.url.endswith("?id=d")
    # A change that follows the latest step is a step of its own.
    page.evaluate("history.pushState({}, '', '?id=e&step=4')")
    assert page.url.endswith("?id=e")
    page.go_back()
    assert page.url.endswith("?id=d")


SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"
SCROLL = "document.querySelector('[data-testid=stMain]').scrollTop = 100"
SCROLLING = """() => {
    const main = document.createElement("div");
    main.style = "height: 50px; overflow: auto";
    main.dataset.testid = "stMain";
    main.append(...document.body.children);
    main.insertAdjacentHTML("beforeend", '<div style="height: 900px"></div>');
    document.body.append(main);
}"""
"""Streamlit's page scrolls within itself."""


def test_what_opens_is_seen_from_its_top(picture: Picture) -> None:
    page = picture.page
    page.evaluate(SCROLLING)
    for query, top in (("sort=worst", 100), ("sort=worst&page=2", 0), ("id=a_1", 0),
                       ("id=a_1&protocol=with_void", 100), ("view=photo", 0)):  # fmt: skip
        page.evaluate(SCROLL)
        page.evaluate("query => history.pushState({}, '', '?' + query)", query)
        assert page.evaluate(SCROLLED) == top, query


def test_an_own_photo_is_seen_from_its_top_though_the_address_stays(browser: "Browser") -> None:
    with opened(browser, mount(), "view=photo") as page:
        picture = Picture(page).show(layers(title="day", prediction=prediction()))
        page.evaluate(SCROLLING)
        other = np.full_like(prediction(), 2)
        for title, mask, place, top in (
            ("night", prediction(), "", 0),  # another sample or picture of the strip
            ("night", other, "", 100),  # another model
            ("night", other, mount("fr"), 100),  # a toggle that has the viewer made anew
            ("day", other, "", 0),
        ):
            page.evaluate(SCROLL)
            if place:
                script = "html => document.querySelector('.fv-viewer').outerHTML = html"
                page.evaluate(script, place)
            picture.show(layers(title=title, prediction=mask))
            assert page.evaluate(SCROLLED) == top, title
        page.evaluate("history.replaceState({}, '', '?view=scenes')")
        page.evaluate(SCROLL)
        picture.show(layers(title="a_1", prediction=mask))
        assert page.evaluate(SCROLLED) == 100, "a way back in the list of scenes"


def test_two_pictures_side_by_side_and_number_keys(picture: Picture) -> None:
    picture.slide("Mask opacity", 100)
    picture.canvas.focus()
    picture.page.keyboard.press("d")
    picture.page.keyboard.press("Shift+D")
    picture.settle()
    assert not picture.root.get_by_label("Side by side").is_checked()
    picture.page.keyboard.press("D")  # as Caps Lock has it
    picture.settle()
    assert picture.root.get_by_label("Side by side").is_checked()
    assert not picture.root.get_by_role("slider", name="Divider").is_visible()
    # Each is whole: pixel 33, 12 is 2 in the truth and 1 in the prediction.
    assert picture.pixel(33 / 2, 12) == TWO
    assert picture.pixel((64 + 33) / 2, 12) == ONE
    assert picture.hover((64 + 32.6) / 2, 12).startswith("Pixel 33, 12 ")
    picture.page.keyboard.press("1")
    picture.page.keyboard.press("Shift+Digit3")
    picture.page.keyboard.press("8")  # there is no confidence
    picture.settle()
    assert picture.chosen() == ["Prediction", "Photo"]
    assert "1 Photo, 2 Ground truth, 3 Prediction, 5 Errors" in picture.words(".fv-help")
