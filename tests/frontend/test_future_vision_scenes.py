"""What the client asks of stored scenes and of the service, and what it makes of the answers."""

from collections.abc import Callable

import pytest
from canned_answers import OTHER
from canned_api import CannedApi
from future_vision import Client, Scene


@pytest.fixture
def client(api: CannedApi) -> Client:
    return Client(api.url)


@pytest.mark.parametrize(
    ("ask", "path"),
    [
        (lambda client: client.categories(), "categories"),
        (lambda client: client.models(), "models"),
        (lambda client: client.health(), "health/ready"),
        (lambda client: client.photo("a_0"), "photos/a_0"),
        (lambda client: client.thumbnail("a_0"), "thumbnails/a_0"),
        (lambda client: client.truth("a_0"), "truths/a_0"),
        (lambda client: client.truth("a_0", void=False), "truths/a_0?void=false"),
        (
            lambda client: client.predict_scene("a_0", model=OTHER, void=False),
            "predictions/a_0?format=json&model=tiny%3A1.1.0&void=false",
        ),
        (
            lambda client: client.render_scene("a_0", "overlay", alpha=0.6, void=False),
            "predictions/a_0?format=overlay&alpha=0.6&void=false",
        ),
        (
            lambda client: client.errors("a_0", model=OTHER, void=False),
            "errors/a_0?model=tiny%3A1.1.0&void=false",
        ),
        (
            lambda client: client.evaluation("a_0", model=OTHER),
            "evaluations/a_0?model=tiny%3A1.1.0",
        ),
    ],
)
def test_what_is_asked(
    client: Client, api: CannedApi, ask: Callable[[Client], object], path: str
) -> None:
    ask(client)
    assert api.asked == [f"GET /api/{path}"]


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


def test_prediction(client: Client, api: CannedApi) -> None:
    prediction = client.predict_scene("a_0")
    assert (prediction.width, prediction.height, prediction.model) == (8, 4, "tiny:1.0.0")
    assert prediction.shares == {"void": 0.125, "flat": 0.5, "<b>sky</b>": 0.375}
    assert prediction.mean_confidence == 0.75
    assert prediction.timings_ms["infer"] == 20.4
    assert prediction.mask.media_type == "image/png"
    assert api.asked == ["GET /api/predictions/a_0?format=json&void=true"]


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
