import base64
import csv
import re

import pytest
from canned_answers import ACTIVE, OTHER, evaluation
from canned_api import CannedApi, problem
from page_text import html, step_back
from streamlit.testing.v1 import AppTest
from views import scene_order


def test_small_pictures_open_a_scene(app: AppTest, api: CannedApi) -> None:
    app.run()
    assert html(app).count('class="fv-thumbnail"') == 3
    app.button(key="open_b_1").click().run()
    assert app.selectbox(key="scene").value == "b_1"
    assert sum("thumbnail" in call for call in api.asked) == 3
    app.button(key="back").click().run()
    assert "id" not in app.query_params
    assert app.button(key="open_b_1")


def said(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def opening(app: AppTest) -> list[str]:
    keys = [str(button.key) for button in app.button]
    return [key.removeprefix("open_") for key in keys if key.startswith("open_")]


def test_pages_list_only_what_they_show(app: AppTest, api: CannedApi) -> None:
    api.scenes = {f"s_{number:04}": False for number in range(2500)}
    api.page_size = 1000
    app.run()
    assert opening(app) == [f"s_{number:04}" for number in range(24)]
    assert "The first 1,000 scenes; the last page lists more." in said(app)
    assert app.selectbox(key="folder").help.startswith("Folders of the first 1,000 scenes")
    assert sum("/scenes?" in call for call in api.asked) == 1
    step_back(app, page="42")
    assert opening(app)[0] == "s_0984"
    assert "The first 2,000 scenes; the last page lists more." in said(app)
    step_back(app, page="105")
    assert opening(app) == [f"s_{number}" for number in range(2496, 2500)]
    assert "Scenes: 2,500." in said(app)
    for wrong, right in (("9999", "105"), ("0", "1"), ("x", "1")):
        step_back(app, page=wrong)
        assert app.query_params["page"] == [right]
        assert app.query_params["corrected"]


def test_a_folder_is_listed_by_the_api(app: AppTest, api: CannedApi) -> None:
    api.scenes = {"a/0": True, "b/c/1": True, "b/d/2": True}
    api.page_size = 1000
    app.query_params["folder"] = "b/d/"
    app.run()
    assert opening(app) == ["b/d/2"]
    assert any("prefix=b%2Fd%2F" in call for call in api.asked)
    app.selectbox(key="folder").select("b/").run()
    assert app.query_params["folder"] == ["b/"]
    assert opening(app) == ["b/c/1", "b/d/2"]


def scored(api: CannedApi, means: dict[str, float], model: str = ACTIVE) -> None:
    """Have the API answer with these means, and the IoU of "flat" as 1 less that."""
    api.scenes = dict.fromkeys(means, True)
    api.page_size = 1000
    for id, mean in means.items():
        official = {**evaluation(id, model)["official"], "mean_iou": mean}
        official["iou"] = {"flat": 1 - mean, "<b>sky</b>": None}
        official["confusion"] = [[0, 0, 0], [0, int(mean < 0.5), 0], [0, 0, 9]]
        api.evaluations[id, model] = {"official": official}


def test_worst_first_overall_or_by_a_category_and_the_steps_follow(
    app: AppTest, api: CannedApi
) -> None:
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    app.query_params["sort"] = "worst"
    app.run()
    assert opening(app) == ["b", "c", "a"]
    assert '<span class="fv-score">0.200</span>' in html(app)
    step_back(app, category="flat")
    assert opening(app) == ["a", "c", "b"]
    step_back(app, category="flat", id="c")
    app.button(key="next").click().run()
    assert app.query_params["id"] == ["b"]
    assert app.button(key="next").disabled
    assert sum("/evaluations/" in call for call in api.asked) == 3


def test_filters_by_score_and_by_category_present(app: AppTest, api: CannedApi) -> None:
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    app.query_params["below"] = "0.5"
    app.run()
    assert opening(app) == ["b", "c"]
    step_back(app, below="0.4")
    assert opening(app) == ["b"]
    step_back(app, below="", present="flat")
    assert opening(app) == ["b", "c"]


@pytest.fixture
def pair(app: AppTest, api: CannedApi) -> AppTest:
    """Two models that differ on three scenes."""
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    scored(api, {"a": 0.6, "b": 0.2, "c": 0.9}, OTHER)
    return app


@pytest.mark.parametrize(
    ("sort", "order"), [("differ", "cab"), ("better", "cba"), ("worse", "abc")]
)
def test_where_two_models_differ(pair: AppTest, sort: str, order: str) -> None:
    pair.query_params["sort"] = sort
    pair.run()
    assert "".join(opening(pair)) == order
    badges = re.findall(r'<span class="fv-score">(.*?)</span>', html(pair))
    by = dict(zip(order, badges, strict=True))
    delta, minus = "\N{GREEK CAPITAL LETTER DELTA}", "\N{MINUS SIGN}"
    assert by == {"a": f"{delta} {minus}0.100", "b": f"{delta} 0.000", "c": f"{delta} +0.500"}
    pair.button(key="open_a").click().run()
    assert pair.selectbox(key="choice_model").value == ACTIVE
    assert pair.selectbox(key="choice_other").value == OTHER
    assert pair.query_params["model"] == [ACTIVE], "another model may be active tomorrow"


def test_the_scores_of_two_models_together(pair: AppTest) -> None:
    """Confusion matrices are added: "flat" is there in two scenes of A, in one of B."""
    pair.query_params["sort"] = "differ"
    pair.run()
    assert "IoU on 3 of 3 scenes" in html(pair)
    assert '<th scope="row">flat</th><td class="fv-number">1.000</td>' in html(pair)
    (data,) = re.findall(r'data-fv-save="data:text/csv;base64,(.*?)"', html(pair))
    rows = list(csv.reader(base64.b64decode(data).decode().splitlines()))
    assert rows[0] == ["scene", ACTIVE, OTHER, "difference"]
    assert rows[3][:3] == ["c", "0.4", "0.9"]
    assert float(rows[3][3]) == pytest.approx(0.5)


def test_the_scores_of_one_model_together(app: AppTest, api: CannedApi) -> None:
    scored(api, {"a": 0.7, "b": 0.2})
    api.evaluations["b", ACTIVE]["official"]["confusion"] = [[0, 0, 0], [0, 1, 3], [0, 0, 9]]
    app.query_params.update(sort="worst", lang="fr")
    app.run()
    assert "IoU sur 2 scènes sur 2" in html(app)
    assert '<td class="fv-number">0,250</td>' in html(app)
    assert '<td class="fv-number">0,857</td>' in html(app), "18 / 21 of sky"


def test_a_scene_that_cannot_be_scored_is_said(app: AppTest, api: CannedApi) -> None:
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    scored(api, {"a": 0.6, "b": 0.2, "c": 0.9}, OTHER)
    api.raw["/api/evaluations/b"] = problem(400, "Damaged.")
    app.query_params["sort"] = "worst"
    app.run()
    assert opening(app) == ["c", "a", "b"]
    assert [warning.value for warning in app.warning] == [r"b\: Damaged\."]
    step_back(app, below="0.9")
    assert opening(app) == ["c", "a"]
    # Another model may be able to.
    del api.raw["/api/evaluations/b"]
    step_back(app, below="", model=OTHER)
    assert opening(app) == ["b", "a", "c"]
    assert not app.warning


def test_a_sample_of_the_scenes_is_scored_and_a_stop_holds(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.scene_order.SCORED", 2)
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    app.query_params["sort"] = "worst"
    app.session_state["scoring_stopped"] = (("a", "b"), (ACTIVE,))
    app.run()
    assert "Stopped: 0 of 2 scenes are scored." in said(app)
    assert any("Scored: 0 of 2 with ground truth" in words for words in said(app))
    assert not any("/evaluations/" in call for call in api.asked)
    app.button(key="scoring_go_on").click().run()
    assert opening(app) == ["b", "a"]
    assert any("spread evenly over the 3" in words for words in said(app))


def test_what_failed_is_tried_again_and_nothing_else(app: AppTest, api: CannedApi) -> None:
    scored(api, {"a": 0.7, "b": 0.2})
    api.raw["/api/evaluations/b"] = problem(503, "Busy.")
    app.query_params["sort"] = "worst"
    app.run()
    assert app.error[0].value == "Busy\\."
    app.run()
    assert "IoU on 1 of 2 scenes" in html(app)
    before = sum("/evaluations/" in call for call in api.asked)
    del api.raw["/api/evaluations/b"]
    app.run()
    assert sum("/evaluations/" in call for call in api.asked) == before + 1
    assert opening(app) == ["b", "a"]


def test_what_is_not_looked_at_is_said(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.FIRST_SCENES", 2)
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    api.page_size = 2
    app.query_params["sort"] = "worst"
    app.run()
    assert opening(app) == ["b", "a"]
    assert any("Only the first 2 scenes are looked at" in words for words in said(app))


def test_scored_scenes_are_spread_over_the_list() -> None:
    ids = [str(number) for number in range(10)]
    assert scene_order.spread(ids, 3) == ["0", "3", "6"]
    assert scene_order.spread(ids, 20) == ids
    assert scene_order.spread([], 3) == []


def test_what_a_link_says_wrongly_is_said_in_sight(app: AppTest, api: CannedApi) -> None:
    """And not in the filter, which is closed."""
    scored(api, {"a": 0.7, "b": 0.2})
    app.query_params.update(model="gone:1.0.0", sort="worst", category="cats", present="dogs")
    app.run()
    wrong = [row.value.split("asks for ")[1].split(",")[0].rstrip("\\") for row in app.warning]
    assert wrong == ["dogs", "cats", r"gone\:1\.0\.0"]
    popover = app.get("popover")[0]
    assert not popover.warning
    assert opening(app) == ["b", "a"]


def test_no_scenes(app: AppTest, api: CannedApi) -> None:
    api.scenes = {}
    app.run()
    assert not app.exception
    assert "No scenes" in app.info[0].value


def test_small_pictures_without_a_damaged_one(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/thumbnails/b_1"] = problem(400, "Damaged.")
    app.run()
    assert not app.error
    assert html(app).count('class="fv-thumbnail"') == 3
    app.button(key="open_b_1").click().run()
    assert app.selectbox(key="scene").value == "b_1"


def test_ids_are_no_markup(app: AppTest, api: CannedApi) -> None:
    api.scenes = {"*a*_:b:": False}
    assert app.run().button(key="open_*a*_:b:").label == r"\*a\*\_\:b\:"
