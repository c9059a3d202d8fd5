import json
import re

import pytest
from canned_answers import ACTIVE, OTHER, model
from canned_api import CannedApi
from page_text import html
from streamlit.testing.v1 import AppTest
from views import model_list


@pytest.fixture
def tab(app: AppTest) -> AppTest:
    app.query_params["view"] = "quality"
    return app.run()


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
    """IoU by data set, worst and best category on the first, input, size; no times yet."""
    table = html(tab).split("All versions")[1].partition("</table>")[0]
    active, other = table.split("<tbody>")[1].split("</tr>")[:2]
    said = ["tiny:1.0.0 (active)", "0.750", "0.600", "&lt;b&gt;sky&lt;/b&gt; 0.550", "flat 0.950"]
    assert cells(active) == [*said, "8x4", "3.5", "\N{EN DASH}"]
    assert cells(other)[:3] == [OTHER, "0.700", "0.700"]


def test_times_are_measured_twice_each(tab: AppTest, api: CannedApi) -> None:
    tab.button(key="measure").click().run()
    asked = [call for call in api.asked if "/predict?" in call]
    assert [ACTIVE.replace(":", "%3A") in call for call in asked] == [True, True, False, False]
    table = html(tab).split("All versions")[1].partition("</table>")[0]
    assert [cells(row)[-1] for row in table.split("<tbody>")[1].split("</tr>")[:2]] == ["23", "23"]


def cells(row: str) -> list[str]:
    return re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)


def test_a_way_to_the_scenes_where_two_models_differ(app: AppTest) -> None:
    app.query_params.update(
        view="quality", model=OTHER, id="b_1", page="2", folder="x/", below="0.3"
    )
    app.run()
    app.button(key="pair").click().run()
    shown = {name: app.query_params[name][0] for name in app.query_params}
    assert shown == {"view": "scenes", "sort": "differ", "model": OTHER, "other": ACTIVE}
    assert "\N{GREEK CAPITAL LETTER DELTA} \N{MINUS SIGN}0.134" in html(app)


def test_the_other_model_is_not_a_twin() -> None:
    twin, large = model(ACTIVE), {**model(ACTIVE), "input": {"height": 8, "width": 16}}
    assert model_list.other_than("a", {"a": model(ACTIVE), "twin": twin, "large": large}) == "large"
    assert model_list.other_than("a", {"a": model(ACTIVE), "twin": twin, "b": model(OTHER)}) == "b"


def test_a_choice_that_is_not_there_names_what_is_shown(app: AppTest) -> None:
    app.query_params.update(view="quality", protocol="other")
    app.run()
    assert "This is official\\, 7 categories" in app.warning[0].value
