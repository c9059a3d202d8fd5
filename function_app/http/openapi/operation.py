"""What is told of an operation."""

from dataclasses import dataclass
from typing import Any

from function_app.http.openapi.schemas import ref


def json_of(schema: str) -> dict[str, Any]:
    """The content of an answer that is JSON of a schema."""
    return {"application/json": {"schema": ref(schema)}}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        id: name of the function that answers, with which it is registered.
        path: below the prefix.
        tag: heading under which it is listed.
        summary: one line.
        description: the rest.
        answer: what a good answer holds.
        content: its media types, as OpenAPI has them.
        query: names of the query parameters, in PARAMETERS.
        problems: names of the problems, beside internal-error.
        key: whether it asks for a function key where keys are asked for.
        conditional: whether it has an ETag and knows 304.
        timed: whether it says X-Model and Server-Timing.
        method: lower case; HEAD comes with "get".
        status: of the answer, where it is not 200.
        body: "photo" or "batch": what is sent; "" for nothing.
    """

    id: str
    path: str
    tag: str
    summary: str
    description: str
    answer: str
    content: dict[str, Any]
    query: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    key: bool = False
    conditional: bool = True
    timed: bool = False
    method: str = "get"
    status: int = 200
    body: str = ""
