import ast
from pathlib import Path

import pytest
from canned_answers import ACTIVE, OTHER
from canned_api import CannedApi
from page_text import html, step_back
from streamlit.testing.v1 import AppTest

FRONTEND = Path(__file__).parents[2] / "frontend"


def test_first_page(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert "tiny:1.0.0" in html(app)
    assert [tab.label for tab in app.tabs] == [
        "Scenes", "Your photos", "Models", "Batches", "Use the API",
    ]  # fmt: skip


def test_only_the_open_tab_asks(app: AppTest, api: CannedApi) -> None:
    app.query_params["view"] = "photo"
    app.run()
    assert not app.exception
    assert app.get("file_uploader")
    assert not any("scenes" in call for call in api.asked)


def test_an_unknown_view_is_the_first(app: AppTest) -> None:
    app.query_params["view"] = "<b>"
    app.run()
    assert not app.exception
    assert app.button(key="open_a_0")


def test_a_link_of_a_former_version_opens_its_scene(app: AppTest) -> None:
    app.query_params.update(view="explore", id="b_1")
    assert app.run().selectbox(key="scene").value == "b_1"


@pytest.mark.parametrize(
    "said",
    [{"view": "compare", "a": OTHER, "b": ACTIVE},
     {"view": "explore", "model": OTHER, "other": ACTIVE}],
)  # fmt: skip
def test_a_link_of_former_versions_opens_both_models(app: AppTest, said: dict[str, str]) -> None:
    app.query_params.update(id="b_1", **said)
    app.run()
    assert app.selectbox(key="scene").value == "b_1"
    assert app.selectbox(key="choice_model").value == OTHER
    assert app.selectbox(key="choice_other").value == ACTIVE
    assert "a" not in app.query_params


def test_language_is_remembered_in_the_address(app: AppTest) -> None:
    app.query_params["id"] = "a_0"
    app.run().get("button_group")[0].set_value("fr").run()
    assert not app.exception
    assert app.query_params["lang"] == ["fr"]
    assert [tab.label for tab in app.tabs][:2] == ["Scènes", "Vos photos"]
    assert app.button(key="next").label == "Suivante →"
    assert 'data-fv-lang="fr"' in html(app)


def test_a_tab_stays_open_whose_address_the_browser_has_not_heard_of(app: AppTest) -> None:
    app.query_params["view"] = "photo"
    app.run()
    app.query_params["view"] = "scenes"
    app.get("button_group")[0].set_value("fr").run()
    assert not app.exception
    assert app.query_params["view"] == ["photo"]
    assert app.get("file_uploader")


def test_an_unknown_language_is_english(app: AppTest) -> None:
    app.query_params["lang"] = "xx"
    assert app.run().tabs[0].label == "Scenes"


def test_api_down_and_back(app: AppTest, api: CannedApi) -> None:
    api.down = True
    app.run()
    assert not app.exception
    assert "cannot be reached" in app.error[0].value
    assert "by itself" in app.caption[0].value
    api.down = False
    app.button(key="page_retry").click().run()
    assert not app.error
    assert app.button(key="open_a_0")


def test_no_address(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_BASE_URL", "")
    app.run()
    assert not app.exception
    assert "API\\_BASE\\_URL" in app.error[0].value


def test_a_slow_service_is_said_to_be_slow(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("parts.PATIENCE_S", 0.1)
    monkeypatch.setattr("parts.TICK_S", 0.1)
    monkeypatch.setattr("parts.st.caption", said.append)
    api.delay = 0.5
    app.run()
    assert any("has to load its model" in words for words in said)
    assert not app.exception


def test_the_page_imports_only_what_the_static_build_has() -> None:
    # The static build has no NumPy, pandas, Arrow or Pillow; commands are not part of it.
    heavy = {"numpy", "pandas", "pyarrow", "PIL", "altair", "requests"}
    for path in [*FRONTEND.glob("*.py"), *FRONTEND.glob("views/*.py")]:
        if path.name == "future_vision.py":
            continue  # it imports them where they are needed, which the page never does
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not heavy & {name.partition(".")[0] for name in names}, path


def test_the_next_try_comes_when_the_api_says(app: AppTest, api: CannedApi) -> None:
    api.refusals = [(503, {"Retry-After": "30"})] * 2
    app.run()
    assert "every 30 seconds" in app.caption[-1].value


def test_a_problem_in_a_form_of_its_own(app: AppTest, api: CannedApi) -> None:
    api.raw["/api/models"] = (500, "application/json", b'{"type": 5, "detail": "Gateway."}')
    app.query_params["lang"] = "fr"
    app.run()
    assert not app.exception
    assert "Gateway" in app.error[0].value


def test_an_address_that_is_behind_is_corrected_and_a_step_back_is_followed(app: AppTest) -> None:
    app.query_params["id"] = "a_0"
    app.run().button(key="next").click().run()
    assert app.query_params["id"] == ["b_1"]
    app.query_params["id"] = "a_0"  # sent by a browser that the change has not reached
    app.run()
    assert app.query_params["id"] == ["b_1"]
    assert app.selectbox(key="scene").value == "b_1"
    step_back(app, id="a_0")
    assert app.selectbox(key="scene").value == "a_0"
