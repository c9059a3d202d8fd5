import json
from typing import Any

import pytest
import scores
from canned_answers import ACTIVE, OTHER, evaluation
from canned_api import CannedApi, problem
from page_text import html
from streamlit.testing.v1 import AppTest
from views import stored_scores


@pytest.fixture
def tab(app: AppTest) -> AppTest:
    app.query_params["view"] = "quality"
    return app.run()


def evaluate(app: AppTest) -> AppTest:
    return app.button(key="evaluate").click().run()


def evaluated(api: CannedApi) -> list[str]:
    return [call.split("/")[3].partition("?")[0] for call in api.asked if "/evaluations/" in call]


def test_published_scores(tab: AppTest, api: CannedApi) -> None:
    assert not tab.exception
    said = html(tab)
    assert "&lt;i&gt;streets&lt;/i&gt; val, official, 7 categories (12 photos" in said
    assert '<th scope="row">flat</th>' in said
    assert '<td class="fv-number">0.950</td>' in said
    # All sets, both protocols.
    assert '<th scope="row">towns val</th><td class="fv-number">0.600</td>' in said
    assert not evaluated(api)


def test_the_address_names_model_set_and_protocol(app: AppTest) -> None:
    app.query_params.update(view="quality", model=OTHER, data="towns val", protocol="with_void")
    app.run()
    assert not app.warning
    assert "IoU by category: towns val, with void, 8 categories" in html(app)
    assert '<th scope="row">Mean</th><td></td><td class="fv-number">0.700</td>' in html(app)
    app.selectbox(key="choice_protocol").select("official").run()
    assert app.query_params["protocol"] == ["official"]
    assert "IoU by category: towns val, official" in html(app)


def test_robustness_as_chart_and_in_numbers(tab: AppTest) -> None:
    (chart,) = tab.get("vega_lite_chart")
    spec = json.loads(chart.proto.spec)
    assert "data" not in spec
    assert not chart.proto.datasets
    assert not chart.proto.HasField("data")
    assert "<i>streets</i> val, 2 photos" in spec["description"]
    row = '<th scope="row">noise</th><td class="fv-number">0.750</td>'
    assert f'{row}<td class="fv-number">0.650</td>' in html(tab)


def test_limits_are_said(tab: AppTest) -> None:
    said = " ".join(element.value for element in tab.markdown)
    assert "driving a car" in said
    assert "not tests" in said
    assert any("For \\<b\\>tests" in caption.value for caption in tab.caption)


def test_a_model_without_scores(app: AppTest, api: CannedApi) -> None:
    row = {"name": "bare", "version": "1.0.0", "active": True, "license": "", "metrics": []}
    document = {"active": "bare:1.0.0", "models": [row]}
    api.raw["/api/models"] = (200, "application/json", json.dumps(document).encode())
    app.query_params["view"] = "quality"
    app.run()
    assert not app.exception
    assert "No scores were published" in app.info[0].value


def test_no_model(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/models"] = (200, "application/json", b'{"active": null, "models": []}')
    app.query_params["view"] = "quality"
    app.run()
    assert not app.exception
    assert "No model is published" in app.info[0].value


def test_stored_scenes_are_evaluated_as_one(tab: AppTest, api: CannedApi) -> None:
    assert tab.number_input(key="how_many").value == tab.number_input(key="how_many").max == 2
    evaluate(tab)
    assert not tab.exception
    assert sorted(evaluated(api)) == ["a_0", "b_1"]
    # Two equal scenes score as one of them does.
    mean = evaluation("a_0", ACTIVE)["official"]["mean_iou"]
    assert f"mean IoU {mean:.3f} on 2 of 2 scenes" in html(tab)
    assert "fv-confusion" in html(tab)
    tab.run()
    assert len(evaluated(api)) == 2


def test_another_model_is_evaluated_anew(tab: AppTest, api: CannedApi) -> None:
    evaluate(tab)
    tab.selectbox(key="choice_model").select(OTHER).run()
    assert "of 2 scenes" not in html(tab)
    evaluate(tab)
    mean = evaluation("a_0", OTHER)["official"]["mean_iou"]
    assert f"{OTHER}: mean IoU {mean:.3f} on 2 of 2 scenes" in html(tab)


def test_what_failed_is_tried_again_and_nothing_else(tab: AppTest, api: CannedApi) -> None:
    api.raw["/api/evaluations/b_1"] = problem(503, "Busy.")
    evaluate(tab)
    assert tab.error[0].value == "Busy\\."
    assert "on 1 of 2 scenes" in html(tab)
    tab.button(key="stop").click().run()
    assert not tab.error
    assert "on 1 of 2 scenes" in html(tab)
    before = len(evaluated(api))
    del api.raw["/api/evaluations/b_1"]
    tab.run()
    assert len(evaluated(api)) == before  # stopped is stopped
    evaluate(tab)
    assert evaluated(api)[before:] == ["b_1"]
    assert "on 2 of 2 scenes" in html(tab)


def test_a_scene_that_cannot_be_scored_is_named_and_left_out(tab: AppTest, api: CannedApi) -> None:
    api.raw["/api/evaluations/b_1"] = problem(404, "It has *no* true mask.")
    evaluate(tab)
    assert not tab.error
    assert tab.warning[0].value == "b\\_1\\: It has \\*no\\* true mask\\."
    assert "on 1 of 2 scenes" in html(tab)


def test_a_look_elsewhere_leaves_the_number(tab: AppTest, api: CannedApi) -> None:
    tab.number_input(key="how_many").set_value(1).run()
    evaluate(tab)
    for view in ("api", "quality"):
        tab.query_params["view"] = view
        tab.run()
    assert tab.number_input(key="how_many").value == 1
    assert "on 1 of 1 scenes" in html(tab)


def test_an_interrupted_evaluation_goes_on(tab: AppTest, api: CannedApi) -> None:
    half = scores.Evaluation(ACTIVE, ["a_0", "b_1"])
    half.add("a_0", evaluation("a_0", ACTIVE))
    tab.session_state["evaluation"] = half
    tab.run()
    assert evaluated(api) == ["b_1"]
    assert "on 2 of 2 scenes" in html(tab)


def test_progress_says_what_is_done_and_left(tab: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[float, str]] = []
    progress = stored_scores._progress

    def spied(*args: Any) -> tuple[float, str]:
        shown.append(progress(*args))
        return shown[-1]

    monkeypatch.setattr(stored_scores, "_progress", spied)
    evaluate(tab)
    done, said = shown[-1]
    assert done == 1
    assert said.startswith("2 of 2 scenes, mean IoU so far 0.")


def test_the_worst_scene_opens_in_explore_and_is_predicted(tab: AppTest, api: CannedApi) -> None:
    worse = json.dumps({**evaluation("b_1", ACTIVE), "official": {
        "mean_iou": 0.1, "iou": {"flat": 0.2, "<b>sky</b>": 0.0}, "pixels": 8,
        "confusion": [[0, 0, 0], [0, 1, 4], [0, 3, 0]],
    }})  # fmt: skip
    api.raw["/api/evaluations/b_1"] = (200, "application/json", worse.encode())
    evaluate(tab)
    rows = html(tab).split('class="fv-worst"')[1:]
    assert "Mean IoU 0.100" in rows[0]
    assert "weakest: &lt;b&gt;sky&lt;/b&gt; 0.000" in rows[0]
    tab.button(key="look_b_1").click().run()
    assert tab.query_params["view"] == ["explore"]
    assert tab.selectbox(key="scene").value == "b_1"
    assert "Predicted mask: 50 %" in html(tab)


def test_worst_scenes_come_in_pages(app: AppTest, api: CannedApi) -> None:
    api.scenes = {f"s_{number:02}": True for number in range(14)}
    api.page_size = 1000
    app.query_params["view"] = "quality"
    evaluate(app.run())
    assert html(app).count('class="fv-worst"') == 10
    app.number_input(key="worst_page").set_value(2).run()
    assert html(app).count('class="fv-worst"') == 4


def test_no_scene_has_a_true_mask(app: AppTest, api: CannedApi) -> None:
    api.scenes = {"a": False}
    app.query_params["view"] = "quality"
    app.run()
    assert not app.exception
    assert "nothing can be evaluated" in app.info[0].value


def test_fewer_scenes_are_spread_over_the_list() -> None:
    ids = [str(number) for number in range(10)]
    assert stored_scores.spread(ids, 3) == ["0", "3", "6"]
    assert stored_scores.spread(ids, 10) == ids


def test_french(app: AppTest) -> None:
    app.query_params.update(view="quality", lang="fr")
    evaluate(app.run())
    assert not app.exception
    assert "sur 2 scènes sur 2" in html(app)


def test_a_few_of_many_refusals_are_told(app: AppTest, api: CannedApi) -> None:
    api.page_size = 100
    api.scenes = {f"s_{number:02}": True for number in range(20)}
    for scene in api.scenes:
        api.raw[f"/api/evaluations/{scene}"] = problem(404, "Gone.")
    app.query_params["view"] = "quality"
    evaluate(app.run())
    assert not app.exception
    *told, rest = [row.value for row in app.warning]
    assert len(told) == 3
    assert all("Gone" in row for row in told)
    assert rest == "Further scenes refused: 17."


def test_a_choice_that_is_not_there_names_what_is_shown(app: AppTest) -> None:
    app.query_params.update(view="quality", protocol="other")
    app.run()
    assert "This is official\\, 7 categories" in app.warning[0].value
