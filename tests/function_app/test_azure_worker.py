"""The app indexed and invoked by Microsoft's own worker code, PyPI azure-functions-runtime.

Azure runs this library from Python 3.13 on.
"""

import io
import json
import uuid
from collections.abc import Iterator

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient
from PIL import Image

from function_app.openapi import PREFIX, document
from function_app.routes import app
from function_app.scene_store import SceneStore
from tests.conftest import PROJECT, forget_settings
from tests.function_app.azure_worker import Worker

pytestmark = pytest.mark.azurite


@pytest.fixture(scope="module")
def worker(azurite_connection: str, seeded_account: BlobServiceClient) -> Iterator[Worker]:
    del seeded_account
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHON_SCRIPT_FILE_NAME", "main.py")
    patch.setenv("BLOB_CONNECTION_STRING", azurite_connection)
    patch.delenv("API_AUTH_LEVEL", raising=False)
    patch.syspath_prepend(str(PROJECT))
    forget_settings()
    # An app can be indexed once; other tests may have done so in this process.
    app.functions_bindings = None
    worker = Worker(PROJECT)
    yield worker
    worker.close()
    app.functions_bindings = None
    patch.undo()
    forget_settings()


def test_every_route_its_methods_and_its_auth_level(worker: Worker) -> None:
    read = ("GET", "HEAD")
    routes = {}
    for name, function in worker.functions.items():
        trigger = next(
            b for b in map(json.loads, function.raw_bindings) if b["type"] == "httpTrigger"
        )
        methods = tuple(sorted(trigger.get("methods", ())))
        routes[name] = (trigger["route"], methods, trigger["authLevel"])
    assert routes == {
        "predict_photo": ("predict", ("POST",), "FUNCTION"),
        "categories": ("categories", read, "ANONYMOUS"),
        "models": ("models", read, "ANONYMOUS"),
        "model": ("models/{model}", read, "ANONYMOUS"),
        "scenes": ("scenes", read, "FUNCTION"),
        "scene_photo": ("scenes/{id}/photo", read, "FUNCTION"),
        "scene_thumbnail": ("scenes/{id}/thumbnail", read, "FUNCTION"),
        "scene_truth": ("scenes/{id}/truth", read, "FUNCTION"),
        "scene_prediction": ("scenes/{id}/prediction", read, "FUNCTION"),
        "scene_errors": ("scenes/{id}/errors", read, "FUNCTION"),
        "scene_evaluation": ("scenes/{id}/evaluation", read, "FUNCTION"),
        "live": ("health/live", read, "ANONYMOUS"),
        "ready": ("health/ready", read, "ANONYMOUS"),
        "openapi": ("openapi.json", read, "ANONYMOUS"),
        "docs": ("docs", read, "ANONYMOUS"),
        "unknown_path": ("{*path}", (), "ANONYMOUS"),
    }
    assert max(routes) == "unknown_path", "Azure tries routes in order of the functions' names"


def test_the_openapi_document_describes_these_routes_and_no_others(worker: Worker) -> None:
    routes = {}
    for name, function in worker.functions.items():
        trigger = next(
            b for b in map(json.loads, function.raw_bindings) if b["type"] == "httpTrigger"
        )
        methods = {method.lower() for method in trigger.get("methods", ())}
        routes[f"/{trigger['route']}"] = (name, methods, trigger["authLevel"] == "FUNCTION")
    del routes["/{*path}"]
    described = {}
    for path, item in document()["paths"].items():
        operation = next(iter(item.values()))
        asks = bool(operation["security"])
        assert asks == ("401" in operation["responses"])
        described[path] = (operation["operationId"], set(item), asks)
    assert described == routes
    host = json.loads((PROJECT / "host.json").read_text())
    assert f"/{host['extensions']['http']['routePrefix']}" == PREFIX


def test_two_megabytes_in_and_a_mask_out(worker: Worker) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (800, 900, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG")
    assert len(out.getvalue()) > 2_000_000
    status, headers, body = worker.invoke(
        "predict_photo", "POST", "http://host/api/predict", out.getvalue()
    )
    assert status == 200
    assert headers["X-Model"].startswith("lite0-fpn")
    assert Image.open(io.BytesIO(body)).size == (900, 800)


def test_two_megabytes_out_are_the_bytes_stored(
    worker: Worker, seeded_account: BlobServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other tests in this process may have had the scenes listed just now.
    monkeypatch.setattr("function_app.routes.scenes.SCENES", SceneStore())
    stored = np.random.default_rng(1).bytes(2_000_000)
    scenes = seeded_account.get_container_client("scenes")
    scenes.upload_blob("photos/large/large_one.png", stored)
    try:
        status, _, body = worker.invoke(
            "scene_photo", "GET", "http://host/api/scenes/large_one/photo", id="large_one"
        )
    finally:
        scenes.delete_blob("photos/large/large_one.png")
    assert (status, body) == (200, stored)


def test_what_no_other_route_takes(worker: Worker) -> None:
    def invoke(method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        return worker.invoke("unknown_path", method, f"http://host/api/{path}", path=path)

    for path, status, slug in (("nothing", 404, "unknown-path"), ("predict", 405, "method-not-")):
        got, _, body = invoke("PUT", path)
        assert got == status
        assert slug in json.loads(body)["type"]
    status, headers, body = invoke("OPTIONS", "predict")
    assert (status, headers["Allow"], body) == (204, "POST, OPTIONS", b"")


def test_an_exception_becomes_a_problem_that_tells_nothing(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise KeyError("AccountKey=secret")

    # The only way to an unforeseen error is to make one.
    monkeypatch.setattr("function_app.routes.about.category_table", fail)
    status, headers, body = worker.invoke("categories", "GET", "http://host/api/categories")
    assert status == 500
    assert json.loads(body)["type"] == "urn:future-vision:problem:internal-error"
    assert b"secret" not in body
    assert uuid.UUID(headers["X-Request-Id"])
