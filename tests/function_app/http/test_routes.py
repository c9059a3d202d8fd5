"""Predictions over the wire: local host, Azurite, bundled model, synthetic scenes."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from function_app.http.parameters import PredictionQuery
from function_app.vision.categories import CATEGORIES
from function_app.vision.prediction import predict, render
from tests.function_app.client import SCENE, Client, check_problem, encoded
from training.evaluator import load_package


def test_mask_is_a_palette_png_of_the_photos_own_size(call: Client, photo: bytes) -> None:
    reply = call("predict", photo)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "image/png"
    assert reply.headers["X-Model"].startswith("lite0-fpn")
    assert "decode;dur=" in reply.headers["Server-Timing"]
    image = reply.image
    assert (image.mode, image.size) == ("P", (1024, 512))
    assert reply.body[24] == 8, "bit depth in IHDR"
    assert image.getpalette()[:24] == [channel for c in CATEGORIES for channel in c.color]
    assert set(np.unique(np.asarray(image))) <= set(range(8))


QUERIES = {
    "mask": PredictionQuery("mask", 0.5, "png", True, None),
    "without void": PredictionQuery("mask", 0.5, "png", False, None),
    "color": PredictionQuery("color", 0.5, "png", True, None),
    "overlay": PredictionQuery("overlay", 0.3, "png", True, None),
    "confidence": PredictionQuery("confidence", 0.5, "png", True, None),
    "json": PredictionQuery("json", 0.5, "rle", True, None),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_what_is_asked_for_is_what_is_computed_in_process(
    call: Client, photo: bytes, package: Path, query: PredictionQuery
) -> None:
    void, confidence = query.void, query.format == "confidence"
    segmenter = load_package(package)
    prediction = predict(photo, segmenter, max_pixels=10**7, void=void, confidence=confidence)
    expected, media_type = render(prediction, query.format, query.alpha, query.mask)
    reply = call(
        f"predict?format={query.format}&alpha={query.alpha}&mask={query.mask}&void={void}".lower(),
        photo,
    )
    assert reply.headers["Content-Type"].startswith(media_type)
    if query.format == "json":
        stated, answer = json.loads(expected), reply.json
        assert answer.pop("timings_ms").keys() == stated.pop("timings_ms").keys()
        assert answer == stated
    else:
        assert reply.body == expected


def test_multipart_field_image(call: Client, photo: bytes) -> None:
    body = (
        b'--sep\r\nContent-Disposition: form-data; name="image"; filename="s.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + photo + b"\r\n--sep--\r\n"
    )
    reply = call("predict", body, Content_Type="multipart/form-data; boundary=sep")
    assert reply.body == call("predict", photo).body


def test_model_can_be_named(call: Client, photo: bytes) -> None:
    active = call("models").json["active"]
    assert call(f"predict?model={active}", photo).headers["X-Model"] == active
    check_problem(call("predict?model=lite0-fpn:99.0.0", photo), 404, "unknown-model")


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"no photo, just text", 400, "not-a-photo"),
        (encoded(Image.effect_noise((640, 480), 90), "JPEG")[:9000], 400, "not-a-photo"),
        (encoded(Image.new("P", (64, 48)), "GIF"), 415, "unsupported-photo"),
        (encoded(Image.new("1", (9000, 9000)), "PNG"), 413, "too-many-pixels"),
        (b"", 422, "missing-image"),
    ],
    ids=["text", "truncated", "gif", "pixels", "empty"],
)
def test_bodies_that_are_refused(call: Client, body: bytes, status: int, slug: str) -> None:
    check_problem(call("predict", body, method="POST"), status, slug)


def test_an_overlay_that_jpeg_cannot_hold(call: Client) -> None:
    long = encoded(Image.new("RGB", (66_000, 2)), "PNG")
    assert call("predict", long).image.size == (66_000, 2)
    check_problem(call("predict?format=overlay", long), 413, "too-many-pixels")


@pytest.mark.parametrize("path", ["nothing", "", "predict/x", "scenes/a/b", "scenes/a%0d%0ab"])
def test_unknown_paths(call: Client, path: str) -> None:
    for method in ("GET", "PATCH"):
        check_problem(call(path, method=method), 404, "unknown-path")


def test_wrong_methods(call: Client) -> None:
    for method, path, allow in (
        ("GET", "predict", "POST, OPTIONS"),
        ("PUT", "Scenes/", "GET, HEAD, OPTIONS"),
        ("DELETE", f"photos/{SCENE}", "GET, HEAD, OPTIONS"),
        ("POST", "models/a:1.0.0", "GET, HEAD, OPTIONS"),
    ):
        reply = call(path, method=method)
        check_problem(reply, 405, "method-not-allowed")
        assert reply.headers["Allow"] == allow
        options = call(path, method="OPTIONS")
        assert (options.status, options.headers["Allow"], options.body) == (204, allow, b"")


def test_scripts_of_other_origins_may_call_and_read_the_headers(call: Client, photo: bytes) -> None:
    asked = {
        "Origin": "https://a.example", "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "content-type,x-functions-key",
    }  # fmt: skip
    preflight = call("predict", method="OPTIONS", **asked)
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "x-functions-key" in preflight.headers["Access-Control-Allow-Headers"]
    for reply in (
        call("predict", photo, Origin="https://a.example"),
        call("predict", method="PUT"),
    ):
        for name in ("ETag", "Retry-After", "Server-Timing", "X-Model", "X-Request-Id"):
            assert name in reply.headers["Access-Control-Expose-Headers"]


def test_categories(call: Client) -> None:
    answer = call("categories").json
    assert answer["categories"][7] == {"id": 7, "name": "vehicle", "color": "#00008e"}
    assert len(answer["categories"]) == 8
    assert answer["limits"] == {
        "bytes": 25_000_000, "jpeg_pixels": 50_000_000, "pixels": 16_000_000,
    }  # fmt: skip


def test_models_say_which_is_active_and_their_terms(call: Client) -> None:
    answer = call("models").json
    active = [m for m in answer["models"] if m["active"]]
    assert [f"{m['name']}:{m['version']}" for m in active] == [answer["active"]]
    assert "non-commercial" in active[0]["license"]
    assert active[0]["metrics"], "a published model states its scores"


def test_one_model_in_full(call: Client, package: Path) -> None:
    listed = next(m for m in call("models").json["models"] if m["active"])
    answer = call(f"models/{listed['name']}:{listed['version']}").json
    assert listed.pop("bytes") == (package / "model.onnx").stat().st_size
    assert answer | listed == answer
    manifest = json.loads((package / "manifest.json").read_text())
    assert answer["sha256"] == manifest["sha256"]
    assert answer["metrics"] == manifest["metrics"]
    assert answer["metrics"][0]["iou"].keys() == {c.name for c in CATEGORIES[1:]}
    assert answer["categories"] == call("categories").json["categories"]
    assert answer["lineage"]["parameters"] > 1_000_000
    assert "config" not in answer["lineage"]


@pytest.mark.parametrize("name", ["lite0-fpn:99.0.0", "x" * 3000, "%0d%0a"])
def test_models_that_are_not_published(call: Client, name: str) -> None:
    reply = call(f"models/{name}")
    check_problem(reply, 404, "unknown-model")
    assert len(reply.body) < 400


def test_health(call: Client) -> None:
    assert call("health/live").json == {"status": "live"}
    answer = call("health/ready").json
    assert (answer["status"], answer["model"]) == ("ready", call("models").json["active"])
    time.sleep(0.2)
    assert 0.1 <= round(call("health/ready").json["uptime_s"] - answer["uptime_s"], 1) < 20
