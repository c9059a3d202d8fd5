"""HTTP to the API with the standard library alone, on a server and in a browser's Python."""

import asyncio
import http.client
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

# Predictions may meet a service that first has to start and load its model.
TIMEOUT_S = 120


class ApiError(Exception):
    """The API refused, failed or could not be reached.

    Args:
        detail: what went wrong, in words fit for people.
        status: the HTTP status, None where no answer came.
        request_id: the API's name for the failed call, to quote in a report.
    """

    def __init__(
        self, detail: str, status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(detail)
        self.detail, self.status, self.request_id = detail, status, request_id

    @property
    def may_pass(self) -> bool:
        """Whether the same call can succeed later: no answer, too busy, or the API's own fault."""
        return self.status is None or self.status == 429 or self.status >= 500


@dataclass(frozen=True)
class Answer:
    """What came back: status, lower-case headers, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def base_url() -> str:
    """Return the API's address without a trailing slash, from the environment."""
    url = os.environ.get("API_BASE_URL", "").rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ApiError("The address of the API is not set: API_BASE_URL must start with http(s)://")
    return url


def send(path: str, body: bytes | None = None) -> Answer:
    """GET a path, or POST a body to it, and wait.

    Raises:
        ApiError: no answer, or one with an error status.
    """
    request = _request(path, body)
    try:
        answer = _open(request)
    except NETWORK_ERRORS as error:
        raise _unreachable() from error
    return _checked(answer)


async def send_async(path: str, body: bytes | None = None) -> Answer:
    """Do as `send`, but leave the caller's thread free meanwhile."""
    request = _request(path, body)
    try:
        answer = await _open_async(request)
    except NETWORK_ERRORS as error:
        raise _unreachable() from error
    return _checked(answer)


def _request(path: str, body: bytes | None) -> urllib.request.Request:
    return urllib.request.Request(base_url() + path, body, _headers(body))  # noqa: S310 - checked


def _open(request: urllib.request.Request) -> Answer:
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)  # noqa: S310 - as above
    except urllib.error.HTTPError as error:
        response = error  # an answer like any other; in a browser it does not even raise
    with response:
        return Answer(response.status, _lower(response.headers), response.read())


if sys.platform == "emscripten":
    from pyodide.ffi import JsException
    from pyodide.http import pyfetch

    NETWORK_ERRORS: tuple[type[Exception], ...] = (OSError, http.client.HTTPException, JsException)

    async def _open_async(request: urllib.request.Request) -> Answer:
        # A browser's Python has one thread, which has to draw the spinner: the browser fetches.
        options = {"body": request.data} if request.data is not None else {}
        response = await pyfetch(
            request.full_url,
            method=request.get_method(),
            headers=dict(request.header_items()),
            **options,
        )
        return Answer(response.status, _lower(response.headers), await response.bytes())

else:
    NETWORK_ERRORS: tuple[type[Exception], ...] = (OSError, http.client.HTTPException)

    async def _open_async(request: urllib.request.Request) -> Answer:
        return await asyncio.to_thread(_open, request)


def _headers(body: bytes | None) -> dict[str, str]:
    headers = {} if body is None else {"Content-Type": "application/octet-stream"}
    key = os.environ.get("API_KEY")
    return {**headers, "x-functions-key": key} if key else headers


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _unreachable() -> ApiError:
    return ApiError(f"The API at {base_url()} cannot be reached.")


def _checked(answer: Answer) -> Answer:
    if answer.status < 400:
        return answer
    request_id = answer.headers.get("x-request-id")
    raise ApiError(_detail(answer), answer.status, request_id)


def _detail(answer: Answer) -> str:
    """Read the problem's detail; a proxy in between may answer with something else entirely."""
    try:
        problem = json.loads(answer.body)
    except ValueError:
        problem = None
    if isinstance(problem, dict) and (detail := problem.get("detail") or problem.get("title")):
        return str(detail)
    return f"The API answered with status {answer.status}."
