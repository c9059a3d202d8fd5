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


def test_layers_of_another_scene_or_protocol_are_left_out(picture: Picture) -> None:
    """What was predicted without void may not stand against a ground truth with void."""
    mask = source(prediction())
    now = layer("photo", source(photo(), mask=False), protocol="with_void")
    now += layer("truth", source(truth()), protocol="with_void")
    for title, protocol, right in (
        ("b_2", "with_void", "Photo"), ("a_1", "official", "Photo"),
        ("a_1", "with_void", "Prediction"),
    ):  # fmt: skip
        picture.show(now + layer("prediction", mask, title, protocol=protocol))
        assert picture.chosen() == ["Ground truth", right], (title, protocol)


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
