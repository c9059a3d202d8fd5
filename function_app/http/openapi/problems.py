"""Every problem the service answers with, and when."""

from typing import Any

PREFIX = "urn:future-vision:problem:"

PROBLEMS = {
    "not-a-photo": (400, "no picture, damaged or truncated"),
    "unknown-path": (404, "there is nothing at this address"),
    "unknown-scene": (404, "no such scene, or it has no true mask; the detail says which"),
    "unknown-batch": (404, "no such batch"),
    "unknown-model": (404, "no such model is published"),
    "method-not-allowed": (405, "the address knows other methods: see Allow"),
    "too-many-bytes": (413, "the body is too large; nothing was read"),
    "too-many-pixels": (413, "the photo is too large; nothing was decoded"),
    "unsupported-photo": (415, "a picture, but of another format or 32 bits a channel"),
    "invalid-parameter": (422, "a value is none of the choices, or given twice"),
    "invalid-batch": (422, "the body asks for what cannot be done; the detail says what can"),
    "missing-image": (422, "an empty body, or a multipart one without file field image"),
    "internal-error": (500, "a mistake of ours; the log knows the X-Request-Id"),
    "busy": (503, "as many photos wait as may wait"),
    "no-model": (503, "no usable model is published"),
    "storage-unavailable": (503, "storage does not answer"),
}
"""HTTP status and meaning by the last part of the type."""


def problem_responses(names: tuple[str, ...]) -> dict[str, Any]:
    """Describe these problems, and that of our mistakes, as OpenAPI responses by status."""
    responses: dict[str, Any] = {}
    for status in sorted({PROBLEMS[name][0] for name in (*names, "internal-error")}):
        here = [name for name in (*names, "internal-error") if PROBLEMS[name][0] == status]
        types = {"properties": {"type": {"enum": [PREFIX + name for name in here]}}}
        schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, types]}
        responses[str(status)] = {
            "description": "; ".join(f"`{name}`: {PROBLEMS[name][1]}" for name in here) + ".",
            "content": {"application/problem+json": {"schema": schema}},
        }
        if status == 503:
            responses["503"]["headers"] = {
                "Retry-After": {
                    "description": "Seconds after which to try again.",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 1},
                }
            }
    return responses
