"""What a caller may ask for in the query, checked before any work is done."""

import math
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import parse_qsl

import azure.functions as func

from function_app.http.problems import Problem
from function_app.storage.scene_store import CONTROL
from function_app.vision.model_package import ModelRef, PackageError
from function_app.vision.prediction import FORMATS, MASK_ENCODINGS

DEFAULT_PAGE, MAX_PAGE = 100, 1000
"""Scenes in a page of the list."""

DEFAULT_BATCHES, MAX_BATCHES = 20, 100
"""Batches in the list of the latest."""

MAX_POSITION = 99_999
"""Pages of a plan, of which each failure belongs to one."""

MAX_TEXT = 1024
"""Characters of a prefix: what Blob Storage allows in a name."""

MAX_MARKER = 4096
"""Characters of a page's marker: Azure's hold the name of a blob in base64."""

DEFAULT_ALPHA = "0.5"
FLAG = ("true", "false")

FUNCTION_KEY = "code"
"""The query parameter of Azure's host, in any case: a function key, which routes leave alone."""


@dataclass(frozen=True, slots=True)
class PredictionQuery:
    """Query of a prediction.

    Attributes:
        format: one of `prediction.FORMATS`.
        alpha: weight of the colours in an overlay, 0.0 to 1.0.
        mask: one of `prediction.MASK_ENCODINGS`: how JSON carries the mask.
        void: whether void may win.
        model: which model; None for the active one.
    """

    format: str
    alpha: float
    mask: str
    void: bool
    model: ModelRef | None


@dataclass(frozen=True, slots=True)
class ComparisonQuery:
    """Query of a prediction beside the truth: whether void may win, and which model."""

    void: bool
    model: ModelRef | None


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Query of a list of scenes.

    Attributes:
        prefix: of the ids.
        after: `next` of the page before, "" for the first page.
        limit: most scenes of the page.
    """

    prefix: str
    after: str
    limit: int


def prediction_query(req: func.HttpRequest) -> PredictionQuery:
    """Read ?format=, ?alpha=, ?mask=, ?void=, ?model=; raises a 422 Problem."""
    values = _values(req, "format", "alpha", "mask", "void", "model")
    return PredictionQuery(
        format=_choice(values, "format", FORMATS),
        alpha=_alpha(values.get("alpha", DEFAULT_ALPHA)),
        mask=_choice(values, "mask", MASK_ENCODINGS),
        void=_choice(values, "void", FLAG) == "true",
        model=_model(values.get("model")),
    )


def comparison_query(req: func.HttpRequest) -> ComparisonQuery:
    """Read ?void=, ?model=; raises a 422 Problem."""
    values = _values(req, "void", "model")
    return ComparisonQuery(_choice(values, "void", FLAG) == "true", _model(values.get("model")))


def void_query(req: func.HttpRequest) -> bool:
    """Read ?void= of a true mask; raises a 422 Problem."""
    return _choice(_values(req, "void"), "void", FLAG) == "true"


def model_query(req: func.HttpRequest) -> ModelRef | None:
    """Read ?model=, None for the active one; raises a 422 Problem."""
    return _model(_values(req, "model").get("model"))


def page_query(req: func.HttpRequest) -> PageQuery:
    """Read ?prefix=, ?after=, ?limit=; raises a 422 Problem."""
    values = _values(req, "prefix", "after", "limit")
    limit = _number(values, "limit", DEFAULT_PAGE, 1, MAX_PAGE)
    for name, most in (("prefix", MAX_TEXT), ("after", MAX_MARKER)):
        if len(values.get(name, "")) > most or CONTROL.search(values.get(name, "")):
            raise invalid(name, values[name], f"at most {most} characters, none of control")
    return PageQuery(values.get("prefix", ""), values.get("after", ""), limit)


def count_query(req: func.HttpRequest) -> int:
    """Read ?limit= of a list of batches; raises a 422 Problem."""
    return _number(_values(req, "limit"), "limit", DEFAULT_BATCHES, 1, MAX_BATCHES)


def position_query(req: func.HttpRequest) -> int:
    """Read ?after= of a batch's failures, what an earlier answer said; raises a 422 Problem."""
    return _number(_values(req, "after"), "after", 0, 0, MAX_POSITION)


def no_query(req: func.HttpRequest) -> None:
    """Raise a 422 Problem if the query has any parameter."""
    _values(req)


def _values(req: func.HttpRequest, *known: str) -> dict[str, str]:
    """Return the query's values by name, of which only `known` ones may be there."""
    # Read from the address: Azure's host hands over repeated keys as one value with commas in it.
    values: dict[str, str] = {}
    for name, value in parse_qsl(req.url.partition("?")[2], keep_blank_values=True):
        if name.lower() == FUNCTION_KEY:
            continue
        if name not in known:
            raise Problem("invalid-parameter", _unknown(name, known))
        if name in values:
            raise Problem("invalid-parameter", f"{name} is given more than once: give it once.")
        values[name] = value
    return values


def _unknown(name: str, known: tuple[str, ...]) -> str:
    said = f"There is no query parameter {_cut(name)}"
    nearest = get_close_matches(name[:80].lower(), known, 1)
    if nearest:
        return f"{said}: did you mean {nearest[0]}?"
    return f"{said}: expected {', '.join(known)}." if known else f"{said}: expected none."


def _number(values: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    text = values.get(name, str(default))
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not (digits and least <= int(text) <= most):
        raise invalid(name, text, f"a whole number from {least} to {most}")
    return int(text)


def _choice(values: dict[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = values.get(name, choices[0])
    if value not in choices:
        raise invalid(name, value, f"one of {', '.join(choices)}")
    return value


def _alpha(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise invalid("alpha", text, "a number from 0 to 1")
    return value


def _model(text: str | None) -> ModelRef | None:
    if text is None:
        return None
    try:
        return ModelRef.parse(text)
    except PackageError as error:
        raise invalid("model", text, "like name:1.0.0") from error


def invalid(name: str, value: str, expected: str) -> Problem:
    """Return the problem that a parameter's value is not what is expected."""
    return Problem("invalid-parameter", f"{name}={_cut(value)}: expected {expected}.")


def _cut(text: str) -> str:
    return f"{text[:80]!r}" + (" (cut)" if len(text) > 80 else "")
