"""Answers that several routes give: JSON, and 304 where the caller has it already."""

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import azure.functions as func

READ = ("GET", "HEAD")

FRESH_SECONDS = 60
"""How long browsers show an answer again without asking."""


def json_answer(document: dict[str, Any]) -> func.HttpResponse:
    """Answer with JSON as it is right now."""
    return func.HttpResponse(json.dumps(document), mimetype="application/json")


def known_json(req: func.HttpRequest, document: dict[str, Any]) -> func.HttpResponse:
    """Answer with JSON that seldom changes, or 304."""
    answer = json_answer(document)
    return conditional(req, weak_etag(answer.get_body().decode()), lambda: answer)


def conditional(
    req: func.HttpRequest,
    etag: str,
    answer: Callable[[], func.HttpResponse],
    fresh: int = FRESH_SECONDS,
) -> func.HttpResponse:
    """Call `answer` unless the caller has what `etag` stands for (RFC 9110, If-None-Match).

    An answer that names an ETag itself keeps it.
    Browsers keep the answer for `fresh` seconds without asking; shared caches never keep it.
    """
    tags = req.headers.get("If-None-Match", "").split(",")
    known = {tag.strip().removeprefix("W/") for tag in tags}
    response = None
    if etag.removeprefix("W/") not in known:
        response = answer()
    # "*" asks whether there is anything at all, and only the answer knows.
    if response is None or "*" in known:
        headers = {"ETag": response.headers.get("ETag", etag)} if response is not None else {}
        response = func.HttpResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    response.headers.setdefault("ETag", etag)  # what was read may be newer than what was found
    # Private: a shared cache would hand what a function key guards to callers without one.
    response.headers["Cache-Control"] = f"private, max-age={fresh}"
    # What an <img> has fetched lacks the CORS headers that a script of another origin needs.
    response.headers["Vary"] = "Origin"
    return response


def strong_etag(data: bytes) -> str:
    """The ETag of exactly these bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def weak_etag(*sources: str) -> str:
    """The ETag of an answer that follows from `sources`, if not to the byte."""
    digest = hashlib.sha256("\n".join(sources).encode()).hexdigest()
    return f'W/"{digest[:32]}"'
