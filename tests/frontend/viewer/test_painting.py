"""The viewer in a real browser: what it paints and says of layers with known pixels."""

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from viewer_page import (
    COLORS,
    GREY,
    HEIGHT,
    ONE,
    TWO,
    WIDTH,
    Picture,
    layer,
    layers,
    mount,
    prediction,
    source,
    truth,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def picture(picture: Picture) -> Picture:
    """Masks through which nothing of the photo shines."""
    picture.slide("Mask opacity", 100)
    return picture


def mixed(color: tuple[int, ...], share: float) -> list[int]:
    return [round(share * of + (1 - share) * GREY[0]) for of in color]


def test_nothing_is_shown_without_a_photo(page: "Page") -> None:
    picture = Picture(page).show(layer("truth", source(truth())))
    assert not picture.root.is_visible()
    picture.show(layers())
    assert picture.chosen() == ["Photo", "Photo"]
    assert picture.pixel(5, 5) == GREY
    picture.show("")
    assert not picture.root.is_visible()


def test_truth_on_the_left_prediction_on_the_right(picture: Picture) -> None:
    assert picture.chosen() == ["Ground truth", "Prediction"]
    assert picture.pixel(31, 12) == ONE
    assert picture.pixel(33, 12) == ONE  # of the prediction, which has 2 only from 40 on
    assert picture.pixel(40, 12) == TWO
    assert picture.pixel(3, 3) == GREY  # not evaluated: the photo
    assert picture.pixel(10, 30) == ONE
    assert picture.pixel(50, 30) == COLORS[0]
    picture.choose("Left", "Photo")
    assert picture.pixel(31, 12) == GREY


def test_masks_lie_over_the_photo_with_an_opacity(picture: Picture) -> None:
    picture.slide("Mask opacity", 60)
    assert picture.pixel(20, 12) == pytest.approx(mixed(ONE, 0.6), abs=2)
    picture.slide("Mask opacity", 0)
    assert picture.pixel(20, 12) == GREY


def test_the_divider_follows_the_mouse_and_the_keyboard(picture: Picture) -> None:
    mouse = picture.page.mouse
    mouse.move(*picture.point(31.5, 5))
    mouse.down()
    mouse.move(*picture.point(49.5, 5), steps=4)
    mouse.up()
    picture.settle()
    divider = picture.root.get_by_role("slider", name="Divider")
    assert float(divider.input_value()) == pytest.approx(100 * 50 / WIDTH, abs=1)
    assert picture.pixel(34, 12) == TWO  # the truth is now here

    divider.press("Home")
    picture.settle()
    assert picture.pixel(10, 30) == COLORS[0]
    for _ in range(25):
        divider.press("ArrowRight")
    picture.settle()
    assert picture.pixel(10, 30) == ONE
    assert picture.pixel(20, 30) == COLORS[0]


def test_a_click_moves_no_divider(picture: Picture) -> None:
    picture.page.mouse.click(*picture.point(50, 5))
    picture.settle()
    assert picture.root.get_by_role("slider", name="Divider").input_value() == "50"


def test_categories_are_switched_off_and_on(picture: Picture) -> None:
    toggle = picture.root.get_by_role("button", name="Flat")
    assert toggle.get_attribute("aria-pressed") == "true"
    toggle.click()
    picture.page.mouse.move(0, 890)
    picture.settle()
    assert toggle.get_attribute("aria-pressed") == "false"
    assert picture.pixel(20, 12) == GREY
    assert picture.pixel(40, 12) == TWO
    picture.press("None")
    assert picture.pixel(40, 12) == GREY
    picture.press("All")
    assert (picture.pixel(20, 12), picture.pixel(40, 12)) == (ONE, TWO)


def test_the_legend_says_shares_and_points_out_a_category(picture: Picture) -> None:
    said = [row.inner_text() for row in picture.root.locator(".fv-toggle").all()]
    share = [100 * np.mean(prediction() == id) for id in COLORS]
    assert [words.split()[0] for words in said] == ["Void", "Flat", "Sky", "Sign"]
    assert [float(words.split()[1]) for words in said] == pytest.approx(share, abs=0.5)
    toggle = picture.root.get_by_role("button", name="Sky")
    toggle.hover()
    picture.settle()
    assert picture.pixel(40, 12) == TWO
    assert picture.pixel(20, 12) == pytest.approx(mixed(ONE, 56 / 255), abs=2)
    picture.page.mouse.move(0, 890)
    picture.root.get_by_role("button", name="Flat").focus()
    picture.page.keyboard.press("Tab")  # what is focused by the keyboard is pointed out too
    picture.settle()
    assert picture.pixel(20, 12) == pytest.approx(mixed(ONE, 56 / 255), abs=2)


def test_patterns_tell_categories_apart_without_colours(picture: Picture) -> None:
    assert picture.colors(20, 12) == {ONE}
    picture.root.get_by_label("Patterns").check()
    picture.settle()
    assert len(picture.colors(20, 12)) == 2
    assert ONE in picture.colors(20, 12)
    drawn = picture.root.locator(".fv-toggle canvas").evaluate_all(
        """all => all.map((canvas) => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, 16, 16);
            const reds = [...data].filter((_, at) => at % 4 === 0);
            const lowest = Math.min(...reds);
            return reds.map((red) => Number(red > lowest)).join("");
        })"""
    )
    inverse = {row.translate(str.maketrans("01", "10")) for row in drawn}
    assert len({*drawn, *inverse}) == 2 * len(COLORS)


def test_the_readout_names_the_very_pixel(picture: Picture) -> None:
    expected = {
        (0, 0): "Pixel 0, 0 · ground truth: not evaluated · prediction: Flat",
        (7, 8): "Pixel 7, 8 · ground truth: Flat · prediction: Flat",
        (31, 23): "Pixel 31, 23 · ground truth: Flat · prediction: Flat",
        (32, 23): "Pixel 32, 23 · ground truth: Sky · prediction: Flat",
        (40, 23): "Pixel 40, 23 · ground truth: Sky · prediction: Sky",
        (63, 31): "Pixel 63, 31 · ground truth: Sky · prediction: Void",
    }
    assert {at: picture.hover(*at) for at in expected} == expected
    assert picture.root.locator("[aria-live]").inner_text() == ""
    picture.page.mouse.move(5, 890)
    assert picture.readout() == "Point at the picture to read a pixel."


def test_masks_of_another_size_are_read_by_their_nearest_pixel(page: "Page") -> None:
    rng = np.random.default_rng(5)
    small = rng.integers(0, 4, (8, 16), dtype=np.uint8)
    picture = Picture(page).show(layers(truth=small, prediction=small.repeat(8, 0).repeat(8, 1)))
    names = ("Void", "Flat", "Sky", "Sign")
    for x, y in ((0, 0), (3, 3), (4, 4), (62, 31), (17, 22)):
        name = names[small[y // 4, x // 4]]
        assert picture.hover(x, y) == f"Pixel {x}, {y} · ground truth: {name} · prediction: {name}"
    assert picture.words(".fv-sentence").startswith("0.0 %")
    picture.slide("Mask opacity", 100)
    assert picture.pixel(17, 22) == COLORS[small[5, 4]]


def test_ids_are_exact_where_colours_are_managed(page: "Page") -> None:
    """A gamma of 1.0 in the file would have a browser show its colours far brighter."""
    start, _, data = source(prediction()).partition(",")
    png, gamma = base64.b64decode(data), b"gAMA" + struct.pack(">I", 100_000)
    chunk = struct.pack(">I", 4) + gamma + struct.pack(">I", zlib.crc32(gamma))
    managed = base64.b64encode(png[:33] + chunk + png[33:]).decode()  # behind the header
    picture = Picture(page)
    picture.show(layers() + layer("prediction", f"{start},{managed}"))
    assert picture.hover(50, 12) == "Pixel 50, 12 · prediction: Sky"


def test_arrow_keys_move_the_probe_and_speak(picture: Picture) -> None:
    picture.canvas.focus()
    keyboard = picture.page.keyboard
    keyboard.press("ArrowRight")
    spoken = picture.root.locator("[aria-live]")
    assert spoken.inner_text() == "Pixel 33, 16 · ground truth: Sky · prediction: Flat"
    keyboard.press("Shift+ArrowDown")
    keyboard.press("ArrowLeft")
    assert spoken.inner_text() == "Pixel 32, 26 · ground truth: Sky · prediction: Void"
    assert picture.readout() == spoken.inner_text()
    for _ in range(4):
        keyboard.press("Shift+ArrowLeft")
    assert picture.readout().startswith("Pixel 0, 26 ")


def test_errors_are_marked_and_counted(picture: Picture) -> None:
    counts = truth() != 255
    wrong = (truth() != prediction()) & counts
    share = 100 * wrong.sum() / counts.sum()
    said = picture.words(".fv-sentence")
    assert said == f"{share:.1f} % of the evaluated pixels are wrong (official)."
    picture.choose("Left", "Errors")
    picture.choose("Right", "Errors")
    painted = [[len(picture.colors(x, y)) for x in range(0, 60, 4)] for y in range(0, 28, 4)]
    for row, line in enumerate(painted):
        for column, colors in enumerate(line):
            at = (slice(4 * row, 4 * row + 3), slice(4 * column, 4 * column + 3))
            plain = not wrong[at].any() and counts[at].all()
            assert (colors == 1) == plain, (row, column)  # hatched, or the dimmed photo
    picture.slide("Mask opacity", 0)  # which is not for errors
    for x, y, grey in ((20, 12, True), (2, 2, True), (35, 12, False), (20, 28, False)):
        assert all((len(set(color)) == 1) == grey for color in picture.colors(x, y)), (x, y)
    assert picture.root.get_by_text("not evaluated").is_visible()


@pytest.mark.parametrize("page", [mount(two=True)], indirect=True)
def test_two_predictions_and_where_they_differ(page: "Page") -> None:
    other = prediction()
    other[0, :16] = 3
    picture = Picture(page)
    picture.show(layers(prediction=prediction(), other=other))
    assert picture.chosen() == ["A: <é>:1", "B: b:2"]
    share = 100 * 16 / other.size
    said = picture.words(".fv-sentence")
    assert said == f"A and B differ in {share:.1f} % of the pixels."
    assert picture.hover(3, 0) == "Pixel 3, 0 · A: Flat · B: Sign"
    picture.choose("Left", "A against B")
    assert any(len(set(color)) == 3 for color in picture.colors(3, 0))
    assert all(len(set(color)) == 1 for color in picture.colors(3, 4))


def test_low_confidence_stands_out(page: "Page") -> None:
    confidence = np.full((HEIGHT, WIDTH), 255, np.uint8)
    confidence[:, :16] = 51
    picture = Picture(page).show(layers(prediction=prediction(), confidence=confidence))
    scale = picture.root.locator(".fv-scale")
    assert not scale.is_visible()
    picture.choose("Left", "Confidence")
    assert scale.is_visible()
    unsure, sure = picture.pixel(5, 5), picture.pixel(25, 5)
    assert len(set(sure)) == 1
    assert max(unsure) - min(unsure) > 100
    assert sum(unsure) > sum(sure) + 100  # brighter too: not by its hue alone
    assert picture.hover(5, 5).endswith(" · confidence 20 %")
