"""openapi.json: true to the routes, their parameters, problems and limits."""

import json
import re
from collections.abc import Callable
from typing import Any

import azure.functions as func
import pytest
import schemathesis
from jsonschema import Draft202012Validator

from function_app.batches.request import MAX_IDS, OUTPUTS
from function_app.batches.request import MAX_TEXT as MAX_BATCH_TEXT
from function_app.http import parameters
from function_app.http.contract import contract, route_of
from function_app.http.problems import PROBLEMS, TYPE_PREFIX, Problem
from function_app.settings import Settings
from function_app.vision.categories import NAMES
from function_app.vision.file_names import MEDIA_TYPES
from function_app.vision.model_package import ModelRef, PackageError, category_table
from function_app.vision.photo import FORMATS, MAX_FULL_PIXELS
from tests.conftest import PROJECT
from tests.function_app.contract import (
    COMPONENTS,
    DOCUMENT,
    OPERATIONS,
    PREFIX,
    SCHEMAS,
    functions,
)

NOT_IN_THE_CONTRACT = {"docs_file", "unknown_path"}


def resolved(node: Any) -> Any:
    """The component that a `$ref` stands for."""
    if isinstance(node, dict) and "$ref" in node:
        _, _, kind, name = node["$ref"].split("/")
        return COMPONENTS[kind][name]
    return node


def query_parameters(operation: dict[str, Any]) -> dict[str, Any]:
    """Schemas by name."""
    described = map(resolved, operation.get("parameters", ()))
    return {p["name"]: resolved(p["schema"]) for p in described if p["in"] == "query"}


def problem_types(response: dict[str, Any]) -> list[str]:
    content = response.get("content", {}).get("application/problem+json")
    if content is None:
        return []
    types: list[str] = content["schema"]["allOf"][1]["properties"]["type"]["enum"]
    return [type.removeprefix(TYPE_PREFIX) for type in types]


def test_the_document_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


def test_the_prefix_is_that_of_the_host() -> None:
    host = json.loads((PROJECT / "host.json").read_text())
    assert f"/{host['extensions']['http']['routePrefix']}" == PREFIX


def test_every_component_is_used() -> None:
    text = contract().decode()
    for kind in ("parameters", "headers", "responses", "schemas"):
        for name in COMPONENTS[kind]:
            assert f'"#/components/{kind}/{name}"' in text, name


def test_every_route_is_there_with_its_methods_and_its_key() -> None:
    registered: dict[str, tuple[str, set[str], bool]] = {}
    for function in functions():
        trigger = function.get_trigger()
        if (
            trigger.type == "httpTrigger"
            and function.get_function_name() not in NOT_IN_THE_CONTRACT
        ):
            methods = {getattr(m, "value", m) for m in trigger.methods}
            anybody = trigger.auth_level == func.AuthLevel.ANONYMOUS
            registered[function.get_function_name()] = (f"/{trigger.route}", methods, anybody)
    described = {
        name: (
            route_of(path, DOCUMENT["paths"][path]),
            {"GET", "HEAD"} if method == "get" else {method.upper()},
            operation.get("security") == [],
        )
        for name, (path, method, operation) in OPERATIONS.items()
    }
    assert registered == described
    names = [function.get_function_name() for function in functions()]
    assert max(names) == "unknown_path", "Azure tries routes in order of the functions' names"


READERS: dict[str, Callable[[func.HttpRequest], Any]] = {
    "predict_photo": parameters.prediction_query,
    "prediction": parameters.prediction_query,
    "errors": parameters.comparison_query,
    "truth": parameters.void_query,
    "evaluation": parameters.model_query,
    "scenes": parameters.page_query,
    "list_batches": parameters.count_query,
    "batch_failures": parameters.position_query,
}


def read(name: str, query: str) -> Any:
    reader = READERS.get(name, parameters.no_query)
    return reader(func.HttpRequest("GET", f"http://h/api/x?{query}", body=b""))


def refused(name: str, query: str) -> str:
    with pytest.raises(Problem) as caught:
        read(name, query)
    assert caught.value.slug == "invalid-parameter"
    return caught.value.detail


def values(schema: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Values at the edge of what a schema admits, and values just beyond."""
    if "enum" in schema:
        return schema["enum"], ["", schema["enum"][0].upper()]
    if schema["type"] == "boolean":
        return ["true", "false"], ["", "1", "True"]
    if "pattern" in schema:
        return schema["examples"], ["", "net", "net:1.0"]
    if schema["type"] == "string":
        return ["", "x" * schema["maxLength"]], ["x" * (schema["maxLength"] + 1)]
    step = 1 if schema["type"] == "integer" else 0.01
    least, most = schema["minimum"], schema["maximum"]
    return [least, most], ["", "x", least - step, most + step]


@pytest.mark.parametrize("name", OPERATIONS)
def test_query_parameters_are_those_of_the_code(name: str) -> None:
    schemas = query_parameters(OPERATIONS[name][2])
    listed = refused(name, "qqqq=1").rpartition("expected ")[2].rstrip(".")
    assert listed == (", ".join(schemas) or "none")
    for parameter, schema in schemas.items():
        good, bad = values(schema)
        for value in good:
            read(name, f"{parameter}={value}")
        for value in bad:
            assert refused(name, f"{parameter}={value}").startswith(f"{parameter}=")
        if "default" in schema:
            default = str(schema["default"]).lower()
            assert read(name, f"{parameter}={default}") == read(name, ""), parameter


@pytest.mark.parametrize("text", ["a:1.0.0", "a-b-2:0.10.99999", "A:1.0.0", "a:1.0", "-a:1.0.0",
                                  "a:1.0.0\n", "a" * 40 + ":1.0.0", "a" * 41 + ":1.0.0",
                                  "a:100000.0.0", "a_b:1.0.0"])  # fmt: skip
def test_the_pattern_of_a_model_is_that_of_the_code(text: str) -> None:
    try:
        ModelRef.parse(text)
    except PackageError:
        valid = False
    else:
        valid = True
    assert bool(re.search(SCHEMAS["ModelRef"]["pattern"].replace("$", r"\Z"), text)) == valid


def test_the_problems_are_those_of_the_code() -> None:
    assert SCHEMAS["Problem"]["properties"]["type"]["enum"] == [TYPE_PREFIX + s for s in PROBLEMS]
    said = {"unknown-path", "method-not-allowed"}
    for _, _, operation in OPERATIONS.values():
        for status, response in operation["responses"].items():
            slugs = problem_types(resolved(response))
            assert {PROBLEMS[slug][0] for slug in slugs} <= {int(status)}
            assert all(f"`{slug}`" in resolved(response)["description"] for slug in slugs)
            said.update(slugs)
    assert said == PROBLEMS.keys()


def test_the_docs_list_the_problems_of_the_code() -> None:
    text = (PROJECT / "docs" / "api.md").read_text().partition("## Problems")[2]
    rows = re.findall(r"^\| (\d{3}) \| (.+?) \|", text, re.MULTILINE)
    assert {
        (slug, int(status)) for status, cell in rows for slug in re.findall(r"`([a-z-]+)`", cell)
    } == {(slug, status) for slug, (status, _) in PROBLEMS.items()}


def test_limits_and_names_are_those_of_the_code() -> None:
    assert SCHEMAS["Category"]["properties"]["name"]["enum"] == list(NAMES)
    assert list(SCHEMAS["Iou"]["properties"]) == list(NAMES)
    assert SCHEMAS["Category"]["examples"][0] == category_table()[-1]
    asked = SCHEMAS["BatchRequest"]["properties"]
    assert asked["ids"]["maxItems"] == MAX_IDS
    assert asked["folder"]["maxLength"] == asked["prefix"]["maxLength"] == MAX_BATCH_TEXT
    assert SCHEMAS["BatchOutputs"]["items"]["enum"] == asked["outputs"]["default"] == list(OUTPUTS)
    body = OPERATIONS["predict_photo"][2]["requestBody"]
    assert [m for m in body["content"] if m.startswith("image/")] == [
        f"image/{name.lower()}" for name in FORMATS
    ]
    for limit in (Settings().max_body_bytes, Settings().max_pixels, MAX_FULL_PIXELS):
        assert f"{limit:,}" in body["description"]
    stored = OPERATIONS["photo"][2]["responses"]["200"]["content"]
    assert set(stored) == set(MEDIA_TYPES.values())
