"""The photo in the body of a request, as it is or as a multipart upload."""

import io

import azure.functions as func
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from function_app.http.problems import Problem
from function_app.settings import settings

FIELD = "image"
MAX_PARTS = 16
"""Parts of a multipart body: a photo and a few fields that a form may add; each costs work."""

MAX_TEXT_BYTES = 100_000
"""Bytes of a multipart text field."""


def limited_body(req: func.HttpRequest) -> bytes:
    """Return the body.

    Raises:
        Problem: 413 too many bytes, seen in Content-Length before the body is touched.
    """
    limit = settings().max_body_bytes
    declared = req.headers.get("Content-Length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > limit:
        raise _too_many(limit)
    body: bytes = req.get_body()
    if len(body) > limit:
        raise _too_many(limit)
    return body


def photo_bytes(req: func.HttpRequest) -> bytes:
    """Return the photo's bytes.

    Raises:
        Problem: 413 too many bytes or too many parts; 422 no bytes, or no file field "image".
    """
    body = limited_body(req)
    mimetype, options = parse_options_header(req.headers.get("Content-Type"))
    if mimetype == "multipart/form-data":
        body = _uploaded(body, mimetype, options)
    if not body:
        raise Problem("missing-image", "The body is empty: send the photo's bytes in it.")
    return body


def _too_many(limit: int) -> Problem:
    return Problem("too-many-bytes", f"At most {limit:,} bytes are accepted.")


def _uploaded(body: bytes, mimetype: str, options: dict[str, str]) -> bytes:
    # The request's own `files` sets no limits, and writes uploads to disk.
    parser = FormDataParser(
        lambda *_, **__: io.BytesIO(), max_form_parts=MAX_PARTS, max_form_memory_size=MAX_TEXT_BYTES
    )
    try:
        _, _, files = parser.parse(io.BytesIO(body), mimetype, len(body), options)
    except RequestEntityTooLarge as error:
        detail = f"A multipart body may have {MAX_PARTS} parts, text of {MAX_TEXT_BYTES:,} bytes."
        raise Problem("too-many-bytes", detail) from error
    if FIELD not in files:
        raise Problem("missing-image", f"The multipart body has no file field '{FIELD}'.")
    photo: bytes = files[FIELD].read()
    return photo
