"""The HTTP contract as an OpenAPI 3.1 document, built from what the code itself goes by.

Spec: https://spec.openapis.org/oas/v3.1.1.html. Tests hold it against the routes and their answers.
"""

import re
from typing import Any

from function_app.http.openapi.examples import samples
from function_app.http.openapi.operation import Operation
from function_app.http.openapi.operations import OPERATIONS, parameters
from function_app.http.openapi.problems import problem_responses
from function_app.http.openapi.schemas import ref, schemas
from function_app.settings import settings
from function_app.vision.photo import FORMATS as PHOTO_FORMATS
from function_app.vision.photo import MAX_FULL_PIXELS

PREFIX = "/api"
"""host.json's routePrefix."""

INTRODUCTION = """\
Street photo in, mask of 8 categories out. Errors are problem documents (RFC 9457) with a stable
`type`; an address that is none gives 404 `unknown-path`, a wrong method 405 `method-not-allowed`
with `Allow`. Every answer carries `X-Request-Id`: quote it when something is wrong. Where GET is,
HEAD gives the same headers, for the same work. Give each query parameter at most once. The host in
front of this service answers 401 without a function key, and CORS preflights."""

X_MODEL = {"X-Model": ("The model that answered, as name:version.", {"type": "string"})}
SERVER_TIMING = {"Server-Timing": ("Milliseconds of each stage (W3C).", {"type": "string"})}
LOCATION = {"Location": ("The address of the batch.", {"type": "string"})}
ETAG = {"ETag": ("Send it back in If-None-Match.", {"type": "string"})}


def document() -> dict[str, Any]:
    """Return the OpenAPI document of this service as it is set up."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        item = paths.setdefault(operation.path, {})
        item[operation.method] = _operation(operation)
        if operation.method == "get":
            item["head"] = _head(item["get"])
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Future Vision Segmentation",
            "version": "1.0.0",
            "summary": "Street photo in, mask of 8 categories out.",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {"schemas": schemas(), "securitySchemes": _security_schemes()},
    }


def methods_of(path: str) -> tuple[str, ...]:
    """Return the methods, upper-case, that a path below the prefix is there for; () if none."""
    path = path.rstrip("/")
    methods = [o.method.upper() for o in OPERATIONS if _pattern(o.path).fullmatch(path)]
    return (*methods, "HEAD") if "GET" in methods else tuple(methods)


def _pattern(template: str) -> re.Pattern[str]:
    # Azure's host ignores case and a slash at the end, too.
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), re.IGNORECASE)


def _operation(operation: Operation) -> dict[str, Any]:
    protected = operation.key and settings().api_auth_level == "function"
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": parameters(operation),
        "responses": _responses(operation, protected),
        "security": [{"header": []}, {"query": []}] if protected else [],
    }
    if operation.body:
        described["requestBody"] = _photo_body() if operation.body == "photo" else _batch_body()
    if code := samples(operation.id, protected):
        described["x-codeSamples"] = code
    return described


def _head(get: dict[str, Any]) -> dict[str, Any]:
    responses = {
        status: {key: value for key, value in response.items() if key != "content"}
        for status, response in get["responses"].items()
    }
    head = {key: value for key, value in get.items() if key != "x-codeSamples"}
    return head | {
        "operationId": f"{get['operationId']}_head",
        "summary": "The headers alone",
        "description": "As GET, without the body.",
        "responses": responses,
    }


def _responses(operation: Operation, protected: bool) -> dict[str, Any]:
    headers = dict(X_MODEL | SERVER_TIMING) if operation.timed else {}
    if operation.conditional:
        headers |= ETAG
    if operation.status == 202:
        headers |= LOCATION
    responses: dict[str, Any] = {
        str(operation.status): {
            "description": operation.answer,
            "headers": _headers(headers),
            "content": operation.content,
        }
    }
    if operation.conditional:
        text = "Nothing has changed since the ETag in If-None-Match."
        responses["304"] = {"description": text, "headers": _headers(ETAG)}
    if protected:
        responses["401"] = {"description": "The host's answer where the function key is missing."}
    return responses | problem_responses(operation.problems)


def _headers(headers: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    every = {"X-Request-Id": ("Names this request.", {"type": "string", "format": "uuid"})}
    return {
        name: {"description": text, "required": True, "schema": schema}
        for name, (text, schema) in (headers | every).items()
    }


def _photo_body() -> dict[str, Any]:
    form = {
        "type": "object",
        "required": ["image"],
        "properties": {"image": {"type": "string", "contentMediaType": "application/octet-stream"}},
    }
    full = min(settings().max_pixels, MAX_FULL_PIXELS)
    raw: dict[str, Any] = {f"image/{name.lower()}": {} for name in PHOTO_FORMATS}
    return {
        "required": True,
        "description": (
            f"The photo's bytes ({', '.join(PHOTO_FORMATS)}; the Content-Type does not matter), or "
            f"multipart with a file field `image`. At most {settings().max_body_bytes:,} bytes and "
            f"{full:,} pixels; a JPEG of which no overlay is asked for may have "
            f"{settings().max_pixels:,}."
        ),
        "content": {
            "application/octet-stream": {},
            **raw,
            "multipart/form-data": {"schema": form},
        },
    }


def _batch_body() -> dict[str, Any]:
    return {
        "description": (
            "Which photos and what to make of them, see schema BatchRequest: by `folder` and "
            "`prefix`, or by `ids`; `{}` asks for all. The Content-Type does not matter."
        ),
        "required": True,
        "content": {"application/json": {"schema": ref("BatchRequest")}},
    }


def _security_schemes() -> dict[str, Any]:
    text = "A function key of the app."
    return {
        "header": {
            "type": "apiKey", "in": "header", "name": "x-functions-key", "description": text,
        },
        "query": {"type": "apiKey", "in": "query", "name": "code", "description": text},
    }  # fmt: skip
