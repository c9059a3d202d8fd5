import csv
import io
import json
import re

import pytest
from canned_answers import ACTIVE, OTHER, evaluation, model
from canned_api import CannedApi, problem
from page_text import html, step_back
from streamlit.testing.v1 import AppTest
from views import model_list, model_pair


@pytest.fixture
def tab(app: AppTest) -> AppTest:
    app.query_params["view"] = "quality"
    return app.run()


def compare(app: AppTest) -> AppTest:
    return app.button(key="pair_start").click().run()


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
    assert any("No scores were published" in row.value for row in app.info)


def test_no_model(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/models"] = (200, "application/json", b'{"active": null, "models": []}')
    app.query_params["view"] = "quality"
    app.run()
    assert not app.exception
    assert "No model is published" in app.info[0].value


def test_all_versions_side_by_side(tab: AppTest) -> None:
    """IoU by data set, worst and best category on the first, input; times once they are wanted."""
    table = html(tab).split("All versions")[1].partition("</table>")[0]
    active, other = table.split("<tbody>")[1].split("</tr>")[:2]
    said = ["tiny:1.0.0 (active)", "0.750", "0.600", "&lt;b&gt;sky&lt;/b&gt; 0.550", "flat 0.950"]
    assert cells(active) == [*said, "8x4", "\N{EN DASH}"]
    assert cells(other)[:3] == [OTHER, "0.700", "0.700"]


def test_times_are_measured_twice_each(tab: AppTest, api: CannedApi) -> None:
    tab.button(key="measure").click().run()
    asked = [call for call in api.asked if "/predict?" in call]
    assert [ACTIVE.replace(":", "%3A") in call for call in asked] == [True, True, False, False]
    table = html(tab).split("All versions")[1].partition("</table>")[0]
    assert [cells(row)[-1] for row in table.split("<tbody>")[1].split("</tr>")[:2]] == ["23", "23"]


def cells(row: str) -> list[str]:
    return re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)


def test_two_models_on_many_scenes(tab: AppTest, api: CannedApi) -> None:
    assert tab.number_input(key="pair_scenes").value == 2
    compare(tab)
    assert not tab.exception
    assert sorted(evaluated(api)) == ["a_0", "a_0", "b_1", "b_1"]
    # Two equal scenes score as one of them does.
    means = [evaluation("a_0", name)["official"]["mean_iou"] for name in (ACTIVE, OTHER)]
    table = html(tab).split("IoU on 2 of 2 scenes")[1].partition("</table>")[0]
    first = cells(table.split("<tbody>")[1].split("</tr>")[0])
    assert first == ["Mean IoU", *(f"{mean:.3f}" for mean in means), "+0.134"]
    tab.run()
    assert len(evaluated(api)) == 4


def test_where_the_models_differ_and_a_way_there(tab: AppTest, api: CannedApi) -> None:
    answer = {**evaluation("b_1", OTHER), "official": {
        "mean_iou": 0.1, "iou": {"flat": 0.2, "<b>sky</b>": 0.0}, "pixels": 8,
        "confusion": [[0, 0, 0], [0, 1, 4], [0, 3, 0]],
    }}  # fmt: skip
    api.evaluations[("b_1", OTHER)] = answer
    compare(tab)
    rows = html(tab).split('class="fv-worst"')[1:]
    assert "<strong>\N{MINUS SIGN}0.766</strong><br>mean IoU: A 0.866, B 0.100" in rows[0]
    assert "<strong>+0.134</strong>" in rows[1]
    tab.session_state["pair_order"] = "better"
    tab.run()
    assert "<strong>+0.134</strong>" in html(tab).split('class="fv-worst"')[1]
    tab.button(key="pair_b_1").click().run()
    shown = {name: tab.query_params[name] for name in ("view", "id", "model", "other")}
    assert 'data-fv-layer="other"' in html(tab), "compared at once"
    assert shown == {"view": ["scenes"], "id": ["b_1"], "model": [ACTIVE], "other": [OTHER]}


def test_a_way_to_the_gallery_in_the_order_of_the_differences(app: AppTest) -> None:
    app.query_params.update(view="quality", a=OTHER, id="b_1", page="2")
    compare(app.run())
    app.button(key="pair_gallery").click().run()
    shown = {name: app.query_params[name][0] for name in ("view", "sort", "model", "other")}
    assert shown == {"view": "scenes", "sort": "differ", "model": OTHER, "other": ACTIVE}
    assert app.button(key="open_a_0")
    assert '<span class="fv-score">Δ 0.134</span>' in html(app)


def test_orders_of_the_scenes() -> None:
    pair = model_pair.Pair((ACTIVE, OTHER), "xyz")
    for id, *means in (("x", 0.5, 0.6), ("y", 0.4, 0.2), ("z", 0.3, 0.35)):
        for side, mean in zip((pair.a, pair.b), means, strict=True):
            document = evaluation(id, ACTIVE)
            document["official"]["mean_iou"] = mean
            side.add(id, document)
    orders = {name: "".join(row.id for row in pair.rows(name)) for name in model_pair.ORDERS}
    assert orders == {"differ": "yxz", "better": "xzy", "worse": "yzx", "worst": "zyx"}


def test_the_scores_as_csv() -> None:
    pair = model_pair.Pair((ACTIVE, OTHER), ["x,y"])
    pair.a.add("x,y", evaluation("", ACTIVE))
    pair.b.add("x,y", evaluation("", OTHER))
    (row,) = csv.DictReader(io.StringIO(model_pair.table(pair).decode()))
    assert row["scene"] == "x,y"
    assert float(row[OTHER]) - float(row[ACTIVE]) == pytest.approx(float(row["difference"]))


def test_what_failed_is_tried_again_and_nothing_else(tab: AppTest, api: CannedApi) -> None:
    api.raw["/api/evaluations/b_1"] = problem(503, "Busy.")
    compare(tab)
    assert tab.error[0].value == "Busy\\."
    assert "on 1 of 2 scenes" in html(tab)
    tab.button(key="pair_stop").click().run()
    assert not tab.error
    before = len(evaluated(api))
    del api.raw["/api/evaluations/b_1"]
    tab.run()
    assert len(evaluated(api)) == before, "stopped is stopped"
    compare(tab)
    assert evaluated(api)[before:] == ["b_1", "b_1"]
    assert "on 2 of 2 scenes" in html(tab)


def test_a_few_of_many_refusals_are_told(app: AppTest, api: CannedApi) -> None:
    api.page_size = 100
    api.scenes = {f"s_{number:02}": True for number in range(20)}
    for scene in api.scenes:
        api.raw[f"/api/evaluations/{scene}"] = problem(404, "Gone.")
    app.query_params["view"] = "quality"
    compare(app.run())
    assert not app.exception
    *told, rest = [row.value for row in app.warning]
    assert len(told) == 3
    assert all("Gone" in row for row in told)
    assert rest == "Further scenes refused: 17."


def test_a_look_elsewhere_leaves_number_and_result(tab: AppTest) -> None:
    tab.number_input(key="pair_scenes").set_value(1).run()
    compare(tab)
    for view in ("api", "quality"):
        step_back(tab, view=view)
    assert tab.number_input(key="pair_scenes").value == 1
    assert "on 1 of 1 scenes" in html(tab)


def test_no_scene_has_a_true_mask(app: AppTest, api: CannedApi) -> None:
    api.scenes = {"a": False}
    app.query_params["view"] = "quality"
    app.run()
    assert not app.exception
    assert any("nothing can be evaluated" in row.value for row in app.info)


def test_scenes_are_spread_over_the_list() -> None:
    ids = [str(number) for number in range(10)]
    assert model_pair.spread(ids, 3) == ["0", "3", "6"]
    assert model_pair.spread(ids, 10) == ids


def test_the_other_model_is_not_a_twin() -> None:
    twin, large = model(ACTIVE), {**model(ACTIVE), "input": {"height": 8, "width": 16}}
    assert model_list.other_than("a", {"a": model(ACTIVE), "twin": twin, "large": large}) == "large"
    assert model_list.other_than("a", {"a": model(ACTIVE), "twin": twin, "b": model(OTHER)}) == "b"


def test_french(app: AppTest) -> None:
    app.query_params.update(view="quality", lang="fr")
    compare(app.run())
    assert not app.exception
    assert "sur 2 scènes sur 2" in html(app)


def test_a_choice_that_is_not_there_names_what_is_shown(app: AppTest) -> None:
    app.query_params.update(view="quality", protocol="other")
    app.run()
    assert "This is official\\, 7 categories" in app.warning[0].value
