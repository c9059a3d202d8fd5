"""What the service answers, whatever it is asked: exactly what openapi.json describes."""

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from PIL import Image

from tests.conftest import PROJECT
from tests.function_app.client import SCENE, Client, encoded
from tests.function_app.contract import DOCUMENT, OPERATIONS, PREFIX, SCHEMAS


def strict(schema: Any) -> Any:
    """The schema, forbidding what it does not name: clients may get more, tests not."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    if "required" in schema:
        closed["additionalProperties"] = False
    return closed


def validate(name: str, answer: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": strict(SCHEMAS)}}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        answer
    )


def test_examples_are_as_described() -> None:
    for name, schema in SCHEMAS.items():
        for example in schema.get("examples", ()):
            validate(name, example)


def test_the_file_is_served_as_it_is(call: Client) -> None:
    assert call("openapi.json").body == (PROJECT / "function_app/http/openapi.json").read_bytes()


def test_answers_are_exactly_as_described(call: Client, photo: bytes) -> None:
    models = call("models").json
    for name, path in {
        "Categories": "categories", "Models": "models",
        "ModelDetails": f"models/{models['active']}",
        "Scenes": "scenes", "Live": "health/live", "Ready": "health/ready",
        "Evaluation": f"evaluations/{SCENE}",
        "Prediction": f"predictions/{SCENE}?format=json",
    }.items():  # fmt: skip
        validate(name, call(path).json)
    for mask in ("png", "rle"):
        validate("Prediction", call(f"predict?format=json&mask={mask}", photo).json)
    validate("Problem", call("nothing").json)
    begun = call("batches", b'{"folder": "val"}').json
    validate("Batch", begun)
    validate("Batches", call("batches").json)
    validate("Failures", call(f"batches/{begun['id']}/failures").json)


TINY = [encoded(Image.new("RGB", (16, 8), "skyblue"), format) for format in ("PNG", "JPEG", "BMP")]
BODIES = st.one_of(st.sampled_from(TINY), st.binary(max_size=64))

for media_type in OPERATIONS["predict_photo"][2]["requestBody"]["content"]:
    if media_type != "multipart/form-data":
        schemathesis.openapi.media_type(media_type, BODIES)

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)


@SCHEMA.parametrize()
@settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "5")), deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_nothing_undescribed_is_answered(case: schemathesis.Case, service_url: str) -> None:
    """No undescribed status, header, media type or schema, no 5xx, and 405 for other methods."""
    positive = case.meta and case.meta.generation.mode.is_positive
    if positive and "id" in case.path_parameters and "/batches/" not in case.path:
        case.path_parameters["id"] = SCENE
    case.call_and_validate(
        base_url=f"{service_url}{PREFIX}",
        excluded_checks=[
            # The local host asks for no keys.
            schemathesis.checks.ignored_auth,
            # A body that is no photo is as valid by the schema as one that is.
            schemathesis.checks.positive_data_acceptance,
        ],
    )


@pytest.mark.parametrize("name", [n for n, (_, method, _) in OPERATIONS.items() if method == "get"])
def test_head_is_get_without_the_body(call: Client, name: str) -> None:
    path = OPERATIONS[name][0]
    id = call("batches", b"{}").json["id"] if path.startswith("/batches/") else SCENE
    path = path[1:].format(id=id, model=call("models").json["active"])
    get, head = call(path), call(path, method="HEAD")
    assert (head.status, head.body) == (get.status, b"") == (200, b"")
    assert head.headers.keys() == get.headers.keys()
    for header in ("Content-Type", "ETag", "X-Model", "Cache-Control"):
        assert head.headers.get(header) == get.headers.get(header)
