import pytest
from canned_api import CannedApi, problem
from page_text import html
from streamlit.testing.v1 import AppTest


@pytest.fixture
def app(app: AppTest) -> AppTest:
    """The page at the first scene."""
    app.query_params["id"] = "a_0"
    return app


def test_first_scene(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert html(app).count('class="fv-picture') == 2
    assert "Press Predict" in html(app)
    assert "<b>sky" not in html(app)


def test_predict(app: AppTest) -> None:
    app.run().button(key="predict").click().run()
    assert not app.exception
    assert "Predicted mask: 50 % flat, 38 % &lt;b&gt;sky&lt;/b&gt;, 12 % void" in html(app)
    assert html(app).count('class="fv-picture') == 3
    assert "23 ms" in app.caption[0].value
    # It stays where it is, and only there.
    app.button(key="next").click().run()
    assert "Press Predict" in html(app)
    app.button(key="previous").click().run()
    assert "Predicted mask: 50 %" in html(app)


def test_predict_says_how_good_it_is(app: AppTest) -> None:
    app.run().button(key="predict").click().run()
    assert "Mean IoU of this photo" in html(app)
    assert "fv-confusion" in html(app)


def test_predict_every_scene(app: AppTest, api: CannedApi) -> None:
    app.run().toggle(key="always").set_value(True).run()
    assert "Predicted mask: 50 %" in html(app)
    app.button(key="next").click().run()
    assert "Predicted mask: 50 %" in html(app)
    assert sum("prediction" in call for call in api.asked) == 2


def test_confidence_is_asked_for_when_wanted(app: AppTest, api: CannedApi) -> None:
    app.run().button(key="predict").click().run()
    assert not any("confidence" in call for call in api.asked)
    app.toggle(key="sure").set_value(True).run()
    assert 'data-fv-layer="confidence"' in html(app)
    app.toggle(key="sure").set_value(False).run().toggle(key="sure").set_value(True).run()
    assert sum("confidence" in call for call in api.asked) == 1


def test_a_scene_without_truth_has_no_scores(app: AppTest, api: CannedApi) -> None:
    app.query_params["id"] = "c_2"
    app.run().button(key="predict").click().run()
    assert not app.exception
    assert "There is no true mask for this scene." in html(app)
    assert "fv-bars" not in html(app)
    assert not any("evaluation" in call for call in api.asked)


def test_unchanged_pictures_are_not_fetched_again(app: AppTest, api: CannedApi) -> None:
    app.run()
    app.selectbox(key="scene").select("b_1").run()
    app.selectbox(key="scene").select("a_0").run()
    assert len(api.asked) == len(set(api.asked))


def test_prediction_that_fails_leaves_the_page_and_comes_later(
    app: AppTest, api: CannedApi
) -> None:
    api.raw["/api/predictions/a_0"] = problem(503, "No model is *active*.")
    app.run().button(key="predict").click().run()
    assert not app.exception
    assert app.error[0].value == "No model is \\*active\\*\\."
    assert "request\\-7" in app.caption[0].value
    assert html(app).count('class="fv-picture') == 2
    del api.raw["/api/predictions/a_0"]
    app.button(key="predict_retry").click().run()
    assert not app.error
    assert html(app).count('class="fv-picture') == 3


def test_a_refused_prediction_is_not_asked_for_again(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/predictions/a_0"] = problem(413, "Too many pixels.")
    app.run().button(key="predict").click().run()
    assert app.error[0].value == "Too many pixels\\."
    assert not [button for button in app.button if button.key == "predict_retry"]
    app.run()
    assert not app.error


def test_photo_that_fails_leaves_the_list(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/photos/a_0"] = problem(500, "Storage is away.")
    app.run()
    assert app.error[0].value == "Storage is away\\."
    app.button(key="next").click().run()
    assert not app.error


def test_a_refused_scene_is_not_asked_for_again_and_again(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/predictions/a_0"] = problem(413, "Too many pixels.")
    app.run().toggle(key="always").set_value(True).run()
    app.run()
    assert sum("prediction" in call for call in api.asked) == 1


def test_a_model_that_was_withdrawn_leaves_the_page(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/evaluations/a_0"] = problem(404, "No such model.")
    app.run().button(key="predict").click().run()
    assert app.error[0].value == "No such model\\."
    assert html(app).count('class="fv-picture') == 3
    assert app.button(key="predict")
