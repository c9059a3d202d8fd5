"""What the client asks of stored scenes and of the service, and what it makes of the answers."""

import numpy as np
import pytest
from canned_answers import ACTIVE, MASKS, OTHER, SURE, TRUTH, UNSURE, official
from canned_api import CannedApi, png
from future_vision import ApiError, Client, Picture, Scene


@pytest.fixture
def client(api: CannedApi) -> Client:
    return Client(api.url)


def test_categories_come_in_the_apis_order(client: Client) -> None:
    void, flat, *_ = client.categories()
    assert (void.id, void.name, void.color) == (0, "void", "#000000")
    assert (flat.id, flat.name, flat.color) == (1, "flat", "#804080")


def test_models(client: Client) -> None:
    models = client.models()
    assert models["active"] == "tiny:1.0.0"
    assert [row["version"] for row in models["models"]] == ["1.0.0", "1.1.0"]


def test_health(client: Client, api: CannedApi) -> None:
    health = client.health()
    assert (health["status"], health["model"], health["uptime_s"]) == ("ready", ACTIVE, 3600.0)
    assert api.asked == ["GET /api/health/ready"]
    api.refusals = [(503, {"Retry-After": "30"})]
    with pytest.raises(ApiError) as caught:
        Client(api.url, retries=0).health()
    assert (caught.value.status, caught.value.may_pass) == (503, True)


def test_scenes_of_all_pages(client: Client, api: CannedApi) -> None:
    assert [(s.id, s.truth) for s in client.scenes()] == [
        ("a_0", True),
        ("b_1", True),
        ("c_2", False),
    ]
    assert len(api.asked) == 2


def test_scenes_ask_for_no_page_that_nobody_reaches(client: Client, api: CannedApi) -> None:
    scenes = client.scenes()
    assert [next(scenes).id, next(scenes).id] == ["a_0", "b_1"]
    assert len(api.asked) == 1


def test_scenes_of_a_prefix(client: Client) -> None:
    assert [scene.id for scene in client.scenes("b")] == ["b_1"]


def test_one_page_of_scenes(client: Client, api: CannedApi) -> None:
    page, after = client.scene_page(limit=1)
    assert (page, after) == ([Scene("a_0", truth=True)], "a_0")
    assert client.scene_page("c", after) == ([Scene("c_2", truth=False)], None)
    assert api.asked == [
        "GET /api/scenes?limit=1&prefix=&after=",
        "GET /api/scenes?limit=1000&prefix=c&after=a_0",
    ]


def test_an_api_that_always_names_a_next_page_does_not_hang(client: Client, api: CannedApi) -> None:
    api.raw["/api/scenes"] = (200, "application/json", b'{"scenes": [], "next": "a_0"}')
    assert list(client.scenes()) == []
    assert len(api.asked) == 2


def test_an_empty_page_is_not_the_end(client: Client, api: CannedApi) -> None:
    api.raw["/api/scenes"] = (200, "application/json", b'{"scenes": [], "next": "a_0"}')
    assert client.scene_page() == ([], "a_0")


def test_of_ids_all_but_slashes_is_quoted(client: Client, api: CannedApi) -> None:
    api.scenes = {"a/b ?#ü%2F+": True}
    assert client.photo("a/b ?#ü%2F+").data.startswith(b"\x89PNG")
    assert api.asked == ["GET /api/photos/a/b%20%3F%23%C3%BC%252F%2B"]
    assert next(client.scenes("a/b ?#ü")).id == "a/b ?#ü%2F+"


def test_photo_and_thumbnail(client: Client, api: CannedApi) -> None:
    assert client.photo("a_0") == Picture("image/png", png())
    assert client.thumbnail("a_0").image().size == (4, 2)
    assert api.asked == ["GET /api/photos/a_0", "GET /api/thumbnails/a_0"]
    with pytest.raises(ApiError, match="no scene z"):
        client.thumbnail("z")


def test_prediction(client: Client, api: CannedApi) -> None:
    prediction = client.predict_scene("a_0")
    assert (prediction.width, prediction.height, prediction.model) == (8, 4, "tiny:1.0.0")
    assert prediction.shares == {"void": 0.125, "flat": 0.5, "<b>sky</b>": 0.375}
    assert prediction.mean_confidence == 0.75
    assert prediction.timings_ms["infer"] == 20.4
    assert prediction.mask.media_type == "image/png"
    assert api.asked == ["GET /api/predictions/a_0?format=json&void=true"]


def test_prediction_by_another_model_without_void(client: Client, api: CannedApi) -> None:
    prediction = client.predict_scene("a_0", model=OTHER, void=False)
    assert (prediction.model, prediction.shares["void"]) == (OTHER, 0)
    assert api.asked == ["GET /api/predictions/a_0?format=json&model=tiny%3A1.1.0&void=false"]


def test_pictures_of_a_scene(client: Client, api: CannedApi) -> None:
    assert client.truth("a_0").array().tobytes() == b"".join(TRUTH)
    assert client.truth("a_0", void=False).array().tobytes() == b"".join(official(TRUTH))
    mask = client.render_scene("a_0", "mask", model=OTHER)
    assert mask.array().tobytes() == b"".join(MASKS[OTHER])
    assert set(np.unique(client.render_scene("a_0", "confidence").array())) == {SURE, UNSURE}
    assert client.render_scene("a_0", "overlay", alpha=0.6, void=False).data == png()
    assert api.asked[-1] == "GET /api/predictions/a_0?format=overlay&alpha=0.6&void=false"
    for what in ("picture", "mask"):
        with pytest.raises(ApiError):
            client.render_scene("a_0", what, model="tiny:9.0.0")


def test_errors(client: Client, api: CannedApi) -> None:
    for void, counts in ((True, [29, 1, 2]), (False, [28, 0, 4])):
        errors = client.errors("a_0", model=OTHER, void=void).array()
        assert [int((errors == value).sum()) for value in (0, 1, 255)] == counts
    assert api.asked[-1] == "GET /api/errors/a_0?model=tiny%3A1.1.0&void=false"


def test_evaluation(client: Client) -> None:
    evaluation = client.evaluation("a_0")
    assert evaluation["with_void"]["pixels"] == 30
    assert evaluation["with_void"]["iou"] == {
        "void": pytest.approx(2 / 4),
        "flat": 1.0,
        "<b>sky</b>": pytest.approx(12 / 14),
    }
    assert evaluation["official"]["pixels"] == 28
    assert client.evaluation("a_0", model=OTHER)["model"] == OTHER
    with pytest.raises(ApiError, match="no true mask"):
        client.evaluation("c_2")


def test_the_running_service_knows_all_of_this(service_url: str) -> None:
    client = Client(service_url)
    page, after = client.scene_page(limit=1)
    id = page[0].id
    assert client.scene_page(after=after or "")[0][0].id > id
    assert client.thumbnail(id).image().size == (320, 160)
    for format in ("mask", "overlay", "confidence"):
        assert client.render_scene(id, format) == client.render(client.photo(id).data, format)
    health = client.health()
    assert health["model"] == client.models()["active"]
    assert health["uptime_s"] > 0
