import pytest
from canned_api import CannedApi
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
