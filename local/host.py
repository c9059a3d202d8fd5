"""A function host for one machine: serves an app through the public `azure.functions` API.

For machines without Azure Functions Core Tools, which offer the same as `func start`. It reads
host.json and local.settings.json, serves HTTP triggers, runs handlers in a pool of threads as the
Python worker does, and like Core Tools asks for no keys. What Azure's platform does for browsers
(CORS) it does too, for the origins that local.settings.json names as Core Tools' Host.CORS. Queue
triggers are for `local.worker`. What it does with odd requests is what Azure's host was seen to do:
see tests/local/test_host_behaviour.py, which `func start` passes as well.
"""

import logging
import os
import re
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Any

import azure.functions as func
from waitress import wasyncore
from waitress.server import create_server

from local.app import extension_settings, load_functions, load_settings
from local.requests import DEFAULT_BODY_LIMIT, MAX_HEADERS, Channel, path_of, request_of

log = logging.getLogger(__name__)

DRAIN_SECONDS = 30
"""How long requests under way may take after SIGTERM."""

NO_HOMEPAGE = "AzureWebJobsDisableHomepage"
"""The setting of Azure's host that takes its welcome page from /."""

StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP trigger: where it listens and what it calls; no methods are all methods."""

    name: str
    pattern: re.Pattern[str]
    template: str
    methods: frozenset[str]
    argument: str
    handler: Callable[..., func.HttpResponse]


def load_routes(project: Path) -> list[Route]:
    """Import the app and list its HTTP triggers, in the order in which they are tried.

    Raises:
        HostError: the entry file holds no single function app.
    """
    prefix = extension_settings(project, "http").get("routePrefix", "api")
    routes = [_route(function, prefix) for function in load_functions(project)]
    # As Azure's host tries them: by name of the function, whatever the templates
    # (https://github.com/Azure/azure-functions-host/issues/9876).
    return sorted(filter(None, routes), key=lambda route: route.name)


def _route(function: Any, prefix: str) -> Route | None:
    trigger = function.get_trigger()
    if trigger.type != "httpTrigger":
        return None
    name = function.get_function_name()
    template = f"/{prefix}/{trigger.route or name}"
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
    pattern = re.sub(r"/\\\{\\\*(\w+)\\\}$", r"(?:/(?P<\1>.*))?", pattern)
    methods = {getattr(method, "value", method) for method in trigger.methods or ()}
    return Route(
        name,
        # As ASP.NET's routing, it ignores case and a slash at the end.
        re.compile(f"{pattern}/?", re.DOTALL | re.IGNORECASE),
        template,
        frozenset(methods),
        trigger.name,
        function.get_user_function(),
    )


class Host:
    """A WSGI application over the routes of a function app.

    Args:
        routes: in the order in which they are tried.
        origins: whose scripts may call; "*" for all.
        headers: that every answer gets, host.json's customHeaders.
    """

    def __init__(
        self,
        routes: list[Route],
        origins: frozenset[str] = frozenset(),
        headers: dict[str, str] | None = None,
    ) -> None:
        self.routes, self.origins, self.headers = routes, origins, headers or {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        admitted = self._admitted(environ)
        if self.origins and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            status, headers, body = 204, _preflight(environ) if admitted else {}, b""
        else:
            status, headers, body = self._answer(environ)
        headers = {**self.headers, **headers, **admitted}
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _admitted(self, environ: dict[str, Any]) -> dict[str, str]:
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or not self.origins & {origin, "*"}:
            return {}
        if "*" in self.origins:
            return {"Access-Control-Allow-Origin": "*"}
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}

    def _answer(self, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        method: str = environ["REQUEST_METHOD"]
        path = path_of(environ)
        if path is None:
            return 400, {}, b""
        if path == "/" and os.environ.get(NO_HOMEPAGE, "").lower() == "true":
            return 204, {}, b""
        for route in self.routes:
            match = route.pattern.fullmatch(path)
            if match and (not route.methods or method in route.methods):
                break
        else:
            return 404, {}, b""
        try:
            params = {name: value for name, value in match.groupdict().items() if value}
            request = request_of(environ, path, params)
            response = route.handler(**{route.argument: request})
        except Exception:
            log.exception("%s %s", method, path)
            return 500, {}, b""
        body: bytes = response.get_body() or b""
        headers = dict(response.headers)
        if response.status_code not in (204, 304):
            headers["Content-Length"] = str(len(body))
            headers["Content-Type"] = _content_type(response)
        return response.status_code, headers, body


def _preflight(environ: dict[str, Any]) -> dict[str, str]:
    """Allow what the browser asks for, as Core Tools does."""
    asked = {
        "Access-Control-Allow-Methods": environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
        "Access-Control-Allow-Headers": environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
    }
    return {name: value for name, value in asked.items() if value}


def _content_type(response: func.HttpResponse) -> str:
    mimetype: str = response.mimetype
    return f"{mimetype}; charset={response.charset}" if "text/" in mimetype else mimetype


# Any: the published types of waitress lack most of what is used here.
def server(project: Path, port: int, origins: frozenset[str] = frozenset()) -> Any:
    """Return waitress's server of the function app in `project`, on loopback.

    Args:
        project: folder with host.json and the entry file.
        port: where to listen; 0 for any that is free.
        origins: whose scripts may call.

    Raises:
        HostError: the entry file holds no single function app.
    """
    threads = os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT")
    limit = os.environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
    routes = load_routes(project)
    for route in routes:
        print(f"{','.join(sorted(route.methods)) or 'any':9} {route.template}")
    made: Any = create_server(
        Host(routes, origins, extension_settings(project, "http").get("customHeaders")),
        host="127.0.0.1",
        port=port,
        threads=int(threads) if threads else (os.cpu_count() or 1) + 4,
        max_request_body_size=int(limit) if limit else DEFAULT_BODY_LIMIT,
        max_request_header_size=MAX_HEADERS,
        ident=None,
    )
    made.channel_class = Channel
    return made


def serve(project: Path, port: int) -> None:
    """Serve the function app in `project` on loopback until SIGTERM or Ctrl-C.

    After SIGTERM no connection is accepted any more, and requests under way are answered first, as
    Azure's host drains an instance.
    """
    origins = load_settings(project)
    made, ending = server(project, port, origins), threading.Event()

    def end(*_: object) -> None:
        ending.set()
        made.pull_trigger()

    signal.signal(signal.SIGTERM, end)
    print(f"http://127.0.0.1:{made.effective_port}", flush=True)
    try:
        while not ending.is_set():
            _serve_some(made)
        wasyncore.dispatcher.close(made)
        deadline = monotonic() + DRAIN_SECONDS
        while _is_answering(made) and monotonic() < deadline:
            _serve_some(made)
    except KeyboardInterrupt:
        print("ended")
    made.task_dispatcher.shutdown()


def _serve_some(made: Any) -> None:
    poll = made.adj.asyncore_use_poll
    wasyncore.loop(timeout=1, use_poll=poll, map=made._map, count=1)


def _is_answering(made: Any) -> bool:
    return any(
        channel.request is not None or channel.requests or channel.total_outbufs_len
        for channel in list(made.active_channels.values())
    )
