import asyncio
import socket
import threading

import api_client
import pytest
from canned_api import CannedApi, problem
from transport import ApiError


def test_categories_come_in_the_apis_order(api: CannedApi) -> None:
    assert [(c.id, c.name, c.color) for c in api_client.categories()][:2] == [
        (0, "void", "#000000"),
        (1, "flat", "#804080"),
    ]


@pytest.mark.parametrize("active", ["tiny:1.0.0", None])
def test_active_model(api: CannedApi, active: str | None) -> None:
    document = b'{"active": null}' if active is None else b'{"active": "tiny:1.0.0"}'
    api.raw["/api/models"] = (200, "application/json", document)
    assert api_client.active_model() == active


def test_scenes_of_all_pages(api: CannedApi) -> None:
    listed = api_client.scenes()
    assert [(s.id, s.truth) for s in listed.scenes] == [
        ("a_0", True),
        ("b_1", True),
        ("c_2", False),
    ]
    assert listed.complete
    assert len(api.asked) == 2


def test_scenes_stop_at_the_limit(api: CannedApi) -> None:
    listed = api_client.scenes(limit=2)
    assert [scene.id for scene in listed.scenes] == ["a_0", "b_1"]
    assert not listed.complete


def test_an_api_that_always_names_a_next_page_does_not_hang_the_page(api: CannedApi) -> None:
    api.raw["/api/scenes"] = (200, "application/json", b'{"scenes": [], "next": "a_0"}')
    assert api_client.scenes().scenes == ()


@pytest.mark.parametrize(("scene_id", "found"), [("b_1", True), ("b", False), ("z", False)])
def test_find_scene(api: CannedApi, scene_id: str, found: bool) -> None:
    assert (api_client.find_scene(scene_id) is not None) == found


def test_scene_ids_are_quoted(api: CannedApi) -> None:
    api.scenes = {"a/b ?#ü": True}
    assert api_client.photo("a/b ?#ü").data.startswith(b"\x89PNG")
    assert api_client.find_scene("a/b ?#ü") is not None


def test_prediction(api: CannedApi) -> None:
    prediction = asyncio.run(api_client.predict_scene("a_0"))
    assert (prediction.width, prediction.height, prediction.model) == (8, 4, "tiny:1.0.0")
    assert [row.share for row in prediction.shares] == [0.125, 0.5, 0.375]
    assert prediction.mask.data.startswith(b"\x89PNG")
    assert prediction.timings_ms["infer"] == 20.4


def test_photo_bytes_arrive_as_they_are(api: CannedApi) -> None:
    data = b"\x89PNG\0\r\n\xff"
    asyncio.run(api_client.predict_photo(data))
    assert api.bodies == [data]
    assert api.headers[0]["content-type"] == "application/octet-stream"


def test_function_key_goes_into_its_header(api: CannedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api_client.categories()
    monkeypatch.setenv("API_KEY", "s3cret")
    api_client.categories()
    assert [headers.get("x-functions-key") for headers in api.headers] == [None, "s3cret"]


def test_problem_detail_and_request_id(api: CannedApi) -> None:
    with pytest.raises(ApiError, match="There is no scene z") as caught:
        api_client.photo("z")
    assert (caught.value.status, caught.value.request_id) == (404, "request-7")
    assert not caught.value.may_pass


def test_problem_of_an_asynchronous_call(api: CannedApi) -> None:
    api.raw["/api/predict"] = problem(503, "No model is active.")
    with pytest.raises(ApiError, match="No model is active") as caught:
        asyncio.run(api_client.predict_photo(b"x"))
    assert caught.value.may_pass


@pytest.mark.parametrize("body", [b"<html>Bad gateway", b"", b"[]", b'{"detail": null}'])
def test_error_of_something_in_between(api: CannedApi, body: bytes) -> None:
    api.raw["/api/categories"] = (502, "text/html", body)
    with pytest.raises(ApiError, match=r"The API answered with status 502\."):
        api_client.categories()


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b"null", b'{"categories": [{"id": 1}]}'])
def test_answer_of_another_shape(api: CannedApi, body: bytes) -> None:
    api.raw["/api/categories"] = (200, "application/json", body)
    with pytest.raises(ApiError, match="not in the form this page expects"):
        api_client.categories()


def test_mask_in_an_unknown_encoding(api: CannedApi) -> None:
    body = b'{"mask": {"encoding": "rle", "data": ""}}'
    api.raw["/api/predict"] = (200, "application/json", body)
    with pytest.raises(ApiError, match="not in the form"):
        asyncio.run(api_client.predict_photo(b"x"))


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("API_BASE_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(ApiError, match=r"127\.0\.0\.1:\d+ cannot be reached") as caught:
            api_client.categories()
    assert caught.value.status is None
    assert caught.value.may_pass


def test_connection_that_ends_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_half() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")

        thread = threading.Thread(target=answer_half)
        thread.start()
        monkeypatch.setenv("API_BASE_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(ApiError, match="cannot be reached"):
            api_client.categories()
        thread.join()


@pytest.mark.parametrize("url", ["", "127.0.0.1:7071", "file:///etc"])
def test_address_that_is_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("API_BASE_URL", url)
    with pytest.raises(ApiError, match="API_BASE_URL"):
        api_client.categories()
