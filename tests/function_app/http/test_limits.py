"""Limits before work, and what attackers try first, against the running service."""

import http.client
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from azure.storage.blob import BlobServiceClient

from tests.function_app.client import SCENE, Client, Reply, check_problem
from tests.function_app.services import services


def raw(call: Client, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
    """Send what urllib would not: any target, any header, a body other than announced."""
    connection = http.client.HTTPConnection(urlsplit(call.base).netloc, timeout=30)
    connection.putrequest(method, target, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    reply = Reply(response.status, response.headers, response.read())
    connection.close()
    return reply


def test_a_huge_body_is_refused_from_its_announcement(call: Client) -> None:
    reply = raw(call, "POST", "/api/predict", {"Content-Length": "4000000000"}, b"only this")
    assert (reply.status, reply.body) == (500, b""), "by the host, before the service"
    reply = raw(call, "POST", "/api/batches", {"Content-Length": "33554433"}, b"only this")
    assert (reply.status, reply.body) == (500, b"")


def test_one_byte_too_many(call: Client) -> None:
    check_problem(call("predict", bytes(25_000_001)), 413, "too-many-bytes")
    check_problem(call("predict", bytes(25_000_000)), 400, "not-a-photo")


def test_a_body_without_length_or_with_a_senseless_one(call: Client) -> None:
    check_problem(raw(call, "POST", "/api/predict", {}, b""), 422, "missing-image")
    for length in ("-1", "1e3", "0x10"):
        reply = raw(call, "POST", "/api/predict", {"Content-Length": length}, b"")
        assert (reply.status, reply.body) == (400, b"")


@pytest.mark.parametrize("path", ["predict", "batches"])
def test_a_body_in_chunks(call: Client, photo: bytes, path: str) -> None:
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(photo), photo)
    reply = raw(call, "POST", f"/api/{path}", {"Transfer-Encoding": "chunked"}, chunks)
    check_problem(reply, 411, "length-required")
    assert "with a Content-Length" in reply.json["detail"]


@pytest.mark.parametrize(
    "id",
    ["..%2f..%2fmodels%2factive.json", "%2fetc%2fpasswd", f"{SCENE}.png", "%0d%0aX-Evil:%201",
     "%ff%fe", "%25%30%30", "a" * 4000, "", SCENE.upper(), f"{SCENE}/", SCENE.replace("/", "//")],
)  # fmt: skip
def test_no_scene_has_such_an_id(call: Client, id: str) -> None:
    reply = raw(call, "GET", f"/api/photos/{id}", {}, b"")
    assert reply.status == 404
    assert reply.headers["X-Evil"] is None
    assert len(reply.body) < 1000


@pytest.mark.parametrize("host", ["[", "a b", ""])
def test_odd_hosts(call: Client, host: str) -> None:
    reply = raw(call, "GET", "/api/scenes?limit=1", {"Host": host}, b"")
    assert reply.status == 200


@pytest.fixture
def small_service(
    seeded_account: BlobServiceClient, azurite_connection: str, tmp_path: Path
) -> Iterator[Client]:
    """A service with one worker and room for two who wait."""
    del seeded_account
    with services(tmp_path) as start:
        call = start(
            BLOB_CONNECTION_STRING=azurite_connection,
            INFERENCE_WORKERS="1",
            MAX_WAITING="2",
            PYTHON_THREADPOOL_THREAD_COUNT="16",
        )
        assert call("health/ready").status == 200
        yield call


def test_too_many_at_once_are_told_when_to_come_back(small_service: Client, photo: bytes) -> None:
    predict: Callable[[int], Reply] = lambda _: small_service("predict", photo)  # noqa: E731
    with ThreadPoolExecutor(12) as crowd:
        replies = list(crowd.map(predict, range(36)))
        live = small_service("health/live")
    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) == {200, 503}
    for reply in replies:
        if reply.status == 503:
            check_problem(reply, 503, "busy")
            assert 1 <= int(reply.headers["Retry-After"]) <= 30
    assert live.status == 200
    assert small_service("predict", photo).status == 200, "and it is as before"
