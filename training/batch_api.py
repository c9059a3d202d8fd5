"""Batches of a running service, over HTTP; docs/api.md says what they are.

Keys and tokens go to the API alone, follow no redirection and are never printed.
"""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from training.service_login import Login, NoRedirect

SECONDS = 120.0
"""How long an answer may take; a service that sleeps needs some of it."""

PATIENCE = 300.0
"""How long a service may be away while a batch is followed: it goes on without it."""

PAUSE = 2.0
"""Seconds between two looks at a batch."""

ANYBODY = Login()
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
ENDED = {"done", "cancelled", "failed"}
PASSING = {429, 502, 503, 504}

Status = dict[str, Any]


class ApiError(RuntimeError):
    """The service does not do what it is asked; the message says why, and what would be right."""


class AwayError(ApiError):
    """It does not answer, or asks to come again: that may pass."""


class BatchApi:
    """A service's batches.

    Args:
        address: of the service, with or without /api.
        login: who asks.

    Raises:
        ApiError: the address is none.
    """

    def __init__(self, address: str, login: Login = ANYBODY) -> None:
        if not address.startswith(("http://", "https://")):
            raise ApiError(f"{address!r} must be like https://func-1.azurewebsites.net")
        self.address = address.rstrip("/").removesuffix("/api")
        self._headers = {"Content-Type": "application/json", **login.headers()}
        handlers: list[urllib.request.BaseHandler] = [NoRedirect()]
        if urlsplit(address).hostname in LOOPBACK:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def start(self, asked: dict[str, Any]) -> Status:
        """Begin a batch.

        Args:
            asked: folder, prefix, ids, model, outputs; what is left out is the service's default.

        Raises:
            ApiError: see there.
        """
        return self._ask("batches", "POST", json.dumps(asked).encode())

    def status(self, id: str) -> Status:
        """Return how far a batch is.

        Raises:
            ApiError: see there.
        """
        return self._ask(f"batches/{quote(id, safe='')}")

    def cancel(self, id: str) -> Status:
        """Let nothing new of a batch begin, and return its status.

        Raises:
            ApiError: see there.
        """
        return self._ask(f"batches/{quote(id, safe='')}", "DELETE")

    def failures_address(self, id: str) -> str:
        """Where the photos are listed that came to nothing."""
        return f"{self.address}/api/batches/{quote(id, safe='')}/failures"

    def failures(self, id: str) -> list[dict[str, str]]:
        """Return id and reason of the first photos that came to nothing, up to some thousand.

        Raises:
            ApiError: see there.
        """
        return list(self._ask(f"batches/{quote(id, safe='')}/failures")["failures"])

    def follow(self, id: str, pause: float = PAUSE) -> Iterator[Status]:
        """Give a batch's status again and again; the last one is of a batch that has ended.

        Raises:
            ApiError: see there; AwayError only after PATIENCE seconds.
        """
        seen = time.monotonic()
        while True:
            asked = time.monotonic()
            try:
                status = self.status(id)
            except AwayError:
                if time.monotonic() - seen > PATIENCE:
                    raise
            else:
                seen = time.monotonic()
                yield status
                if status["state"] in ENDED:
                    return
            # Of a very large batch a status takes seconds; half of the time is for others.
            time.sleep(max(pause, time.monotonic() - asked))

    def _ask(self, path: str, method: str = "GET", body: bytes | None = None) -> Status:
        address = f"{self.address}/api/{path}"
        request = urllib.request.Request(address, body, self._headers, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                found = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error, f"{method} {address}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise AwayError(f"{self.address} does not answer: {reason}") from error
        except ValueError as error:
            raise ApiError(f"{method} {address} is no JSON: is this the API?") from error
        if not isinstance(found, dict):
            raise ApiError(f"{method} {address} is no JSON object: is this the API?")
        return found


def _refusal(error: urllib.error.HTTPError, what: str) -> ApiError:
    detail = ""
    if "problem+json" in error.headers.get("Content-Type", ""):
        detail = f": {json.loads(error.read())['detail']}"
    said = f"{what} answered {error.code}{detail}"
    if error.code in PASSING:
        return AwayError(said)
    if error.code in (401, 403):
        return ApiError(f"{said}: give a valid key (--key or API_KEY) or token")
    if 300 <= error.code < 400:
        return ApiError(f"{said}: use {error.headers.get('Location')}")
    return ApiError(said if detail else f"{said}: is this the API?")
