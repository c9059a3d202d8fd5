import pytest
from canned_api import CannedApi, problem
from page_text import html
from streamlit.testing.v1 import AppTest


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


def test_deep_link(app: AppTest) -> None:
    app.query_params["id"] = "b_1"
    assert app.run().selectbox(key="scene").value == "b_1"
    assert not app.warning


def test_deep_link_to_nowhere(app: AppTest) -> None:
    app.query_params["id"] = "<b>nowhere"
    app.run()
    assert app.selectbox(key="scene").value == "a_0"
    assert "no scene with the id" in app.warning[0].value
    app.button(key="next").click().run()
    assert not app.warning


def test_deep_link_beyond_the_list(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.FIRST_SCENES", 2)
    monkeypatch.setattr("store.SCENES", 2)
    app.query_params["id"] = "c_2"
    app.run()
    assert app.selectbox(key="scene").options == ["c_2", "a_0", "b_1"]
    assert app.selectbox(key="scene").value == "c_2"


def test_the_first_page_does_not_wait_for_thousands(app: AppTest, api: CannedApi) -> None:
    api.scenes = {f"s_{number:04}": False for number in range(2500)}
    api.page_size = 1000
    app.run()
    assert app.selectbox(key="scene").label == "Scene 1 of 2,500"
    listed = [place for place, call in enumerate(api.asked) if "/scenes?" in call]
    shown = next(place for place, call in enumerate(api.asked) if "/photo" in call)
    assert len(listed) == 3
    assert listed[0] < shown < listed[1]


def test_small_pictures_open_a_scene(app: AppTest, api: CannedApi) -> None:
    app.run()
    assert not any("thumbnail" in call for call in api.asked)
    app.session_state["browse"] = True
    app.run()
    assert html(app).count('class="fv-thumbnail"') == 3
    app.button(key="open_b_1").click().run()
    assert app.selectbox(key="scene").value == "b_1"
    assert sum("thumbnail" in call for call in api.asked) == 3


def test_small_pictures_come_in_pages(app: AppTest, api: CannedApi) -> None:
    api.scenes = {f"s_{number:02}": False for number in range(30)}
    api.page_size = 1000
    app.session_state["browse"] = True
    app.run()
    assert html(app).count('class="fv-thumbnail"') == 12
    app.number_input(key="page").set_value(3).run()
    assert html(app).count('class="fv-thumbnail"') == 6
    assert app.button(key="open_s_24")


def test_no_scenes(app: AppTest, api: CannedApi) -> None:
    api.scenes = {}
    app.run()
    assert not app.exception
    assert "No scenes" in app.info[0].value


def test_small_pictures_without_a_damaged_one(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/thumbnails/b_1"] = problem(400, "Damaged.")
    app.session_state["browse"] = True
    app.run()
    assert not app.error
    assert html(app).count('class="fv-thumbnail"') == 3
    app.button(key="open_b_1").click().run()
    assert app.selectbox(key="scene").value == "b_1"


def test_ids_are_no_markup(app: AppTest, api: CannedApi) -> None:
    api.scenes = {"*a*_:b:": False}
    app.session_state["browse"] = True
    assert app.run().button(key="open_*a*_:b:").label == r"\*a\*\_\:b\:"
