"""The local function host: prefix, order of routes, CORS, settings; see test_host_behaviour too."""

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.app import load_settings
from local.bindings import HostError
from local.host import Host, load_routes
from tests.conftest import PROJECT

APP = """
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route("things/{id}/part", methods=["GET", "HEAD"])
def part(req):
    return func.HttpResponse(f"{req.route_params['id']} {req.params.get('q')}")

@app.route("things", methods=["POST"])
def echo(req):
    headers = {"X-Type": req.headers["content-type"]}
    return func.HttpResponse(req.get_body()[::-1], status_code=201, headers=headers)

@app.route("named/{id}", methods=["GET"])
def named(req):
    return func.HttpResponse(f"named {req.route_params['id']}")

@app.route("{*rest}")
def z_others(req):
    return func.HttpResponse(f"others {req.method} {req.route_params.get('rest')}", status_code=404)

@app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
def tick(timer): ...
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    (tmp_path / "tiny_entry.py").write_text(APP)
    (tmp_path / "host.json").write_text(
        json.dumps({"version": "2.0", "extensions": {"http": {"routePrefix": "v1"}}})
    )
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", "tiny_entry.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "tiny_entry", raising=False)
    return Host(load_routes(tmp_path))


def request(
    host: Host, method: str, path: str, query: str = "", body: bytes = b"", **headers: str
) -> Any:
    seen: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        seen.update(status=int(status[:3]), headers=dict(headers))

    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
        "CONTENT_TYPE": "image/png", "HTTP_HOST": "h", "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name}": value for name, value in headers.items()},
    }  # fmt: skip
    return b"".join(host(environ, start_response)), seen


def test_the_prefix_of_host_json(host: Host) -> None:
    assert request(host, "GET", "/v1/things/a.b-1/part", "q=x%20y")[0] == b"a.b-1 x y"
    for path in ("/api/things/a/part", "/", "/v1things"):
        body, seen = request(host, "GET", path)
        assert (seen["status"], body) == (404, b"")


def test_overlapping_routes_go_by_the_name_of_the_function(host: Host) -> None:
    names = [route.name for route in host.routes]
    assert names == sorted(names), "whatever their templates: so does Azure's host"


ASKED = {"ORIGIN": "https://a.example", "ACCESS_CONTROL_REQUEST_METHOD": "POST",
         "ACCESS_CONTROL_REQUEST_HEADERS": "content-type,x-functions-key"}  # fmt: skip


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [({"*"}, "*"), ({"https://a.example", "https://b.example"}, "https://a.example")],
)
def test_preflights_are_answered_for_the_origins_that_are_named(
    host: Host, origins: set[str], allowed: str
) -> None:
    host.origins = frozenset(origins)
    body, seen = request(host, "OPTIONS", "/v1/things", **ASKED)
    assert (seen["status"], body) == (204, b"")
    assert seen["headers"]["Access-Control-Allow-Origin"] == allowed
    assert seen["headers"]["Access-Control-Allow-Methods"] == "POST"
    assert seen["headers"]["Access-Control-Allow-Headers"] == "content-type,x-functions-key"
    _, seen = request(host, "POST", "/v1/things", ORIGIN="https://a.example")
    assert seen["headers"]["Access-Control-Allow-Origin"] == allowed
    assert "Access-Control-Allow-Origin" not in request(host, "POST", "/v1/things")[1]["headers"]


def test_other_origins_are_told_nothing(host: Host) -> None:
    host.origins = frozenset({"https://b.example"})
    _, seen = request(host, "OPTIONS", "/v1/things", **ASKED)
    assert not [name for name in seen["headers"] if name.startswith("Access-Control")]
    _, seen = request(host, "GET", "/v1/things/a/part", ORIGIN="https://a.example")
    assert (seen["status"], seen["headers"].get("Access-Control-Allow-Origin")) == (200, None)


def test_without_cors_the_app_gets_the_preflight(host: Host) -> None:
    assert request(host, "OPTIONS", "/v1/things", **ASKED)[0] == b"others OPTIONS things"


def test_bodies_and_headers_pass_unchanged(host: Host) -> None:
    data = bytes(range(256)) * 4000
    body, seen = request(host, "POST", "/v1/things", body=data)
    assert (seen["status"], body) == (201, data[::-1])
    assert seen["headers"]["X-Type"] == "image/png"


def test_entry_file_without_an_app(host: Host, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "empty_entry.py").write_text("x = 1")
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", "empty_entry.py")
    with pytest.raises(HostError, match=r"empty_entry\.py holds 0 function apps"):
        load_routes(tmp_path)


def test_settings_do_not_overrule_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"FVS_TEST_A": "file", "FVS_TEST_B": "file"}
    settings = {"Values": values, "Host": {"CORS": "https://a.example, https://b.example"}}
    (tmp_path / "local.settings.json").write_text(json.dumps(settings))
    monkeypatch.setenv("FVS_TEST_A", "environment")
    monkeypatch.setenv("FVS_TEST_B", "to be removed")
    monkeypatch.delenv("FVS_TEST_B")
    assert load_settings(tmp_path) == {"https://a.example", "https://b.example"}
    assert (os.environ["FVS_TEST_A"], os.environ.pop("FVS_TEST_B")) == ("environment", "file")


def test_settings_without_origins(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": {}}))
    assert load_settings(tmp_path) == frozenset()


SERVE = "import sys, pathlib; from local.host import serve; serve(pathlib.Path(sys.argv[1]), 0)"
REQUEST = b"POST /api/things HTTP/1.1\r\nHost: h\r\nContent-Type: x/y\r\nContent-Length: 6\r\n\r\n"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The host in a process of its own."""
    (tmp_path / "tiny_entry.py").write_text(APP)
    (tmp_path / "host.json").write_text(json.dumps({"version": "2.0"}))
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": {}}))
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path)],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHON_SCRIPT_FILE_NAME": "tiny_entry.py"},
    ) as started:  # fmt: skip
        yield started
        started.kill()


def test_sigterm_lets_a_request_under_way_be_answered(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    address = next(line for line in process.stdout if "://" in line)
    port = int(address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(REQUEST + b"abc")
        other = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        other.request("GET", "/api/things/a/part")
        assert other.getresponse().status == 200, "what was sent before has been read by now"
        process.send_signal(signal.SIGTERM)
        while accepts(port):
            time.sleep(0.01)
        connection.sendall(b"def")
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 201")
    assert answer.endswith(b"fedcba")
    assert process.wait(30) == 0


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=30).close()
    except OSError:
        return False
    return True
