"""The decorator around every route: errors as application/problem+json (RFC 9457), one log line."""

import functools
import json
from collections.abc import Callable
from typing import Any

import azure.functions as func

from function_app.batches.records import UnknownBatch
from function_app.batches.request import InvalidBatch
from function_app.http.workers import Busy
from function_app.observability import access_line, log_failure, note, note_response
from function_app.settings import settings
from function_app.storage.deadline import StorageError, storage_time
from function_app.storage.model_store import NoModel
from function_app.storage.scene_store import UnknownScene
from function_app.vision import photo
from function_app.vision.labels import LabelError

EXPOSED_HEADERS = "ETag, Location, Retry-After, Server-Timing, X-Model, X-Request-Id"
"""What scripts of other origins may read, where the host admits these origins (Fetch standard)."""

SPOKEN: tuple[tuple[type[Exception], int, str], ...] = (
    (photo.TooManyPixels, 413, "too-many-pixels"),
    (photo.UnsupportedPhoto, 415, "unsupported-photo"),
    (photo.NotAPhoto, 400, "not-a-photo"),
    (UnknownScene, 404, "unknown-scene"),
    (LabelError, 404, "unknown-scene"),
    (UnknownBatch, 404, "unknown-batch"),
    (InvalidBatch, 422, "invalid-batch"),
)
"""Exceptions whose message is fit for the caller, with their status and problem type."""

Route = Callable[..., func.HttpResponse]
"""Takes the request, and its output bindings by name."""


class Problem(Exception):
    """An answer other than the one asked for.

    Args:
        status: HTTP status.
        slug: last part of the stable problem type `urn:future-vision:problem:{slug}`.
        detail: what is wrong with this request and what would be right.
        retry_after: seconds after which trying again makes sense.
    """

    def __init__(self, status: int, slug: str, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail
        self.retry_after = retry_after

    def response(self) -> func.HttpResponse:
        """Render as problem+json."""
        document = {
            "type": f"urn:future-vision:problem:{self.slug}",
            "title": self.slug.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
        }
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else {}
        return func.HttpResponse(
            json.dumps(document),
            status_code=self.status,
            headers=headers,
            mimetype="application/problem+json",
        )


def answers_problems(route: Route) -> Route:
    """Wrap a route: errors become problems, answers carry X-Request-Id, the log gets one line.

    All that a request asks of storage shares `storage_seconds`.
    """

    @functools.wraps(route)
    def wrapped(req: func.HttpRequest, **outputs: Any) -> func.HttpResponse:
        with access_line(req, route.__name__) as request_id:
            try:
                with storage_time(settings().storage_seconds):
                    response = route(req, **outputs)
            except Exception as error:  # noqa: BLE001 - nothing internal may leave
                problem = as_problem(error)
                note(problem=problem.slug)
                if problem.status >= 500 and not isinstance(error, Busy):
                    log_failure(request_id, error)
                response = problem.response()
            response.headers["X-Request-Id"] = request_id
            response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
            note_response(response)
        return response

    return wrapped


def as_problem(error: Exception) -> Problem:
    """Translate the core's exceptions; anything unexpected is an internal-error without detail."""
    if isinstance(error, Problem):
        return error
    for kind, status, slug in SPOKEN:
        if isinstance(error, kind):
            return Problem(status, slug, str(error))
    if isinstance(error, Busy):
        detail = "As many photos as may wait are waiting already; try again later."
        return Problem(503, "busy", detail, error.retry_after)
    if isinstance(error, NoModel):
        return Problem(503, "no-model", "No usable model is published yet.", 30)
    if isinstance(error, StorageError):
        return Problem(503, "storage-unavailable", "Storage does not answer right now.", 10)
    return Problem(500, "internal-error", "Something went wrong here; the log knows more.")
