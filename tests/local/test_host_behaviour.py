"""What Azure's Functions host does with requests, and so the local one: one list for both.

Where Azure Functions Core Tools are installed, `func start` is held to the same list.
"""

import http.client
import json
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local.host import server
from local.processes import Children, free_port
from local.requests import DEFAULT_BODY_LIMIT
from tests.helpers.waiting import wait_until

APP = """
import json
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

def seen(req, status=200):
    return func.HttpResponse(json.dumps({
        "method": req.method, "url": req.url, "headers": dict(req.headers),
        "query": dict(req.params), "route": dict(req.route_params), "bytes": len(req.get_body()),
    }), status_code=status, mimetype="application/json", headers={"X-Own": "1"})

@app.route("echo", methods=["GET", "HEAD", "POST"])
def echo(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req)

@app.route("part/{id}/end", methods=["GET"])
def part(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req)

@app.route("photos/{*id}", methods=["GET"])
def photos(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req)

@app.route("fails", methods=["GET"])
def fails(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("secret")

@app.route("{*path}")
def z_others(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, 404)
"""
HOST_JSON = {
    "version": "2.0",
    "extensions": {"http": {"customHeaders": {"X-Content-Type-Options": "nosniff"}}},
}
SETTINGS = {
    "FUNCTIONS_WORKER_RUNTIME": "python",
    "AzureWebJobsStorage": "",
    "AzureWebJobsDisableHomepage": "true",
}
CORE_TOOLS = shutil.which("func")


class Answer(NamedTuple):
    status: int
    headers: Any
    body: bytes

    @property
    def seen(self) -> Any:
        """What the function saw of the request."""
        return json.loads(self.body)


class Address:
    """Where a host listens on loopback."""

    def __init__(self, port: int) -> None:
        self.port = port

    def __call__(
        self, method: str, target: str, body: Any = None, chunked: bool = False, **headers: str
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body, named, encode_chunked=chunked)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def raw(self, request: bytes) -> int:
        """Send these bytes; returns the status of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(request)
            return int(connection.makefile("rb").readline().split()[1])


@pytest.fixture(scope="module", params=["local", *(["func start"] if CORE_TOOLS else [])])
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Address]:
    project = tmp_path_factory.mktemp("project")
    (project / "function_app.py").write_text(APP)
    (project / "host.json").write_text(json.dumps(HOST_JSON))
    (project / "local.settings.json").write_text(json.dumps({"Values": SETTINGS}))
    yield from local_host(project) if request.param == "local" else core_tools(project)


def local_host(project: Path) -> Iterator[Address]:
    (project / "function_app.py").rename(project / "echo_entry.py")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        patch.delenv("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", raising=False)
        patch.setenv("PYTHON_SCRIPT_FILE_NAME", "echo_entry.py")
        patch.syspath_prepend(str(project))
        made = server(project, 0)
        thread = threading.Thread(target=made.run)
        thread.start()
        try:
            yield Address(made.effective_port)
        finally:
            made.close()
            made.asyncore.close_all(made._map)
            thread.join()
            sys.modules.pop("echo_entry", None)


def core_tools(project: Path) -> Iterator[Address]:
    host = Address(free_port())
    with Children(project.parent / "logs", cwd=project) as children:
        children.start("func", ["func", "start", "--port", str(host.port)])
        children.wait_for(f"http://127.0.0.1:{host.port}/")
        wait_until(lambda: host("GET", "/api/echo").status == 200)
        yield host


def test_a_body_with_a_length_arrives(host: Address) -> None:
    seen = host("POST", "/api/echo", b"x" * 1000, Content_Type="image/png").seen
    headers = {name.lower(): value for name, value in seen["headers"].items()}
    assert (seen["bytes"], headers["content-length"]) == (1000, "1000")
    assert headers["content-type"] == "image/png"


def test_a_body_in_chunks_does_not_arrive_but_its_header_does(host: Address) -> None:
    pieces = iter([b"abc" * 100, b"def"])
    seen = host("POST", "/api/echo", pieces, True, Transfer_Encoding="chunked").seen
    headers = {name.lower(): value for name, value in seen["headers"].items()}
    assert (seen["bytes"], headers["transfer-encoding"]) == (0, "chunked")
    assert "content-length" not in headers


def test_a_body_above_the_hosts_limit_is_its_own_error(host: Address) -> None:
    try:
        answer = host("POST", "/api/echo", bytes(DEFAULT_BODY_LIMIT + 1))
    except ConnectionError:
        return  # it need not read what it refuses
    assert answer.status >= 400
    assert "X-Own" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "id"),
    [
        ("a", "a"), ("a.b-1", "a.b-1"), ("a%20b", "a b"), ("a%25b", "a%b"), ("%C3%A9", "é"),
        ("a%3Fb", "a?b"), ("a%0Ab", "a\nb"), ("a+b", "a+b"), ("a%2Fb", "a%2Fb"),
        ("a%252Fb", "a%2Fb"), ("a%2fb", "a%2fb"),
    ],
)  # fmt: skip
def test_a_segment_is_decoded_once_but_for_slashes(host: Address, sent: str, id: str) -> None:
    assert host("GET", f"/api/part/{sent}/end").seen["route"] == {"id": id}


@pytest.mark.parametrize(
    ("sent", "id"),
    [
        ("a", "a"), ("a/b/c", "a/b/c"), ("a//b", "a//b"), ("a/b/", "a/b/"), ("a/./b", "a/b"),
        ("a/../b", "b"), ("a/%2e%2e/b", "b"), ("a%2Fb", "a%2Fb"), ("a%20b/c", "a b/c"),
    ],
)  # fmt: skip
def test_a_catch_all_takes_the_path_as_it_is(host: Address, sent: str, id: str) -> None:
    assert host("GET", f"/api/photos/{sent}").seen["route"] == {"id": id}


@pytest.mark.parametrize("path", ["/api/photos", "/api/photos/"])
def test_an_empty_catch_all_has_no_parameter(host: Address, path: str) -> None:
    answer = host("GET", path)
    assert (answer.status, answer.seen["route"]) == (200, {})


def test_dots_lead_to_another_route(host: Address) -> None:
    assert host("GET", "/api/photos/../echo").seen["route"] == {}
    assert host("GET", "/api/photos/../../echo").status == 404


def test_repeated_names_are_one_value_and_the_address_keeps_them(host: Address) -> None:
    seen = host("GET", "/api/echo?x=1&x=2&y=%2B").seen
    assert seen["query"] == {"x": "1,2", "y": "+"}
    assert seen["url"].endswith("?x=1&x=2&y=%2B")


def test_case_and_a_slash_at_the_end_do_not_matter(host: Address) -> None:
    assert host("GET", "/API/Part/aB/END/").seen["route"] == {"id": "aB"}


def test_what_no_route_takes_goes_to_the_one_that_takes_all(host: Address) -> None:
    answer = host("DELETE", "/api/echo")
    assert (answer.status, answer.seen["route"]) == (404, {"path": "echo"})


def test_custom_headers_of_host_json(host: Address) -> None:
    assert host("GET", "/api/echo").headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status", "own"),
    [
        ("HEAD", "/api/echo", 200, "1"), ("GET", "/api/fails", 500, None), ("GET", "/", 204, None),
        ("GET", "/elsewhere", 404, None),
    ],
    ids=["HEAD", "an exception", "no welcome page", "no route"],
)  # fmt: skip
def test_answers_without_a_body(
    host: Address, method: str, path: str, status: int, own: str | None
) -> None:
    answer = host(method, path)
    assert (answer.status, answer.body, answer.headers["X-Own"]) == (status, b"", own)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /api/echo%00 HTTP/1.1\r\nHost: h", 400),
        (b"GET /api/echo?" + b"x" * 9000 + b" HTTP/1.1\r\nHost: h", 414),
        (b"GET /api/echo HTTP/1.1\r\nHost: h\r\nX-Long: " + b"x" * 40_000, 431),
    ],
    ids=["NUL", "long address", "long header"],
)
def test_what_the_server_refuses_by_itself(host: Address, head: bytes, status: int) -> None:
    assert host.raw(head + b"\r\nConnection: close\r\n\r\n") == status
