import pytest
from canned_answers import ACTIVE, OTHER, evaluation
from canned_api import CannedApi, problem
from page_text import html, step_back
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


def said(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def opening(app: AppTest) -> list[str]:
    keys = [str(button.key) for button in app.button]
    return [key.removeprefix("open_") for key in keys if key.startswith("open_")]


def test_pages_list_only_what_they_show(app: AppTest, api: CannedApi) -> None:
    api.scenes = {f"s_{number:04}": False for number in range(2500)}
    api.page_size = 1000
    app.run()
    assert opening(app) == [f"s_{number:04}" for number in range(24)]
    assert "The first 1,000 scenes; the last page lists more." in said(app)
    assert sum("/scenes?" in call for call in api.asked) == 1
    step_back(app, page="42")
    assert opening(app)[0] == "s_0984"
    assert "The first 2,000 scenes; the last page lists more." in said(app)
    step_back(app, page="105")
    assert opening(app) == [f"s_{number}" for number in range(2496, 2500)]
    assert "Scenes: 2,500." in said(app)


def test_a_folder_is_listed_by_the_api(app: AppTest, api: CannedApi) -> None:
    api.scenes = {"a/0": True, "b/c/1": True, "b/d/2": True}
    api.page_size = 1000
    app.query_params["folder"] = "b/d/"
    app.run()
    assert opening(app) == ["b/d/2"]
    assert any("prefix=b%2Fd%2F" in call for call in api.asked)
    app.selectbox(key="folder").select("b/").run()
    assert app.query_params["folder"] == ["b/"]
    assert opening(app) == ["b/c/1", "b/d/2"]


def scored(api: CannedApi, means: dict[str, float], model: str = ACTIVE) -> None:
    """Have the API answer with these means, and the IoU of "flat" as 1 less that."""
    api.scenes = dict.fromkeys(means, True)
    api.page_size = 1000
    for id, mean in means.items():
        official = {**evaluation(id, model)["official"], "mean_iou": mean}
        official["iou"] = {"flat": 1 - mean, "<b>sky</b>": None}
        official["confusion"] = [[0, 0, 0], [0, int(mean < 0.5), 0], [0, 0, 9]]
        api.evaluations[id, model] = {"official": official}


def test_worst_first_overall_or_by_a_category_and_the_steps_follow(
    app: AppTest, api: CannedApi
) -> None:
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    app.query_params["sort"] = "worst"
    app.run()
    assert opening(app) == ["b", "c", "a"]
    assert '<span class="fv-score">0.200</span>' in html(app)
    step_back(app, category="flat")
    assert opening(app) == ["a", "c", "b"]
    step_back(app, category="flat", id="c")
    app.button(key="next").click().run()
    assert app.query_params["id"] == ["b"]
    assert app.button(key="next").disabled
    assert sum("/evaluations/" in call for call in api.asked) == 3


def test_filters_by_score_and_by_category_present(app: AppTest, api: CannedApi) -> None:
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    app.query_params["below"] = "0.5"
    app.run()
    assert opening(app) == ["b", "c"]
    step_back(app, below="0.4")
    assert opening(app) == ["b"]
    step_back(app, below="", present="flat")
    assert opening(app) == ["b", "c"]


def test_where_two_models_differ(app: AppTest, api: CannedApi) -> None:
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    scored(api, {"a": 0.6, "b": 0.2, "c": 0.9}, OTHER)
    app.query_params["sort"] = "differ"
    app.run()
    assert opening(app) == ["c", "a", "b"]
    assert '<span class="fv-score">Δ 0.500</span>' in html(app)
    app.button(key="open_a").click().run()
    assert app.selectbox(key="choice_model").value == ACTIVE
    assert app.selectbox(key="choice_other").value == OTHER


def test_a_scene_that_cannot_be_scored_is_said(app: AppTest, api: CannedApi) -> None:
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    scored(api, {"a": 0.6, "b": 0.2, "c": 0.9}, OTHER)
    api.raw["/api/evaluations/b"] = problem(400, "Damaged.")
    app.query_params["sort"] = "worst"
    app.run()
    assert opening(app) == ["c", "a", "b"]
    assert [warning.value for warning in app.warning] == [r"b\: Damaged\."]
    step_back(app, below="0.9")
    assert opening(app) == ["c", "a"]
    # Another model may be able to.
    del api.raw["/api/evaluations/b"]
    step_back(app, below="", model=OTHER)
    assert opening(app) == ["b", "a", "c"]
    assert not app.warning


def test_only_the_first_scenes_are_scored_and_a_stop_holds(
    app: AppTest, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.gallery.SCORED", 2)
    scored(api, {"a": 0.7, "b": 0.2, "c": 0.4})
    app.query_params["sort"] = "worst"
    app.session_state["gallery_stopped"] = (("a", "b"), (ACTIVE,))
    app.run()
    assert "Stopped: 0 of 2 scenes are scored." in said(app)
    assert not any("/evaluations/" in call for call in api.asked)
    app.button(key="gallery_go_on").click().run()
    assert opening(app) == ["b", "a"]
    assert any("Scored are the first 2 with ground truth" in words for words in said(app))


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
