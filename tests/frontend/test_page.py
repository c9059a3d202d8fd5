import ast
from pathlib import Path

import pytest
import streamlit as st
from canned_api import CannedApi, png, problem
from streamlit.testing.v1 import AppTest

FRONTEND = Path(__file__).parents[2] / "frontend"


@pytest.fixture
def app(api: CannedApi) -> AppTest:
    st.cache_data.clear()
    return AppTest.from_file(str(FRONTEND / "streamlit_app.py"), default_timeout=30)


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def test_first_page(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert app.selectbox(key="scene").options == ["a_0", "b_1", "c_2"]
    assert app.selectbox(key="scene").value == "a_0"
    assert "tiny:1.0.0" in html(app)
    assert html(app).count("<img") == 2
    assert "Press Predict" in html(app)
    assert "<b>sky" not in html(app)
    assert app.button(key="← Previous").disabled


def test_predict(app: AppTest) -> None:
    app.run().button(key="predict").click().run()
    assert not app.exception
    assert "Predicted mask: 50 % flat, 38 % &lt;b&gt;sky&lt;/b&gt;, 12 % void" in html(app)
    assert html(app).count('<th scope="row">') == 3
    assert html(app).count("<img") == 5
    assert "23 ms" in app.caption[0].value
    # It stays where it is, and only there.
    app.button(key="Next →").click().run()
    assert "Press Predict" in html(app)
    app.button(key="← Previous").click().run()
    assert "Predicted mask: 50 %" in html(app)


def test_opacity_needs_no_call(app: AppTest, api: CannedApi) -> None:
    app.run().button(key="predict").click().run()
    asked = len(api.asked)
    app.slider(key="explore_opacity").set_value(80).run()
    assert "--fv-opacity: 0.80" in html(app)
    assert len(api.asked) == asked


def test_unchanged_pictures_are_not_fetched_again(app: AppTest, api: CannedApi) -> None:
    app.run()
    app.selectbox(key="scene").select("b_1").run()
    app.selectbox(key="scene").select("a_0").run()
    assert len(api.asked) == len(set(api.asked))


def test_next_goes_on_and_writes_the_address(app: AppTest) -> None:
    app.run().button(key="Next →").click().run()
    assert app.selectbox(key="scene").value == "b_1"
    assert app.query_params["id"] == ["b_1"]
    app.button(key="Next →").click().run()
    assert "There is no true mask for this scene." in html(app)
    assert app.button(key="Next →").disabled


def test_deep_link(app: AppTest) -> None:
    app.query_params["id"] = "b_1"
    assert app.run().selectbox(key="scene").value == "b_1"
    assert not app.warning


def test_deep_link_to_nowhere(app: AppTest) -> None:
    app.query_params["id"] = "<b>nowhere"
    app.run()
    assert app.selectbox(key="scene").value == "a_0"
    assert "no scene with the id" in app.warning[0].value
    app.button(key="Next →").click().run()
    assert not app.warning


def test_deep_link_beyond_the_list(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.SCENES", 2)
    app.query_params["id"] = "c_2"
    app.run()
    assert app.selectbox(key="scene").options == ["c_2", "a_0", "b_1"]
    assert app.selectbox(key="scene").value == "c_2"
    assert "first 2 scenes" in app.caption[0].value


def test_no_scenes(app: AppTest, api: CannedApi) -> None:
    api.scenes = {}
    app.run()
    assert not app.exception
    assert "No scenes" in app.info[0].value


def test_api_down_and_back(app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_BASE_URL", "http://127.0.0.1:9")
    app.run()
    assert not app.exception
    assert "cannot be reached" in app.error[0].value
    monkeypatch.setenv("API_BASE_URL", api.url)
    app.button(key="page_retry").click().run()
    assert not app.error
    assert app.selectbox(key="scene").value == "a_0"


def test_no_address(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_BASE_URL", "")
    app.run()
    assert not app.exception
    assert "API\\_BASE\\_URL" in app.error[0].value


def test_prediction_that_fails_leaves_the_page(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/scenes/a_0/prediction"] = problem(503, "No model is *active*.")
    app.run().button(key="predict").click().run()
    assert not app.exception
    assert app.error[0].value == "No model is \\*active\\*\\."
    assert "request\\-7" in app.caption[0].value
    assert html(app).count("<img") == 2
    del api.raw["/api/scenes/a_0/prediction"]
    app.button(key="predict").click().run()
    assert not app.error
    assert html(app).count("<img") == 5


def test_photo_that_fails_leaves_the_list(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/scenes/a_0/photo"] = problem(500, "Storage is away.")
    app.run()
    assert app.error[0].value == "Storage is away\\."
    app.button(key="Next →").click().run()
    assert not app.error


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    return app.file_uploader(key="upload").set_value((name, data, "image/png")).run()


def test_own_photo(app: AppTest, api: CannedApi) -> None:
    upload(app.run(), "x.png", png())
    assert not app.exception
    assert 'alt="Your photo x.png"' in html(app)
    app.slider(key="own_opacity").set_value(10).run()
    assert sum("predict?" in call for call in api.asked) == 1


def test_own_photo_that_browsers_cannot_show(app: AppTest, api: CannedApi) -> None:
    upload(app.run(), "x.tif", b"II*\0")
    assert 'alt="Your photo x.tif"' in html(app)
    assert "POST /api/predict?format=overlay&alpha=0&void=true" in api.asked


def test_own_text_file(app: AppTest, api: CannedApi) -> None:
    upload(app.run(), "x.jpg", b"hello")
    assert not app.exception
    assert app.error[0].value == "These 5 bytes are \\*no\\* picture\\."
    app.button(key="predict").click().run()
    assert "Predicted mask: 50 %" in html(app)
    assert sum("predict?" in call for call in api.asked) == 1  # refused once is refused


def test_own_photo_while_the_service_is_busy(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/predict"] = problem(503, "Busy.")
    upload(app.run(), "x.png", png())
    assert app.error[0].value == "Busy\\."
    del api.raw["/api/predict"]
    app.button(key="own_retry").click().run()
    assert not app.error
    assert 'alt="Your photo x.png"' in html(app)


def test_page_stays_light() -> None:
    """The static build installs none of these, and the page is no second home of the service."""
    heavy = {"numpy", "pandas", "PIL", "altair", "pyarrow", "requests", "function_app", "training"}
    for path in FRONTEND.glob("*.py"):
        tree = ast.parse(path.read_text())
        # The client decodes pictures for others; the page does not, and it never has to import.
        for node in tree.body if path.name == "future_vision.py" else ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not heavy & {name.partition(".")[0] for name in names}, path
