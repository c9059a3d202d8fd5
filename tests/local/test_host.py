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

@app.route("named/{id}", methods=["GET"])
def named(req):
    return func.HttpResponse(f"named {req.route_params['id']}")

@app.route("{*rest}")
def z_others(req):
    return func.HttpResponse(f"others {req.method} {req.route_params.get('rest')}", status_code=404)

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


def test_route_prefix_parameters_and_query(host: Host) -> None:
    body, seen = request(host, "GET", "/v1/things/a.b-1/part", "q=x%20y")
    assert (seen["status"], body) == (200, b"a.b-1 x y")
    for path in ("/api/things/a/part", "/", "/v1things"):
        body, seen = request(host, "GET", path)
        assert (seen["status"], body) == (404, b"")


def test_case_and_a_slash_at_the_end_do_not_matter(host: Host) -> None:
    assert request(host, "GET", "/V1/Things/aB/part/")[0] == b"aB None"


def test_repeated_keys_are_joined_and_empty_ones_left_out(host: Host) -> None:
    assert request(host, "GET", "/v1/things/a/part", "q=1&q=2")[0] == b"a 1,2"
    assert request(host, "GET", "/v1/things/a/part", "q=")[0] == b"a None"


def test_what_no_other_takes_goes_to_the_one_that_takes_all(host: Host) -> None:
    assert request(host, "DELETE", "/v1/things")[0] == b"others DELETE things"
    assert request(host, "PUT", "/v1/named/x")[0] == b"others PUT named/x"
    assert request(host, "GET", "/v1/a/b/c")[0] == b"others GET a/b/c"
    assert request(host, "GET", "/v1")[0] == b"others GET "
    assert request(host, "GET", "/v1/named/x")[0] == b"named x"


def test_overlapping_routes_go_by_the_name_of_the_function(host: Host) -> None:
    names = [route.name for route in host.routes]
    assert names == sorted(names), "whatever their templates: so does Azure's host"


def test_head_has_the_headers_of_get(host: Host) -> None:
    body, seen = request(host, "HEAD", "/v1/things/a/part")
    assert (seen["status"], body, seen["headers"]["Content-Length"]) == (200, b"", "6")


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


def test_custom_headers_of_host_json_are_on_every_answer(host: Host) -> None:
    host.headers = {"X-Content-Type-Options": "nosniff"}
    for path in ("/v1/things/a/part", "/v1/fails", "/nowhere"):
        assert request(host, "GET", path)[1]["headers"]["X-Content-Type-Options"] == "nosniff"


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
