"""The decorator around every route: errors as application/problem+json (RFC 9457), one log line."""

import functools
import json
from collections.abc import Callable

import azure.functions as func

from function_app.batches.batch_store import UnknownBatch
from function_app.batches.request import InvalidBatch
from function_app.observability import access_line, log_failure, note, note_response
from function_app.settings import settings
from function_app.storage.blobs import BlobTooLarge
from function_app.storage.concurrency import Busy, storage_time
from function_app.storage.errors import StorageError
from function_app.storage.published_models import NoModel, UnknownModel, UnusableModel
from function_app.storage.scene_store import AmbiguousScene, UnknownScene
from function_app.vision import photo
from function_app.vision.labels import LabelError

EXPOSED_HEADERS = (
    "ETag, Location, Retry-After, Server-Timing, X-Model, X-Model-Refused, X-Request-Id"
)
"""What scripts of other origins may read, where the host admits these origins (Fetch standard)."""

TYPE_PREFIX = "urn:future-vision:problem:"

PROBLEMS = {
    "not-a-photo": (400, "Not a photo"),
    "unknown-path": (404, "No such route"),
    "unknown-scene": (404, "No such photo or true mask"),
    "unknown-batch": (404, "No such batch"),
    "unknown-model": (404, "No such model"),
    "method-not-allowed": (405, "Method not allowed"),
    "ambiguous-scene": (409, "Two photos of one id"),
    "unusable-model": (409, "Model cannot be loaded"),
    "length-required": (411, "Content-Length required"),
    "too-many-bytes": (413, "Body too large"),
    "too-many-pixels": (413, "Photo too large"),
    "unsupported-photo": (415, "Format not supported"),
    "invalid-parameter": (422, "Invalid query parameter"),
    "invalid-batch": (422, "Invalid batch request"),
    "missing-image": (422, "No photo in the body"),
    "internal-error": (500, "Internal error"),
    "busy": (503, "Too many photos are waiting"),
    "no-model": (503, "No usable model"),
    "storage-unavailable": (503, "Storage does not answer"),
}
"""HTTP status and title of every problem type, by the last part of the type."""

EXCEPTIONS: tuple[tuple[type[Exception], str], ...] = (
    (photo.TooManyPixels, "too-many-pixels"),
    (photo.UnsupportedPhoto, "unsupported-photo"),
    (photo.NotAPhoto, "not-a-photo"),
    (UnknownScene, "unknown-scene"),
    (LabelError, "unknown-scene"),
    (AmbiguousScene, "ambiguous-scene"),
    (BlobTooLarge, "too-many-bytes"),
    (UnknownModel, "unknown-model"),
    (UnusableModel, "unusable-model"),
    (UnknownBatch, "unknown-batch"),
    (InvalidBatch, "invalid-batch"),
)
"""Exceptions whose message may be shown to the caller, with the problem type they become."""

Route = Callable[[func.HttpRequest], func.HttpResponse]


class Problem(Exception):
    """An error answer, as a problem document (RFC 9457).

    Args:
        slug: last part of the problem type, a key of PROBLEMS.
        detail: what is wrong with this request, and what would be right.
        headers: further headers of the answer.
    """

    def __init__(self, slug: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.slug, self.detail = slug, detail
        self.status, self.title = PROBLEMS[slug]
        self.headers = headers or {}

    def response(self) -> func.HttpResponse:
        """Render as application/problem+json."""
        document = {
            "type": f"{TYPE_PREFIX}{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        return func.HttpResponse(
            json.dumps(document),
            status_code=self.status,
            headers=self.headers,
            mimetype="application/problem+json",
        )


def answers_problems(route: Route) -> Route:
    """Wrap a route: errors become problems, answers carry X-Request-Id, the log gets one line.

    All that a request asks of storage shares `storage_seconds`.
    """

    @functools.wraps(route)
    def wrapped(req: func.HttpRequest) -> func.HttpResponse:
        with access_line(req, route.__name__) as request_id:
            try:
                with storage_time(settings().storage_seconds):
                    response = route(req)
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
    """Translate exceptions of the floors below; what is unexpected becomes `internal-error`."""
    if isinstance(error, Problem):
        return error
    for kind, slug in EXCEPTIONS:
        if isinstance(error, kind):
            return Problem(slug, str(error))
    if isinstance(error, Busy):
        detail = "The queue of photos is full; try again later."
        return Problem("busy", detail, {"Retry-After": str(error.retry_after)})
    if isinstance(error, NoModel):
        return Problem("no-model", f"No model can serve: {error}.", {"Retry-After": "30"})
    if isinstance(error, StorageError):
        detail = "Storage does not answer right now; try again later."
        return Problem("storage-unavailable", detail, {"Retry-After": "10"})
    return Problem("internal-error", "Something went wrong; the log has the details.")
