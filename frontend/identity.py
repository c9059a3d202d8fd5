"""Tokens for an API behind Microsoft Entra ID, of the managed identity that App Service gives.

App Service's protocol: "REST endpoint reference" in
https://learn.microsoft.com/azure/app-service/overview-managed-identity
"""

import http.client
import json
import logging
import math
import os
import threading
import time
import urllib.request
from urllib.parse import urlencode

from future_vision import ApiError

RENEW_S = 300
"""A token that is valid for less is renewed, as a call may take minutes and clocks differ."""

PAUSE_S = 5
"""Seconds between two requests for a token, so that a failure is not asked for by every visitor."""

TIMEOUT_S = 10
"""Seconds that the token service has to answer."""

API_VERSION = "2019-08-01"

# Of no redirects and no proxies: the header that goes with the request is a secret.
_OPENER = urllib.request.OpenerDirector()
_OPENER.add_handler(urllib.request.HTTPHandler())
_OPENER.add_handler(urllib.request.UnknownHandler())


def audience() -> str:
    """Return for whom the API wants tokens, such as api://...; empty where it wants none."""
    return os.environ.get("API_AUDIENCE", "").strip()


class ManagedIdentity:
    """Keeps the token of the identity for all visitors; several threads may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token = self._failure = ""
        self._ends = self._asked = -math.inf
        """When the token ends and when one was last asked for, by the monotonic clock."""

    def token(self) -> str:
        """Return a valid token for the API; who comes while one is asked for waits for the answer.

        Raises:
            ApiError: there is none; `status` is None, as for an API that cannot be reached.
        """
        with self._lock:
            now = time.monotonic()
            if self._ends - now < RENEW_S and now - self._asked >= PAUSE_S:
                self._renew()
            if time.monotonic() < self._ends:
                return self._token
            # Those who wait for the lock share the failure, else they would fail one by one.
            raise ApiError(f"The API cannot be reached: {self._failure}.", type="no-token")

    def _renew(self) -> None:
        try:
            self._token, lasts_s = _new_token()
            self._ends = time.monotonic() + lasts_s
            self._failure = "the token that the explorer got has ended already"
        except _NoTokenError as error:
            self._failure, why = error.args
            logging.getLogger(__name__).warning("No token for %s: %s", audience(), why)
        self._asked = time.monotonic()


class _NoTokenError(Exception):
    """No token came: what visitors are told, and what the operator's log says."""


def _new_token() -> tuple[str, float]:
    """Ask App Service for a token; return it, and how many seconds it is valid."""
    endpoint, header = (os.environ.get(f"IDENTITY_{name}") for name in ("ENDPOINT", "HEADER"))
    if not endpoint or not header:
        raise _NoTokenError(
            "the explorer has no managed identity, which API_AUDIENCE is for",
            "IDENTITY_ENDPOINT or IDENTITY_HEADER is not set, as it is on App Service",
        )
    query = {"resource": audience(), "api-version": API_VERSION}
    if client_id := os.environ.get("AZURE_CLIENT_ID"):  # of a user-assigned identity
        query["client_id"] = client_id
    try:
        request = urllib.request.Request(  # noqa: S310 - App Service's own address
            f"{endpoint}?{urlencode(query)}", headers={"X-IDENTITY-HEADER": header}
        )
        with _OPENER.open(request, timeout=TIMEOUT_S) as response:
            status, body = response.status, response.read()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _NoTokenError(
            "what gives the explorer its tokens does not answer",
            f"{type(error).__name__} {getattr(error, 'reason', '')}",
        ) from error
    if status != 200:  # the body says why, with names of the tenant
        raise _NoTokenError(
            f"the explorer was refused a token (status {status}):"
            " API_AUDIENCE or AZURE_CLIENT_ID may be wrong",
            f"status {status}, {body[:500]!r}",
        )
    try:
        answer = json.loads(body)
        return str(answer["access_token"]), int(answer["expires_on"]) - time.time()
    except (KeyError, TypeError, ValueError) as error:
        what = "the explorer was given something that is no token"
        raise _NoTokenError(what, type(error).__name__) from error
