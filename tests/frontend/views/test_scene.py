import base64
import csv
import io
import json
import re
from html import unescape

import pytest
from canned_answers import ACTIVE, OTHER, TRUTH, mask_png, official
from canned_api import CannedApi, problem
from page_text import html, step_back
from streamlit.testing.v1 import AppTest


@pytest.fixture
def scene(app: AppTest) -> AppTest:
    """The page at the first scene, not yet run."""
    app.query_params["id"] = "a_0"
    return app


def layers(app: AppTest) -> dict[str, bytes]:
    """The pictures that the viewer is given, by name."""
    found = re.findall(r'src="data:[^,]+,([^"]*)" data-fv-layer="(\w+)"', html(app))
    return {name: base64.b64decode(data) for data, name in found}


def setup(app: AppTest) -> dict[str, str]:
    """What the viewer is told to say."""
    (said,) = re.findall(r'data-fv-setup="([^"]*)"', html(app))
    texts: dict[str, str] = json.loads(unescape(said))["texts"]
    return texts


def saved(app: AppTest, name: str) -> list[list[str]]:
    """The table in a file that the page offers."""
    (data,) = re.findall(rf'data-fv-save="[^,]*,([^"]*)" data-fv-name="{name}"', html(app))
    return list(csv.reader(io.StringIO(base64.b64decode(data).decode())))


def calls(api: CannedApi, kind: str) -> int:
    return sum(f"/{kind}/" in call for call in api.asked)


def test_a_scene_is_predicted_when_it_is_opened_by_the_official_protocol(
    scene: AppTest, api: CannedApi
) -> None:
    scene.run()
    assert not scene.exception
    assert list(layers(scene)) == ["photo", "truth", "prediction"]
    assert layers(scene)["truth"] == mask_png(official(TRUTH))
    assert [c for c in api.asked if "/predictions/" in c] == [
        "GET /api/predictions/a_0?format=json&model=tiny%3A1.0.0&void=false"
    ]
    assert setup(scene)["protocol"] == "official, 7 categories"
    assert "(official, 7 categories)" in html(scene)
    assert '<th scope="row">void</th>' not in html(scene)
    assert "23 ms" in " ".join(row.value for row in scene.caption)


def test_masks_truth_and_scores_follow_the_protocol(scene: AppTest, api: CannedApi) -> None:
    scene.query_params["protocol"] = "with_void"
    scene.run()
    assert layers(scene)["truth"] == mask_png(TRUTH)
    assert setup(scene)["protocol"] == "with void, 8 categories"
    assert "(with void, 8 categories)" in html(scene)
    assert '<th scope="row">void</th>' in html(scene)
    assert "void=true" in next(c for c in api.asked if "/predictions/" in c)


def test_two_models(scene: AppTest, api: CannedApi) -> None:
    scene.run().toggle(key="compares").set_value(True).run()
    assert not scene.exception
    assert scene.query_params["other"] == [OTHER]
    assert list(layers(scene)) == ["photo", "truth", "prediction", "other"]
    assert setup(scene)["view.errors"] == "Errors of A"
    one, other = (
        api.answer("GET", f"/api/evaluations/a_0?model={m}", b"") for m in (ACTIVE, OTHER)
    )
    means = [json.loads(row[2])["official"]["mean_iou"] for row in (one, other)]
    assert f'{means[0]:.3f}</td><td class="fv-number">{means[1]:.3f}' in html(scene)
    assert saved(scene, "a_0_iou.csv")[0] == ["category", ACTIVE, OTHER]
    assert [float(x) for x in saved(scene, "a_0_iou.csv")[-1][1:]] == means
    # The next scene keeps both; a step back asks for nothing.
    scene.button(key="next").click().run()
    assert "other" in layers(scene)
    asked = len(api.asked)
    step_back(scene, id="a_0")
    assert "other" in layers(scene)
    assert len(api.asked) == asked


def test_a_link_names_models_and_what_it_shows_is_the_browser_s(scene: AppTest) -> None:
    look = "errors~other~30"
    scene.query_params.update(view="scenes", model=OTHER, other=ACTIVE, look=look)
    scene.run()
    assert scene.selectbox(key="choice_model").value == OTHER
    assert scene.selectbox(key="choice_other").value == ACTIVE
    assert scene.query_params["look"] == [look]
    scene.selectbox(key="choice_model").select(ACTIVE).run()
    assert scene.selectbox(key="choice_other").value == OTHER
    assert not scene.warning


def test_a_model_that_is_not_published(scene: AppTest) -> None:
    scene.query_params["model"] = "*gone*:1.0.0"
    scene.run()
    assert "\\*gone\\*\\:1\\.0\\.0, which is not here" in scene.warning[0].value
    assert scene.selectbox(key="choice_model").value == ACTIVE


def test_a_scene_without_truth_has_no_scores(scene: AppTest, api: CannedApi) -> None:
    scene.query_params["id"] = "c_2"
    scene.run()
    assert not scene.exception
    assert list(layers(scene)) == ["photo", "prediction"]
    assert any("no ground truth" in row.value for row in scene.caption)
    assert not calls(api, "evaluations")


def test_the_confusion_matrix_as_a_file(scene: AppTest) -> None:
    rows = saved(scene.run(), "a_0_tiny_1.0.0_confusion.csv")
    # Of the 14 pixels of sky, 2 are taken for flat without void.
    assert rows == [["true \\ predicted", "flat", "<b>sky</b>"], ["flat", "14", "0"],
                    ["<b>sky</b>", "2", "12"]]  # fmt: skip


def test_confidence_is_asked_for_when_wanted(scene: AppTest, api: CannedApi) -> None:
    scene.run()
    assert not any("confidence" in call for call in api.asked)
    scene.toggle(key="sure").set_value(True).run()
    assert "confidence" in layers(scene)
    assert scene.query_params["sure"] == ["1"]
    scene.button(key="next").click().run()
    assert "confidence" in layers(scene)


def test_a_mean_confidence_that_is_not_stored_is_said_to_be_so(
    scene: AppTest, api: CannedApi
) -> None:
    document = json.loads(api.answer("GET", "/api/predictions/a_0?format=json", b"")[2])
    body = json.dumps({**document, "mean_confidence": None}).encode()
    api.raw["/api/predictions/a_0"] = (200, "application/json", body)
    scene.run()
    assert any("not stored with this mask" in row.value for row in scene.caption)


def test_a_prediction_that_fails_leaves_the_page_and_comes_later(
    scene: AppTest, api: CannedApi
) -> None:
    api.raw["/api/predictions/a_0"] = problem(503, "No model is *active*.")
    scene.run()
    assert scene.error[0].value == "No model is \\*active\\*\\."
    assert list(layers(scene)) == ["photo", "truth"]
    del api.raw["/api/predictions/a_0"]
    scene.button(key="predict_prediction_retry").click().run()
    assert not scene.error
    assert "prediction" in layers(scene)


def test_scores_that_fail_leave_the_page(scene: AppTest, api: CannedApi) -> None:
    api.raw["/api/evaluations/a_0"] = problem(404, "No such model.")
    scene.run()
    assert scene.error[0].value == "No such model\\."
    assert "prediction" in layers(scene)


def test_a_photo_that_fails_leaves_the_list(scene: AppTest, api: CannedApi) -> None:
    api.raw["/api/photos/a_0"] = problem(500, "Storage is away.")
    scene.run()
    assert scene.error[0].value == "Storage is away\\."
    scene.button(key="next").click().run()
    assert not scene.error


def test_no_model_is_published(scene: AppTest, api: CannedApi) -> None:
    api.raw["/api/models"] = (200, "application/json", b'{"active": null, "models": []}')
    scene.run()
    assert not scene.exception
    assert list(layers(scene)) == ["photo", "truth"]
