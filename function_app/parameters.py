"""What a caller may ask for in the query, checked before any work is done."""

import math
from dataclasses import dataclass

import azure.functions as func

from function_app.model_package import ModelRef, PackageError
from function_app.prediction import FORMATS
from function_app.problems import Problem

MAX_PAGE = 1000


@dataclass(frozen=True, slots=True)
class PredictionQuery:
    """Query of a prediction.

    Attributes:
        format: one of `prediction.FORMATS`.
        alpha: weight of the colours in an overlay, 0.0 to 1.0.
        void: whether void may win.
        model: which model; None for the active one.
    """

    format: str = "mask"
    alpha: float = 0.5
    void: bool = True
    model: ModelRef | None = None


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Query of a list of scenes: `prefix` and `after` of ids, most entries `limit`."""

    prefix: str
    after: str
    limit: int


def prediction_query(req: func.HttpRequest) -> PredictionQuery:
    """Read ?format=, ?alpha=, ?void=, ?model=; raises a 422 Problem."""
    return PredictionQuery(
        format=_choice(req, "format", FORMATS),
        alpha=_alpha(req.params.get("alpha", "0.5")),
        void=_choice(req, "void", ("true", "false")) == "true",
        model=_model(req.params.get("model")),
    )


def page_query(req: func.HttpRequest) -> PageQuery:
    """Read ?prefix=, ?after=, ?limit=; raises a 422 Problem."""
    limit = req.params.get("limit", "100")
    if not (
        limit.isascii()
        and limit.isdigit()
        and len(limit) <= len(str(MAX_PAGE))
        and 1 <= int(limit) <= MAX_PAGE
    ):
        raise _invalid("limit", limit, f"a whole number from 1 to {MAX_PAGE}")
    return PageQuery(req.params.get("prefix", ""), req.params.get("after", ""), int(limit))


def _choice(req: func.HttpRequest, name: str, choices: tuple[str, ...]) -> str:
    value: str = req.params.get(name, choices[0])
    if value not in choices:
        raise _invalid(name, value, f"one of {', '.join(choices)}")
    return value


def _alpha(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise _invalid("alpha", text, "a number from 0 to 1")
    return value


def _model(text: str | None) -> ModelRef | None:
    if text is None:
        return None
    try:
        return ModelRef.parse(text)
    except PackageError as error:
        raise _invalid("model", text, "like name:1.0.0") from error


def _invalid(name: str, value: str, expected: str) -> Problem:
    return Problem(422, "invalid-parameter", f"{name}={value[:80]!r}: expected {expected}.")
