"""The view of stored scenes in a real browser: prediction, scores, and all that the viewer does.

What it should show is asked of the API; the same for both deployments.
"""

import io
import json
import re

import pytest
from future_vision import Client
from PIL import Image
from playwright.sync_api import expect
from visitor import Visitor


@pytest.fixture
def explore(visitor: Visitor, scenes: list[str]) -> Visitor:
    """At the second scene, predicted."""
    visitor.show("scenes", scenes[1])
    return visitor


def test_a_prediction(explore: Visitor) -> None:
    assert explore.sizes() == [[1024, 512]] * 3
    explore.screenshot("scene")


def test_scores(explore: Visitor, client: Client, scenes: list[str]) -> None:
    scores = client.evaluation(scenes[1])
    bars = explore.page.locator("table.fv-bars")
    numbers = bars.locator("tbody .fv-number").all_inner_texts()
    assert numbers == [
        "\N{EN DASH}" if iou is None else f"{iou:.3f}" for iou in scores["official"]["iou"].values()
    ]
    expect(bars.locator("tfoot .fv-number")).to_have_text(f"{scores['official']['mean_iou']:.3f}")
    matrix = explore.page.locator("table.fv-confusion")
    explore.page.get_by_text(explore.says("scores.confusion"), exact=True).click()
    expect(matrix).to_be_visible()
    counts = scores["official"]["confusion"][1][1:]
    cells = matrix.locator("tbody tr").first.locator("td").all_inner_texts()
    assert cells == [f"{100 * count / sum(counts):.1f}\u00a0%" for count in counts]
    explore.page.get_by_text(explore.says("scores.confusion"), exact=True).click()


def test_the_confidence_map(explore: Visitor) -> None:
    toggle = explore.page.get_by_text("Confidence map", exact=True).first
    toggle.click()
    explore.wait_for("confidence")
    right = explore.side("Right")
    right.select_option("Confidence")
    explore.point(0.5, 0.5)
    expect(explore.readout).to_contain_text(re.compile(r"confidence \d+"))
    explore.screenshot("confidence")
    right.select_option("Prediction")
    toggle.click()
    expect(explore.layer("confidence")).to_have_count(0)


def test_the_readout_says_what_the_masks_do(
    explore: Visitor, client: Client, scenes: list[str]
) -> None:
    names = [explore.says(f"category.{row.name}") for row in client.categories()]
    truth = client.truth(scenes[1], void=False).array()
    predicted = client.predict_scene(scenes[1], void=False).mask.array()
    for x, y in ((0.1, 0.9), (0.5, 0.55), (0.77, 0.3)):
        explore.point(x, y)
        said = explore.readout.inner_text()
        found = re.fullmatch(
            r"Pixel (\d+), (\d+) · ground truth: ([\w ]+) · prediction: (\w+)", said
        )
        assert found, said
        at = int(found[2]), int(found[1])
        assert abs(at[0] / 512 - y) < 0.005
        assert abs(at[1] / 1024 - x) < 0.005
        true = truth[at]
        assert found[3] == (names[true] if true < 8 else "not evaluated")
        assert found[4] == names[predicted[at]]


def test_the_share_of_wrong_pixels(explore: Visitor, client: Client, scenes: list[str]) -> None:
    errors = client.errors(scenes[1], void=False).array()
    share = (errors == 1).sum() / (errors != 255).sum()
    said = f"{100 * share:.1f}\u00a0% of the evaluated pixels are wrong (official, 7 categories)."
    expect(explore.page.locator(".fv-sentence")).to_have_text(said)
    explore.side("Right").select_option("Errors")
    explore.screenshot("errors")
    explore.side("Right").select_option("Prediction")


def test_divider_opacity_and_categories(
    explore: Visitor, client: Client, scenes: list[str]
) -> None:
    page = explore.page
    predicted = client.predict_scene(scenes[1], void=False).mask.array()
    x, y = 0.75, 0.9
    row = client.categories()[predicted[int(y * 512), int(x * 1024)]]
    own = [int(row.color[at : at + 2], 16) for at in (1, 3, 5)]

    opacity = page.get_by_role("slider", name="Mask opacity")
    opacity.fill("100")
    assert explore.colour(x, y) == own
    opacity.press("Home")
    photo = explore.colour(x, y)
    assert photo != own
    opacity.press("End")

    label = explore.says(f"category.{row.name}")
    toggle = page.get_by_role("button", name=re.compile(f"^{label} "))
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    assert explore.colour(x, y) == photo
    toggle.click()
    page.mouse.move(0, 0)
    page.get_by_label("Patterns").check()
    places = [(x + at / 500, y + at / 500) for at in range(8)]
    assert len({tuple(explore.colour(*place)) for place in places}) > 1
    explore.screenshot("patterns")
    page.get_by_label("Patterns").uncheck()

    divider = page.get_by_role("slider", name="Divider")
    explore.side("Left").select_option("Photo")
    divider.press("End")
    assert explore.colour(x, y) == photo
    divider.press("Home")
    assert explore.colour(0.1, y) != photo
    divider.press("ArrowRight")
    expect(divider).to_have_js_property("value", "1")
    divider.fill("50")
    explore.point(0.5, 0.5)
    page.mouse.down()
    explore.point(0.8, 0.4)
    page.mouse.up()
    expect(divider).to_have_js_property("value", "80")
    assert explore.colour(x, y) == photo
    divider.fill("50")
    explore.side("Left").select_option("Ground truth")
    opacity.fill("60")


def test_downloads(explore: Visitor, client: Client, scenes: list[str]) -> None:
    expected = client.predict_scene(scenes[1], void=False)
    stem = scenes[1].replace("/", "_")  # what a browser makes of a name with slashes
    file = f"{stem}_{expected.model.replace(':', '_')}"
    name, mask = explore.download("viewer.download_mask", model=expected.model)
    assert name == f"{file}_mask.png"
    assert mask == expected.mask.data
    name, document = explore.download("viewer.download_json", model=expected.model)
    assert name == f"{file}.json"
    assert json.loads(document)["shares"] == expected.shares
    name, view = explore.download("viewer.download_view")
    assert name == f"{stem}_truth_prediction.png"
    with Image.open(io.BytesIO(view)) as picture:
        assert picture.size == (1024, 512)


def test_two_models(visitor: Visitor, client: Client, scenes: list[str]) -> None:
    first = client.models()["active"]
    published = [f"{row['name']}:{row['version']}" for row in client.models()["models"]]
    second = [name for name in published if name != first][-1]
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
