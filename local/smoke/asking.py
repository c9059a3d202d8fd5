"""Send requests to a deployment under test, and tell final failures from passing ones."""

import gzip
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PAUSE = 2.0
"""Seconds between two tries."""

SLOWEST = 5.0
"""Seconds that a request may take at least, even if the time for waiting is over."""

LOOK = "look at the log and the access rules of what runs there"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Returns a redirect as the answer: a key must not follow it to another host."""

    def redirect_request(self, *_: object) -> None:
        """Make no further request."""


class SmokeError(RuntimeError):
    """A check failed; the message says which, what came, what would be right and what to do."""


class NotYetError(SmokeError):
    """A failure that may pass while a service starts."""


class Answer(NamedTuple):
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Api:
    """The service under test.

    Attributes:
        address: without /api.
        login: headers that say who asks; no other host gets them.
        clock: how long failures may pass.
    """

    address: str
    login: Mapping[str, str] = field(repr=False)
    clock: "Clock"

    def ask(self, path: str, body: bytes | None = None) -> Answer:
        """Return the good answer of a path below /api; see `expect`."""
        address = f"{self.address}/api/{path}"
        return expect(self.clock.fetch(address, self.login, body), f"/api/{path}")

    def json(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        """Return the document at a path below /api; see `expect`."""
        try:
            return dict[str, Any](json.loads(self.ask(path, body).body))
        except (TypeError, ValueError) as error:
            raise SmokeError(f"/api/{path} is no JSON object: is this the API?") from error


class Clock:
    """Repeats checks whose failure may pass, for so many seconds in all."""

    def __init__(self, seconds: float) -> None:
        self._end, self._seconds = time.monotonic() + seconds, seconds

    def patiently(self, check: Callable[[], str], least: float = 0.0, pause: float = PAUSE) -> str:
        """Return what a check returns, within the time there is, or `least` seconds if more.

        Between two tries `pause` seconds pass.
        """
        end = max(self._end, time.monotonic() + least)
        while True:
            try:
                return check()
            except KeyError as error:
                raise SmokeError(f"the answer has no {error}: is this the API?") from error
            except NotYetError as error:
                if time.monotonic() + pause > end:
                    waited = max(self._seconds, least)
                    raise SmokeError(f"{error} (waited {waited:.0f} s in all)") from error
                time.sleep(pause)

    def fetch(
        self,
        address: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        method: str | None = None,
    ) -> Answer:
        """Send a request; any status is an answer.

        Raises:
            NotYetError: no answer came in time.
        """
        request = urllib.request.Request(address, body, dict(headers or {}), method=method)  # noqa: S310
        if body is not None:
            request.add_header("Content-Type", "application/octet-stream")
        seconds = max(SLOWEST, self._end - time.monotonic())
        try:
            try:
                response = urllib.request.build_opener(NoRedirect).open(request, timeout=seconds)
            except urllib.error.HTTPError as error:
                response = error
            with response:
                found = {name.lower(): value for name, value in response.headers.items()}
                data = response.read()
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise NotYetError(f"{urlsplit(address).netloc} does not answer: {reason}") from error
        if found.get("content-encoding") == "gzip" and data:
            data = gzip.decompress(data)
        return Answer(response.status, found, data)


def expect(answer: Answer, what: str) -> Answer:
    """Return an answer of status 200 or 202.

    Raises:
        NotYetError: the status is one that a starting service may give.
        SmokeError: the status is another one.
    """
    if answer.status in (200, 202):
        return answer
    problem = {}
    if "problem+json" in answer.headers.get("content-type", ""):
        problem = json.loads(answer.body)
    said = f"{what} answered {answer.status} {problem.get('detail', '')}".rstrip(" .")
    if answer.status in (401, 403):
        todo = "give a valid key (--key or API_KEY) or token"
        raise SmokeError(f"{said}; expected 200: {todo if what.startswith('/api/') else LOOK}")
    if 300 <= answer.status < 400:
        raise SmokeError(f"{said}; expected 200: use {answer.headers.get('location')}")
    # While functions are being found, the host knows none of them.
    starting = answer.status in (404, 500) and not problem
    if starting or answer.status in (429, 502, 503, 504):
        raise NotYetError(f"{said}; expected 200: {LOOK}")
    raise SmokeError(
        f"{said}; expected 200: look in the log for {answer.headers.get('x-request-id', what)}"
    )
