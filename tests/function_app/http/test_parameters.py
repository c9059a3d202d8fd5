"""Queries: what is taken, and what is refused with a word on what would be right."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import azure.functions as func
import pytest

from function_app.http.parameters import (
    PageQuery,
    PredictionQuery,
    comparison_query,
    page_query,
    prediction_query,
)
from function_app.http.problems import Problem
from function_app.vision.model_package import ModelRef

READERS = {"prediction": prediction_query, "comparison": comparison_query, "page": page_query}


def read(reader: Callable[[func.HttpRequest], Any], query: str) -> Any:
    return reader(func.HttpRequest("GET", f"http://h/api/x?{query}", body=b""))


def test_defaults() -> None:
    assert read(prediction_query, "") == PredictionQuery("mask", 0.5, "png", True, None)
    assert read(page_query, "code=key&CODE=key") == PageQuery("", "", 100)


def test_values() -> None:
    query = "format=json&alpha=0.25&mask=rle&void=false&model=net:1.2.3"
    expected = PredictionQuery("json", 0.25, "rle", False, ModelRef("net", "1.2.3"))
    assert read(prediction_query, query) == expected
    assert read(page_query, "prefix=a%20b&after=%C3%BC&limit=7") == PageQuery("a b", "ü", 7)


REFUSED = [
    ("prediction", "alpha", "nan"), ("prediction", "model", "../x:1.0.0"),
    ("comparison", "model", "a\r\nb:1.0.0"), ("prediction", "format", "x" * 10**5),
    ("page", "limit", "²"), ("page", "limit", "0000001009999"), ("page", "prefix", "a\0"),
    ("page", "after", "\n"),
]  # fmt: skip
"""Besides what tests.function_app.http.test_contract sends: values just beyond the contract's."""


@pytest.mark.parametrize(("reader", "name", "value"), REFUSED)
def test_what_is_refused_is_named_and_cut(reader: str, name: str, value: str) -> None:
    with pytest.raises(Problem) as caught:
        read(READERS[reader], f"{name}={quote(value)}")
    assert (caught.value.status, caught.value.slug) == (422, "invalid-parameter")
    assert caught.value.detail.startswith(f"{name}=")
    assert len(caught.value.detail) < 300
    assert caught.value.detail.isprintable()


@pytest.mark.parametrize("reader", READERS)
def test_a_repeated_key_is_named(reader: str) -> None:
    name = {"prediction": "format", "comparison": "void", "page": "after"}[reader]
    with pytest.raises(Problem, match=f"{name} is given more than once"):
        read(READERS[reader], f"{name}=true&code=x&{name}=true")


@pytest.mark.parametrize(
    ("reader", "key", "said"),
    [
        ("prediction", "fromat", "'fromat': did you mean format?"),
        ("prediction", "Format", "'Format': did you mean format?"),
        ("prediction", "modell", "'modell': did you mean model?"),
        ("comparison", "format", "'format': expected void, model."),
        ("page", "offset", "'offset': expected prefix, after, limit."),
        ("page", "x" * 5000, f"'{'x' * 80}' (cut): expected prefix, after, limit."),
        ("page", "", "'': expected prefix, after, limit."),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(
    reader: str, key: str, said: str
) -> None:
    with pytest.raises(Problem) as caught:
        read(READERS[reader], f"code=secret&{key}=secret")
    assert caught.value.slug == "invalid-parameter"
    assert caught.value.detail == f"There is no query parameter {said}"
