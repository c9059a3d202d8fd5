"""The explorer in a real browser, against a real running service: all that people do there.

The same for both deployments. Visitors share a window, so each test goes where it needs to be.
"""

import csv
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from canned_api import CannedApi, serving
from deployments import Deployment
from future_vision import Client
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from visitor import PATIENCE_MS, VIEWS, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, WebSocketRoute


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
    expect(visitor.page.get_by_text("Scene 1 of 6")).to_be_visible()
    visitor.settle()
    assert visitor.query["id"] == scenes[0]
    for _ in range(3):
        visitor.page.go_forward()
    visitor.wait_for("photo", scenes[3])
    visitor.settle()
    assert visitor.query["id"] == scenes[3]


@pytest.mark.parametrize("deployment", ["server"], indirect=True)
def test_a_step_back_before_the_answer_to_a_step_on(
    browser: "Browser",
    deployment: Deployment,
    explorers: Callable[[Deployment], str],
    scenes: list[str],
) -> None:
    visitor = Visitor(browser, explorers(deployment), deployment.name)
    late: list[tuple[WebSocketRoute, bytes]] = []
    slow = False

    def route(near: "WebSocketRoute") -> None:
        def deliver(message: "str | bytes") -> None:
            if slow:
                assert isinstance(message, bytes)
                late.append((near, message))
            else:
                near.send(message)

        near.connect_to_server().on_message(deliver)

    def answered() -> bool:
        kinds = (ForwardMsg.FromString(message).WhichOneof("type") for _, message in late)
        return "script_finished" in kinds

    visitor.page.route_web_socket("**/_stcore/stream", route)
    visitor.open(id=scenes[0])
    visitor.wait_for("photo", scenes[0])
    visitor.step("next")
    visitor.wait_for("photo", scenes[1])
    visitor.settle()
    slow = True
    visitor.step("next")
    for _ in range(PATIENCE_MS // 100):
        if answered():
            break
        visitor.page.wait_for_timeout(100)
    assert answered()
    visitor.page.go_back()
    slow = False
    for near, message in late:
        near.send(message)
    visitor.wait_for("photo", scenes[0])
    visitor.settle()
    assert visitor.query["id"] == scenes[0]
    visitor.leave()


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
    expect(table.locator("tbody tr")).to_have_count(len(client.models()["models"]))
    expect(visitor.page.locator('[data-testid="stVegaLiteChart"] .marks')).to_be_visible()
    visitor.screenshot("models")
    visitor.press("models.pair_show")
    first_badge = visitor.page.locator(".fv-score").first
    expect(first_badge).to_contain_text("\N{GREEK CAPITAL LETTER DELTA}")
    visitor.settle()
    visitor.page.get_by_text(visitor.says("gallery.together"), exact=True).click()
    count = len(scenes)  # the page is drawn anew while scores come
    caption = visitor.says("gallery.together_iou", done=count, total=count)
    expect(visitor.page.locator("table.fv-grid", has_text=caption)).to_be_visible()
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
