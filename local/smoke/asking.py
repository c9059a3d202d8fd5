"""Ask a deployment by the project's own client; tell final failures from passing ones."""

import gzip
import http.client
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit
from urllib.request import Request

from future_vision import Answer, ApiError, Client
from future_vision_batches import BatchClient

from local.login import Login

PAUSE = 2.0
"""Seconds between two tries."""

TIMEOUT = 30.0
"""Seconds that a page may take."""

STARTING = (404, 429, 500, 502, 503, 504)
"""Statuses of what is starting: while functions are being found, the host knows none of them."""

LOOK = "look at the log and the access rules of what runs there"


class SmokeError(RuntimeError):
    """A check failed; the message says which, what came, what would be right and what to do."""


class NotYetError(SmokeError):
    """A failure that may pass while a service starts."""


def api_of(address: str, login: Login, timeout: float) -> BatchClient:
    """Return a client that asks once; no other host gets its key or token."""
    token = (lambda: login.token) if login.token else None
    return BatchClient(address, login.key, timeout, retries=0, token=token)


class Clock:
    """Repeats checks whose failure may pass, for so many seconds in all."""

    def __init__(self, seconds: float) -> None:
        self._end, self._seconds = time.monotonic() + seconds, seconds

    def patiently(self, check: Callable[[], str], least: float = 0.0, pause: float = PAUSE) -> str:
        """Return what a check returns, within the time there is, or `least` seconds if more.

        Between two tries `pause` seconds pass.

        Raises:
            SmokeError: the check failed for good, or still when the time was over.
        """
        end = max(self._end, time.monotonic() + least)
        while True:
            try:
                return _judged(check)
            except NotYetError as error:
                if time.monotonic() + pause > end:
                    waited = max(self._seconds, least)
                    raise SmokeError(f"{error} (waited {waited:.0f} s in all)") from error
                time.sleep(pause)


def _judged(check: Callable[[], str]) -> str:
    """Run a check; what the client raises becomes NotYetError or SmokeError."""
    try:
        return check()
    except KeyError as error:
        raise SmokeError(f"the answer has no {error}: is this the API?") from error
    except ApiError as error:
        said = str(error).rstrip(".") + (f" (status {error.status})" if error.status else "")
        if error.status in (401, 403):
            raise SmokeError(f"{said}: give one by --key, --token or the environment") from error
        # The API's own problems have a type, except what it answers of itself while it starts.
        own_fault = error.type is not None and error.status in (404, 500)
        if not own_fault and error.status in (None, *STARTING):
            raise NotYetError(f"{said}: {LOOK}") from error
        where = f"look in the log for {error.request_id}" if error.request_id else LOOK
        raise SmokeError(f"{said}: {where}") from error


def fetch(address: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
    """Send a request without a login; any status is an answer.

    Raises:
        NotYetError: no answer came in time.
    """
    try:
        request = Request(address, headers=dict(headers or {}), method=method)  # noqa: S310
        answer = Client(address, "").fetch(request, TIMEOUT)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise NotYetError(f"{urlsplit(address).netloc} does not answer: {reason}") from error
    if answer.headers.get("content-encoding") == "gzip" and answer.body:
        answer = answer._replace(body=gzip.decompress(answer.body))
    return answer


def expect(answer: Answer, what: str) -> Answer:
    """Return a page's answer of status 200.

    Raises:
        NotYetError: the status is one that a starting service may give.
        SmokeError: the status is another one.
    """
    if answer.status == 200:
        return answer
    said = f"{what} answered {answer.status}; expected 200"
    if place := answer.headers.get("location"):
        raise SmokeError(f"{said}: use {place}")
    raise (NotYetError if answer.status in STARTING else SmokeError)(f"{said}: {LOOK}")
