import pytest
from canned_api import CannedApi, problem
from page_text import step_back
from streamlit.testing.v1 import AppTest


@pytest.fixture
def app(app: AppTest) -> AppTest:
    """The page at the first scene."""
    app.query_params["id"] = "a_0"
    return app


def test_list(app: AppTest) -> None:
    app.run()
    assert app.selectbox(key="scene").options == ["a_0", "b_1", "c_2"]
    assert app.selectbox(key="scene").value == "a_0"
    assert app.selectbox(key="scene").label == "Scene 1 of 3"
    assert app.button(key="previous").disabled


def test_next_goes_on_and_writes_the_address(app: AppTest) -> None:
    app.run().button(key="next").click().run()
    assert app.selectbox(key="scene").value == "b_1"
    assert app.query_params["id"] == ["b_1"]
    app.button(key="next").click().run()
    assert app.button(key="next").disabled


def test_deep_link_to_nowhere(app: AppTest) -> None:
    app.query_params["id"] = "<b>nowhere"
    app.run()
    assert app.selectbox(key="scene").value == "a_0"
    assert "no scene with the id" in app.warning[0].value
    app.button(key="next").click().run()
    assert not app.warning


def test_a_link_beyond_the_first_scenes_steps_through_its_folder(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without listing all that is before it."""
    monkeypatch.setattr("store.FIRST_SCENES", 2)
    monkeypatch.setattr("views.scene_order.PER_PAGE", 1)
    api.scenes = {f"{folder}/{number}": False for folder in "abc" for number in range(2)}
    app.query_params["id"] = "c/1"
    app.run()
    assert app.selectbox(key="scene").label == "Scene 2 of 2"
    assert app.selectbox(key="scene").options == ["c/0", "c/1"]
    assert sum("/scenes?" in call for call in api.asked) == 2


def test_next_goes_beyond_what_is_listed(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.FIRST_SCENES", 2)
    monkeypatch.setattr("views.scene_order.PER_PAGE", 2)
    api.scenes = {f"s_{number}": False for number in range(7)}
    app.query_params["id"] = "s_1"
    for place, count in ((2, "more than 4"), (3, "more than 6"), (4, "more than 6"), (5, "7")):
        app.run()
        assert app.selectbox(key="scene").label == f"Scene {place} of {count}"
        app.button(key="next").click()


def test_what_is_not_in_the_order_or_not_scored_yet_is_said(app: AppTest) -> None:
    """A session begins without scores, and only the gallery asks for them."""
    app.query_params.update(id="b_1", sort="worst")
    app.run()
    assert "order 0 of 2 scenes are scored" in said(app)
    app.button(key="back").click().run()
    app.button(key="open_b_1").click().run()
    assert app.selectbox(key="scene").label == "Scene 2 of 2"
    assert "scenes are scored" not in said(app)
    step_back(app, id="c_2", sort="worst")  # it has no ground truth
    assert app.selectbox(key="scene").label == "Scene 3 of 3"
    assert "previous and next go by name" in said(app)


def test_a_link_with_a_filter_says_that_scores_are_missing_and_not_that_it_is_left_out(
    app: AppTest, api: CannedApi
) -> None:
    app.query_params.update(id="b_1", below="0.9")
    app.run()
    assert "order 0 of 2 scenes are scored" in said(app)
    assert "not in the gallery" not in said(app)


def test_a_scene_that_cannot_be_scored_is_not_waited_for(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/evaluations/a_0"] = problem(400, "Damaged.")
    app.query_params.update(id="b_1", sort="worst")
    app.run().button(key="back").click().run()
    app.button(key="open_b_1").click().run()
    assert "scenes are scored" not in said(app)


def test_a_link_beyond_the_first_scenes_of_its_folder_has_neighbours(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids that begin like its own are listed: as many as one answer of the API holds."""
    monkeypatch.setattr("store.FIRST_SCENES", 10)
    monkeypatch.setattr("views.scene_order.PER_PAGE", 5)
    api.scenes = {f"a/s_{number:03}": False for number in range(500)}
    api.page_size = 10
    app.query_params["id"] = "a/s_237"
    app.run()
    assert app.selectbox(key="scene").label == "Scene 8 of 10"
    assert r"begin with a\/s\_23" in said(app)
    asked = sum("/scenes?" in call for call in api.asked)
    assert asked <= 7
    app.button(key="next").click().run()
    assert app.query_params["id"] == ["a/s_238"]
    step_back(app, id="a/s_999")
    assert "no scene with the id" in app.warning[0].value


def test_the_last_scene_that_is_listed_has_a_next_one(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.FIRST_SCENES", 2)
    monkeypatch.setattr("views.scene_order.PER_PAGE", 1)
    api.scenes = {**{f"a/{n}": False for n in range(5)}, **{f"b/{n}": False for n in range(5)}}
    api.page_size = 2
    app.query_params["id"] = "b/1"
    app.run()
    assert app.selectbox(key="scene").label == "Scene 2 of more than 4"
    app.button(key="next").click().run()
    assert app.query_params["id"] == ["b/2"]


def said(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)
