"""The viewer in a real browser: pointers, fingers and keys on its picture."""

from typing import TYPE_CHECKING

import pytest
from viewer_page import (
    ONE,
    TWO,
    WIDTH,
    Picture,
    layers,
    mount,
    opened,
    prediction,
    truth,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_zoom_by_wheel_keeps_what_is_pointed_at(picture: Picture) -> None:
    picture.slide("Mask opacity", 100)
    page = picture.page
    before = picture.hover(45, 12)
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    picture.settle()
    assert picture.root.get_by_label("Whole picture").inner_text() != "100\u00a0%"
    page.mouse.move(picture.point(45, 12)[0] + 1, picture.point(45, 12)[1])
    assert picture.readout() == before
    assert picture.pixel(45, 12) == TWO
    page.keyboard.down("Control")
    page.mouse.wheel(0, 2000)
    page.keyboard.up("Control")


def test_zoom_by_keys_and_drag_pans(picture: Picture) -> None:
    picture.canvas.focus()
    keyboard, mouse = picture.page.keyboard, picture.page.mouse
    for _ in range(6):
        keyboard.press("+")
    picture.settle()
    start = picture.hover(20, 12)
    mouse.down()
    mouse.move(*picture.point(5, 12), steps=3)
    assert picture.readout() == start  # it has come along
    mouse.up()
    assert picture.root.get_by_role("slider", name="Divider").input_value() == "50"
    keyboard.press("-")
    picture.settle()
    assert picture.root.get_by_label("Whole picture").inner_text() == f"{100 * 1.5**5:.0f}\u00a0%"
    keyboard.press("0")
    picture.settle()
    assert picture.hover(20, 12) == "Pixel 20, 12 · ground truth: Flat · prediction: Flat"


def test_what_is_held_of_one_picture_stays_its_own_over_the_other(picture: Picture) -> None:
    """Side by side the window's left half is one picture, and its right half the other."""
    picture.canvas.focus()
    keyboard, mouse = picture.page.keyboard, picture.page.mouse
    keyboard.press("d")
    for _ in range(4):
        keyboard.press("+")
    picture.settle()
    left = picture.hover(4, 12)
    start = picture.hover(24, 12)
    mouse.down()
    mouse.move(*picture.point(36, 12), steps=4)
    assert picture.readout() == start  # it has come along
    mouse.up()
    assert picture.hover(16, 12) == left


def test_fingers_move_the_divider_and_zoom(browser: "Browser") -> None:
    with opened(browser, mount(), has_touch=True) as page:
        picture = Picture(page).show(layers(truth=truth(), prediction=prediction()))
        session = page.context.new_cdp_session(page)

        def touch(kind: str, *places: tuple[float, float]) -> None:
            points = [
                {"x": x, "y": y, "id": id}
                for id, (x, y) in enumerate(picture.point(*place) for place in places)
            ]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", (32, 16))
        for x in (36, 40, 48):
            touch("touchMove", (x, 16))
        touch("touchEnd")
        picture.settle()
        divider = picture.root.get_by_role("slider", name="Divider")
        assert float(divider.input_value()) == pytest.approx(100 * 48.5 / WIDTH, abs=1)

        touch("touchStart", (28, 16), (36, 16))
        touch("touchMove", (24, 16), (40, 16))
        touch("touchMove", (16, 16), (48, 16))
        touch("touchEnd")
        picture.settle()
        assert picture.root.get_by_label("Whole picture").inner_text() == "400\u00a0%"
        assert picture.hover(32, 16).startswith("Pixel 32, 16 ")


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


def test_keys_of_the_page_are_heard_in_switches_sliders_and_lists_of_layers(
    picture: Picture,
) -> None:
    page = picture.page
    page.evaluate(
        """() => { document.body.insertAdjacentHTML("beforeend",
            '<input type="checkbox" id="switch"><input id="field"><p tabindex="0" id="rest"></p>');
        window.heard = [];
        for (const name of ["previous", "next"]) {
            const place = document.createElement("div");
            place.className = `st-key-${name}`;
            place.innerHTML = "<button></button>";
            place.firstChild.onclick = () => window.heard.push(name);
            document.body.append(place);
        } }"""
    )
    lists = picture.root.get_by_role("combobox", name="Right")
    divider = picture.root.get_by_role("slider", name="Divider")
    for place in (page.locator("#switch"), divider, lists):
        place.focus()
        page.keyboard.press("n")
        page.keyboard.press("P")
        page.keyboard.press("Control+n")
    assert page.evaluate("heard") == ["next", "previous"] * 3
    assert picture.chosen() == ["Ground truth", "Prediction"]
    page.keyboard.press("1")
    picture.settle()
    assert picture.chosen() == ["Ground truth", "Photo"]
    # A letter is written here, and there Streamlit itself hears it.
    for place in ("#field", "#rest"):
        page.locator(place).focus()
        page.keyboard.press("n")
    assert page.locator("#field").input_value() == "n"
    assert page.evaluate("heard.length") == 6
