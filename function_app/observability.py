"""One line of JSON in the log for every request; docs/observability.md explains its fields."""

import json
import logging
import re
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from time import perf_counter
from typing import Any
from uuid import uuid4

import azure.functions as func

MAX_TEXT = 64
"""Characters that are kept of what a caller chose: a scene's id, a method."""

SECRETS = re.compile(
    r"""(\b(?:AccountKey|SharedAccessSignature|SharedAccessKey|client_secret|password|sig
         |x-functions-key)["']?\s*(?:=|:|%3D)\s*["']?   # connection strings, SAS, headers
       |[?&]code=                                       # a function key in an address
       |\b(?:SharedKey|Bearer)\s+)                      # an Authorization header
       [^\s;&"',]+""",
    re.IGNORECASE | re.VERBOSE,
)

log = logging.getLogger("function_app.access")
log.setLevel(logging.INFO)
# The SDK logs two records for every call to storage at INFO, its headers among them.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)

_line: ContextVar[dict[str, Any] | None] = ContextVar("line", default=None)
_seen: set[str] = set()
_seen_lock = threading.Lock()


def note(**fields: Any) -> None:
    """Add fields to the log line of the request being answered; outside of one, do nothing.

    Values are what JSON knows: str, int, float, bool, None, and lists and dicts of them. Never a
    header, a query string, a key, or a connection string.
    """
    line = _line.get()
    if line is not None:
        line.update(fields)


@contextmanager
def access_line(req: func.HttpRequest, function: str) -> Iterator[str]:
    """Log the request that is answered in this block; gives the request's new id.

    The answer must be passed to `note_response` before the block ends.
    """
    request_id = str(uuid4())
    line = {"request_id": request_id, "function": function, "cold": _is_first("process")}
    token = _line.set(line)
    started = perf_counter()
    try:
        yield request_id
    finally:
        _line.reset(token)
        # Whatever goes wrong with the log, the caller gets the answer.
        with suppress(Exception):
            _write(line, req, (perf_counter() - started) * 1000)


def note_response(response: func.HttpResponse) -> None:
    """Note the status and the size of the answer."""
    note(status=response.status_code, bytes_out=len(response.get_body() or b""))


def log_failure(request_id: str, error: BaseException) -> None:
    """Log why a request failed, with the stack and without secrets."""
    with suppress(Exception):
        stack = "".join(traceback.format_exception(error))
        log.error("request %s failed\n%s", request_id, scrub(stack))


def scrub(text: str) -> str:
    """Blot out the values of keys, signatures and passwords."""
    return SECRETS.sub(r"\1***", text)


def _write(line: dict[str, Any], req: func.HttpRequest, milliseconds: float) -> None:
    scene = None if "batch" in line else req.route_params.get("id")
    line.update(
        method=req.method[:MAX_TEXT],
        bytes_in=len(req.get_body()),
        total_ms=round(milliseconds, 2),
        **({"scene": scene[:MAX_TEXT]} if scene else {}),
    )
    if "model" in line:
        line["cold_model"] = _is_first(f"model {line['model']}")
    log.info(json.dumps(line, default=str))


def _is_first(what: str) -> bool:
    with _seen_lock:
        first = what not in _seen
        _seen.add(what)
    return first
