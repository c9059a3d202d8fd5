from canned_api import CannedApi, problem
from page_text import html
from streamlit.testing.v1 import AppTest


def test_small_pictures_open_a_scene(app: AppTest, api: CannedApi) -> None:
    app.run()
    assert html(app).count('class="fv-thumbnail"') == 3
    app.button(key="open_b_1").click().run()
    assert app.selectbox(key="scene").value == "b_1"
    assert sum("thumbnail" in call for call in api.asked) == 3
    app.button(key="back").click().run()
    assert "id" not in app.query_params
    assert app.button(key="open_b_1")


def test_small_pictures_come_in_pages(app: AppTest, api: CannedApi) -> None:
    api.scenes = {f"s_{number:02}": False for number in range(30)}
    api.page_size = 1000
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
    app.run()
    assert not app.error
    assert html(app).count('class="fv-thumbnail"') == 3
    app.button(key="open_b_1").click().run()
    assert app.selectbox(key="scene").value == "b_1"


def test_ids_are_no_markup(app: AppTest, api: CannedApi) -> None:
    api.scenes = {"*a*_:b:": False}
    assert app.run().button(key="open_*a*_:b:").label == r"\*a\*\_\:b\:"
