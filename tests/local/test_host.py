"""The local function host, in process: routing and errors as in the real one."""

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from local.host import Host, HostError, load_routes, load_settings

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

@app.route("fails")
def fails(req):
    raise RuntimeError("secret")

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


def request(host: Host, method: str, path: str, query: str = "", body: bytes = b"") -> Any:
    seen: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        seen.update(status=int(status[:3]), headers=dict(headers))

    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
        "CONTENT_TYPE": "image/png", "HTTP_HOST": "h", "wsgi.input": io.BytesIO(body),
    }  # fmt: skip
    return b"".join(host(environ, start_response)), seen


def test_route_prefix_parameters_and_query(host: Host) -> None:
    body, seen = request(host, "GET", "/v1/things/a.b-1/part", "q=x%20y")
    assert (seen["status"], body) == (200, b"a.b-1 x y")
    assert request(host, "GET", "/v1/things/a/b/part")[1]["status"] == 404
    assert request(host, "GET", "/api/things/a/part")[1]["status"] == 404


def test_methods(host: Host) -> None:
    assert request(host, "DELETE", "/v1/things")[1]["status"] == 405
    body, seen = request(host, "HEAD", "/v1/things/a/part")
    assert (seen["status"], body, seen["headers"]["Content-Length"]) == (200, b"", "6")


def test_bodies_and_headers_pass_unchanged(host: Host) -> None:
    data = bytes(range(256)) * 4000
    body, seen = request(host, "POST", "/v1/things", body=data)
    assert (seen["status"], body) == (201, data[::-1])
    assert seen["headers"]["X-Type"] == "image/png"


def test_an_exception_is_an_empty_500(host: Host) -> None:
    body, seen = request(host, "GET", "/v1/fails")
    assert (seen["status"], body) == (500, b"")


def test_entry_file_without_an_app(host: Host, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "empty_entry.py").write_text("x = 1")
    monkeypatch.setenv("PYTHON_SCRIPT_FILE_NAME", "empty_entry.py")
    with pytest.raises(HostError, match=r"empty_entry\.py holds 0 function apps"):
        load_routes(tmp_path)


def test_settings_do_not_overrule_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"FVS_TEST_A": "file", "FVS_TEST_B": "file"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}))
    monkeypatch.setenv("FVS_TEST_A", "environment")
    monkeypatch.setenv("FVS_TEST_B", "to be removed")
    monkeypatch.delenv("FVS_TEST_B")
    load_settings(tmp_path)
    assert (os.environ["FVS_TEST_A"], os.environ.pop("FVS_TEST_B")) == ("environment", "file")
