"""Responses of several routes: JSON, and 304 where the caller has the answer already (RFC 9110)."""

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import azure.functions as func

READ = ("GET", "HEAD")

FRESH_SECONDS, PHOTO_FRESH_SECONDS = 60, 300
"""How long browsers show an answer, or a photo, again without asking. Few photos are replaced."""


def json_response(document: dict[str, Any]) -> func.HttpResponse:
    """Return a document as it is right now."""
    return func.HttpResponse(json.dumps(document), mimetype="application/json")


def cached_json(req: func.HttpRequest, document: dict[str, Any]) -> func.HttpResponse:
    """Return a document that seldom changes, or 304."""
    response = json_response(document)
    return cached(req, weak_etag(response.get_body().decode()), lambda: response)


def cached(
    req: func.HttpRequest,
    etag: str,
    respond: Callable[[], func.HttpResponse],
    fresh: int = FRESH_SECONDS,
) -> func.HttpResponse:
    """Return what `respond` returns, or 304 without calling it if the caller has `etag` already.

    Args:
        req: whose If-None-Match counts.
        etag: of the answer as far as known; a response that has an ETag keeps its own, because
            what was read may be newer than what was found.
        respond: makes the answer.
        fresh: for how many seconds browsers show it again without asking. Shared caches never
            keep it: they would hand what a function key guards to callers without one.
    """
    tags = req.headers.get("If-None-Match", "").split(",")
    known = {tag.strip().removeprefix("W/") for tag in tags}
    response = None
    if etag.removeprefix("W/") not in known:
        response = respond()
    # "*" asks whether there is anything at all, and only the answer knows.
    if response is None or "*" in known:
        headers = {"ETag": response.headers.get("ETag", etag)} if response is not None else {}
        response = func.HttpResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    response.headers.setdefault("ETag", etag)
    response.headers["Cache-Control"] = f"private, max-age={fresh}"
    # What an <img> has fetched lacks the CORS headers that a script of another origin needs.
    response.headers["Vary"] = "Origin"
    return response


def strong_etag(data: bytes) -> str:
    """Return the ETag of exactly these bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def weak_etag(*sources: str) -> str:
    """Return the ETag of an answer that follows from `sources`, if not to the byte."""
    digest = hashlib.sha256("\n".join(sources).encode()).hexdigest()
    return f'W/"{digest[:32]}"'
