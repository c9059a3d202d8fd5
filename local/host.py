"""A function host for one machine: serves an app through the public `azure.functions` API.

For machines without Azure Functions Core Tools, which offer the same as `func start`. It reads
host.json and local.settings.json, serves HTTP triggers, runs handlers in a pool of threads as the
Python worker does, and like Core Tools asks for no keys.
"""

import importlib
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import azure.functions as func
import waitress

log = logging.getLogger(__name__)

DEFAULT_BODY_LIMIT = 104_857_600
"""What Azure's host admits by default, in bytes."""

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class HostError(RuntimeError):
    """The project folder cannot be served; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP trigger: where it listens and what it calls."""

    pattern: re.Pattern[str]
    template: str
    methods: frozenset[str]
    argument: str
    handler: Callable[..., func.HttpResponse]


def load_settings(project: Path) -> None:
    """Put the Values of local.settings.json into the environment, where not set already."""
    path = project / "local.settings.json"
    if not path.exists():
        path = project / "local.settings.example.json"
    for name, value in json.loads(path.read_text())["Values"].items():
        os.environ.setdefault(name, value)


def load_routes(project: Path) -> list[Route]:
    """Import the app and list its HTTP triggers.

    Raises:
        HostError: the entry file holds no single function app.
    """
    prefix = json.loads((project / "host.json").read_text())
    prefix = prefix.get("extensions", {}).get("http", {}).get("routePrefix", "api")
    entry = Path(os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")).stem
    if str(project) not in sys.path:
        sys.path.insert(0, str(project))
    module = importlib.import_module(entry)
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionApp)]
    if len(apps) != 1:
        raise HostError(f"{entry}.py holds {len(apps)} function apps; exactly one is needed")
    return [route for function in apps[0].get_functions() if (route := _route(function, prefix))]


def _route(function: Any, prefix: str) -> Route | None:
    trigger = function.get_trigger()
    if trigger.type != "httpTrigger":
        return None
    template = f"/{prefix}/{trigger.route or function.get_function_name()}"
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
    methods = {getattr(method, "value", method) for method in trigger.methods or ("GET", "POST")}
    return Route(
        re.compile(pattern),
        template,
        frozenset(methods),
        trigger.name,
        function.get_user_function(),
    )


class Host:
    """A WSGI application over the routes of a function app."""

    def __init__(self, routes: list[Route]) -> None:
        self.routes = routes

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        method: str = environ["REQUEST_METHOD"]
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        matches = [(r, m) for r in self.routes if (m := r.pattern.fullmatch(path))]
        allowed = [(r, m) for r, m in matches if method in r.methods]
        if not allowed:
            start_response("405 Method Not Allowed" if matches else "404 Not Found", [])
            return [b""]
        route, match = allowed[0]
        try:
            response = route.handler(**{route.argument: _request(environ, match.groupdict())})
        except Exception:
            log.exception("%s %s", method, path)
            start_response("500 Internal Server Error", [])
            return [b""]
        body: bytes = response.get_body() or b""
        headers = {**response.headers, "Content-Length": str(len(body))}
        if response.status_code != 304:
            headers["Content-Type"] = _content_type(response)
        phrase = HTTPStatus(response.status_code).phrase
        start_response(f"{response.status_code} {phrase}", list(headers.items()))
        return [b"" if method == "HEAD" else body]


def _content_type(response: func.HttpResponse) -> str:
    mimetype: str = response.mimetype
    return f"{mimetype}; charset={response.charset}" if "text/" in mimetype else mimetype


def _request(environ: dict[str, Any], route_params: dict[str, str]) -> func.HttpRequest:
    headers = {
        name[5:].replace("_", "-").title(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").title()] = environ[name]
    query = environ.get("QUERY_STRING", "")
    url = f"http://{environ.get('HTTP_HOST', 'localhost')}{environ['PATH_INFO']}"
    return func.HttpRequest(
        method=environ["REQUEST_METHOD"],
        url=f"{url}?{query}" if query else url,
        headers=headers,
        params=dict(parse_qsl(query, keep_blank_values=True)),
        route_params=route_params,
        body=environ["wsgi.input"].read(),
    )


def serve(project: Path, port: int) -> None:
    """Serve the function app in `project` on loopback until interrupted."""
    load_settings(project)
    routes = load_routes(project)
    for route in routes:
        print(f"{','.join(sorted(route.methods)):9} http://127.0.0.1:{port}{route.template}")
    threads = os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT")
    limit = os.environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
    waitress.serve(
        Host(routes),
        host="127.0.0.1",
        port=port,
        threads=int(threads) if threads else (os.cpu_count() or 1) + 4,
        max_request_body_size=int(limit) if limit else DEFAULT_BODY_LIMIT,
        ident=None,
    )
