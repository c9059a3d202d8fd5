"""Requests as Azure's host hands them to functions: decoded paths, parameters, bodies, limits."""

import re
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes

import azure.functions as func
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

DEFAULT_BODY_LIMIT = 104_857_600
"""Bytes of a body that Azure's host admits by default."""

MAX_REQUEST_LINE, MAX_HEADERS = 8 * 1024, 32 * 1024
"""Bytes that Kestrel, the server in Azure's host, admits by default."""

CHUNKED = "HTTP_TRANSFER_ENCODING"


class Parser(HTTPRequestParser):
    """Reads requests for waitress; refuses with the statuses of Azure's host, without a body."""

    headers: dict[str, str]

    def received(self, data: bytes) -> int:
        """Read on; returns how many of the bytes belong to this request."""
        consumed = super().received(data)
        if self.completed and self.chunked:
            # waitress hides this header, and sends the body on with a length.
            self.headers["TRANSFER_ENCODING"] = "chunked"
            self.headers.pop("CONTENT_LENGTH", None)
        if self.headers_finished and len(getattr(self, "request_uri", "")) > MAX_REQUEST_LINE:
            self.error, self.completed = _Refusal(HTTPStatus.REQUEST_URI_TOO_LONG), True
        if self.error is not None and not isinstance(self.error, _Refusal):
            # A body above the limit is an unhandled exception in Azure's host (issue 10519).
            status = HTTPStatus(self.error.code)
            large = status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            self.error = _Refusal(HTTPStatus.INTERNAL_SERVER_ERROR if large else status)
        return consumed


class _Refusal(Error):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__("")
        self.code, self.reason = status.value, status.phrase

    def to_response(self, _: str | None = None) -> tuple[str, list[tuple[str, str]], str]:
        """Return status, headers and body."""
        return f"{self.code} {self.reason}", [], ""


class Channel(HTTPChannel):
    """A connection whose requests `Parser` reads."""

    parser_class = Parser


def path_of(environ: dict[str, Any]) -> str | None:
    """Return the path that is routed; None where Azure's host refuses it with 400.

    Everything is decoded once but %2F, so that a slash within a segment stays apart from one
    between segments; dots are resolved afterwards; what is no UTF-8 stays as it is.
    """
    target: str = environ.get("REQUEST_URI") or quote(environ["PATH_INFO"].encode("latin-1"))
    path = re.sub(r"^https?://[^/]*", "", target.partition("?")[0])
    decoded = re.sub(r"(?:%(?!2[fF])[0-9a-fA-F]{2})+", _decoded, path)
    return None if "\0" in decoded else _without_dots(decoded)


def _decoded(match: re.Match[str]) -> str:
    try:
        return unquote_to_bytes(match[0]).decode()
    except UnicodeDecodeError:
        return match[0]


def _without_dots(path: str) -> str:
    """Resolve `.` and `..`, and leave empty segments (RFC 3986, 5.2.4)."""
    segments = path.split("/")
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            kept = kept[:1] + kept[1:-1]
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept) + ("/" if segments[-1] in (".", "..") else "")


def request_of(environ: dict[str, Any], path: str, params: dict[str, str]) -> func.HttpRequest:
    """Return the request that a function is called with.

    Args:
        environ: WSGI's (PEP 3333).
        path: what `path_of` returns.
        params: what the route's template takes from it.
    """
    headers = {
        name[5:].replace("_", "-").title(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").title()] = environ[name]
    query = environ.get("QUERY_STRING", "")
    url = f"http://{environ.get('HTTP_HOST', 'localhost')}{quote(path, safe='/:%')}"
    # Bodies in chunks do not reach Python functions.
    body = BytesIO() if CHUNKED in environ else environ["wsgi.input"]
    return func.HttpRequest(
        method=environ["REQUEST_METHOD"],
        url=f"{url}?{query}" if query else url,
        headers=headers,
        params=_query(query),
        route_params=params,
        body=body.read(),
    )


def _query(query: str) -> dict[str, str]:
    """Values by name: repeated names become one with commas, empty values none."""
    params: dict[str, str] = {}
    for name, value in parse_qsl(query):
        params[name] = f"{params[name]},{value}" if name in params else value
    return params
