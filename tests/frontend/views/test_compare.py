import pytest
from canned_answers import ACTIVE, OTHER
from canned_api import CannedApi, problem
from page_text import html, step_back
from streamlit.testing.v1 import AppTest


@pytest.fixture
def tab(app: AppTest) -> AppTest:
    app.query_params["view"] = "compare"
    return app.run()


def compare(app: AppTest) -> AppTest:
    return app.button(key="compare_start").click().run()


def predictions(api: CannedApi) -> list[str]:
    return [call.rpartition("model=")[2] for call in api.asked if "predict?" in call]


def test_the_active_model_and_another_are_proposed(tab: AppTest, api: CannedApi) -> None:
    assert not tab.exception
    assert tab.selectbox(key="choice_a").value == ACTIVE
    assert tab.selectbox(key="choice_b").options == [OTHER]
    assert html(tab).count("Press Compare") == 2
    assert not predictions(api)


def test_compare(tab: AppTest, api: CannedApi) -> None:
    compare(tab)
    assert not tab.exception
    # One after the other, each twice: the first call may load the model.
    models = [model.split("&")[0].replace("%3A", ":") for model in predictions(api)]
    assert models == [ACTIVE, ACTIVE, OTHER, OTHER]
    said = html(tab)
    for layer in ("photo", "truth", "prediction", "other"):
        assert said.count(f'data-fv-group="compare" data-fv-layer="{layer}"') == 1
    assert 'class="fv-viewer" data-fv-group="compare"' in said
    assert "Predicted mask: 50 % flat" in said
    assert "model\N{RIGHT SINGLE QUOTATION MARK}s mask: 47 % flat" in said


def test_scores_and_their_difference(tab: AppTest, api: CannedApi) -> None:
    said = html(compare(tab))
    for name in (ACTIVE, OTHER):
        assert any("evaluation" in call and name.replace(":", "%3A") in call for call in api.asked)
    assert '<th scope="row">flat</th>' in said
    assert '<th scope="row">Network</th><td class="fv-number">20.4</td>' in said
    assert '<th scope="row">Input of the network</th><td class="fv-number">8x4</td>' in said
    # Published: the other is 0.05 worse on one set, and 0.1 better on the other.
    assert "&lt;i&gt;streets&lt;/i&gt; val, official, 7 categories" in said
    assert (
        '0.750</td><td class="fv-number">0.700</td><td class="fv-number">\N{MINUS SIGN}0.050</td>'
        in said
    )
    assert '0.600</td><td class="fv-number">0.700</td><td class="fv-number">+0.100</td>' in said


def test_reruns_ask_for_nothing_and_another_scene_is_not_this_one(
    tab: AppTest, api: CannedApi
) -> None:
    compare(tab)
    asked = len(api.asked)
    tab.run()
    assert len(api.asked) == asked
    tab.button(key="next").click().run()
    assert html(tab).count("Press Compare") == 2
    tab.button(key="previous").click().run()
    assert 'data-fv-layer="other"' in html(tab)
    assert len(predictions(api)) == 4


def test_the_address_names_the_pair(app: AppTest, api: CannedApi) -> None:
    app.query_params.update(view="compare", a=OTHER, b=ACTIVE, id="b_1")
    app.run()
    assert not app.warning
    assert app.selectbox(key="choice_a").value == OTHER
    assert app.selectbox(key="choice_b").value == ACTIVE
    assert app.selectbox(key="scene").value == "b_1"
    # Whoever chooses B's model as A gets another B.
    app.selectbox(key="choice_a").select(ACTIVE).run()
    assert app.query_params["a"] == [ACTIVE]
    assert app.selectbox(key="choice_b").value == OTHER
    assert not app.warning


def test_an_address_with_an_unpublished_model(app: AppTest) -> None:
    app.query_params.update(view="compare", a="*gone*:1.0.0")
    app.run()
    assert not app.exception
    assert "\\*gone\\*\\:1\\.0\\.0, which is not here" in app.warning[0].value
    assert app.selectbox(key="choice_a").value == ACTIVE


def test_a_scene_without_truth_has_masks_and_times_only(tab: AppTest, api: CannedApi) -> None:
    compare(step_back(tab, id="c_2"))
    assert not tab.exception
    assert "IoU on this scene" not in html(tab)
    assert "Time in the service" in html(tab)
    assert not any("evaluation" in call for call in api.asked)


def test_a_busy_service_delays_the_comparison(tab: AppTest, api: CannedApi) -> None:
    api.raw["/api/predict"] = problem(503, "Busy.")
    compare(tab)
    assert tab.error[0].value == "Busy\\."
    assert html(tab).count("Press Compare") == 2
    del api.raw["/api/predict"]
    tab.button(key="models_retry").click().run()
    assert not tab.error
    assert 'data-fv-layer="other"' in html(tab)


def test_only_one_model(app: AppTest, api: CannedApi) -> None:
    models = b'{"active": null, "models": []}'
    api.raw["/api/models"] = (200, "application/json", models)
    app.query_params["view"] = "compare"
    app.run()
    assert not app.exception
    assert "nothing to compare" in app.info[0].value


def test_french(app: AppTest) -> None:
    app.query_params.update(view="compare", lang="fr")
    compare(app.run())
    assert not app.exception
    assert "Temps dans le service" in html(app)
    assert ">20,4<" in html(app)
