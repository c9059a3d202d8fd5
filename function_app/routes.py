"""The HTTP routes: parse, call, answer; nothing else."""

import json
from http import HTTPStatus
from typing import Any

import azure.functions as func

from function_app.model_package import Manifest, ModelRef, category_table
from function_app.model_store import NoModel, list_manifests, model_store, read_active
from function_app.parameters import PredictionQuery, page_query, prediction_query
from function_app.photo import encode_mask
from function_app.prediction import Prediction, Timings, predict, render
from function_app.problems import Problem, answers_problems
from function_app.scene_store import PredictionCache, decode_mask, scene_store
from function_app.segmenter import Segmenter
from function_app.settings import settings

app = func.FunctionApp(http_auth_level=func.AuthLevel[settings().api_auth_level.upper()])

READ = ("GET", "HEAD")


@app.route("predict", methods=("POST",))
@answers_problems
def predict_photo(req: func.HttpRequest) -> func.HttpResponse:
    """Photo in the body, mask out."""
    query = prediction_query(req)
    data = _photo_bytes(req)
    prediction = predict(
        data,
        _segmenter(query.model),
        max_pixels=settings().max_pixels,
        void=query.void,
        confidence=query.format == "confidence",
    )
    return _prediction_response(prediction, query)


@app.route("categories", methods=READ, auth_level=func.AuthLevel.ANONYMOUS)
@answers_problems
def categories(req: func.HttpRequest) -> func.HttpResponse:
    """The 8 categories with ids, names and colours."""
    return _json({"categories": category_table()})


@app.route("models", methods=READ, auth_level=func.AuthLevel.ANONYMOUS)
@answers_problems
def models(req: func.HttpRequest) -> func.HttpResponse:
    """The published models, and which one is active."""
    try:
        active = read_active()
    except NoModel:
        active = None
    manifests = [_model(manifest, active) for manifest in list_manifests()]
    return _json({"active": str(active) if active else None, "models": manifests})


@app.route("scenes", methods=READ)
@answers_problems
def scenes(req: func.HttpRequest) -> func.HttpResponse:
    """One page of scene ids, and what exists of each."""
    query = page_query(req)
    page, more = scene_store().page(query.prefix, query.after, query.limit)
    loaded = model_store().loaded
    predicted = PredictionCache().ids(loaded.manifest.ref) if loaded else set()
    rows = [
        {"id": entry.id, "truth": entry.truth is not None, "prediction": entry.id in predicted}
        for entry in page
    ]
    return _json({"scenes": rows, "next": page[-1].id if more else None})


@app.route("scenes/{id}/photo", methods=READ)
@answers_problems
def scene_photo(req: func.HttpRequest) -> func.HttpResponse:
    """The stored photo, as it is."""
    known = req.headers.get("If-None-Match")
    stored = scene_store().photo(req.route_params["id"], known)
    headers = {"ETag": stored.etag, "Cache-Control": "private, max-age=300"}
    if stored.data is None:
        return func.HttpResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return func.HttpResponse(stored.data, headers=headers, mimetype=stored.content_type)


@app.route("scenes/{id}/truth", methods=READ)
@answers_problems
def scene_truth(req: func.HttpRequest) -> func.HttpResponse:
    """The true mask as palette PNG of category ids; 255 is ignored."""
    mask, etag = scene_store().truth(req.route_params["id"])
    headers = {"ETag": etag, "Cache-Control": "private, max-age=300"}
    if req.headers.get("If-None-Match") == etag:
        return func.HttpResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return func.HttpResponse(encode_mask(mask), headers=headers, mimetype="image/png")


@app.route("scenes/{id}/prediction", methods=READ)
@answers_problems
def scene_prediction(req: func.HttpRequest) -> func.HttpResponse:
    """The predicted mask of a stored photo, computed once and then kept."""
    query = prediction_query(req)
    scene_id = req.route_params["id"]
    segmenter = _segmenter(query.model)
    prediction = _cached(scene_id, segmenter.manifest.ref, query)
    if prediction is None:
        timings = Timings()
        with timings.measure("read"):
            stored = scene_store().photo(scene_id)
        prediction = predict(
            stored.data or b"",
            segmenter,
            max_pixels=settings().max_pixels,
            void=query.void,
            confidence=query.format == "confidence",
            timings=timings,
        )
        if query.void:
            PredictionCache().put(prediction.model, scene_id, encode_mask(prediction.mask))
    return _prediction_response(prediction, query)


@app.route("health/live", methods=READ, auth_level=func.AuthLevel.ANONYMOUS)
@answers_problems
def live(req: func.HttpRequest) -> func.HttpResponse:
    """The process answers."""
    return _json({"status": "live"})


@app.route("health/ready", methods=READ, auth_level=func.AuthLevel.ANONYMOUS)
@answers_problems
def ready(req: func.HttpRequest) -> func.HttpResponse:
    """A model is loaded and storage answers."""
    segmenter = model_store().active()
    scene_store().page("", "", 1)
    return _json({"status": "ready", "model": str(segmenter.manifest.ref)})


def _photo_bytes(req: func.HttpRequest) -> bytes:
    limit = settings().max_body_bytes
    declared = req.headers.get("Content-Length", "0")
    body: bytes = req.get_body()
    if len(body) > limit or (declared.isdigit() and int(declared) > limit):
        raise Problem(413, "too-many-bytes", f"At most {limit:,} bytes are accepted.")
    if req.headers.get("Content-Type", "").startswith("multipart/form-data"):
        upload = req.files.get("image")
        if upload is None:
            raise Problem(422, "missing-image", "The multipart body has no file field 'image'.")
        body = upload.read()
    if not body:
        raise Problem(422, "missing-image", "The body is empty: send the photo's bytes in it.")
    return body


def _segmenter(ref: ModelRef | None) -> Segmenter:
    if ref is None:
        return model_store().active()
    try:
        return model_store().get(ref)
    except NoModel as error:
        raise Problem(404, "unknown-model", f"Model {ref} is not published.") from error


def _cached(scene_id: str, ref: ModelRef, query: PredictionQuery) -> Prediction | None:
    """Return the stored mask where the format needs nothing else."""
    scene_store().entry(scene_id)  # a mask outlives its scene, an answer must not
    if not query.void or query.format in ("overlay", "confidence"):
        return None
    timings = Timings()
    with timings.measure("read"):
        png = PredictionCache().get(ref, scene_id)
    return Prediction(ref, decode_mask(png), None, None, timings) if png else None


def _prediction_response(prediction: Prediction, query: PredictionQuery) -> func.HttpResponse:
    answer = render(prediction, query.format, query.alpha)
    headers = {"X-Model": str(prediction.model), "Server-Timing": prediction.timings.header()}
    return func.HttpResponse(answer.body, headers=headers, mimetype=answer.mimetype)


def _model(manifest: Manifest, active: ModelRef | None) -> dict[str, Any]:
    return {
        "name": manifest.ref.name,
        "version": manifest.ref.version,
        "active": manifest.ref == active,
        "created": manifest.created,
        "license": manifest.license,
        "input": {"height": manifest.height, "width": manifest.width},
        "metrics": list(manifest.metrics),
    }


def _json(document: dict[str, Any]) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(document), mimetype="application/json")
