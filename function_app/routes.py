"""The HTTP routes: parse, call, answer; nothing else."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import azure.functions as func

from function_app.model_package import Manifest, ModelRef, category_table
from function_app.model_store import MODELS, NoModel, list_manifests, read_active
from function_app.parameters import PredictionQuery, page_query, prediction_query
from function_app.photo import decode, encode_mask
from function_app.prediction import Answer, Prediction, Timings, predict, render
from function_app.problems import Problem, answers_problems
from function_app.scene_store import PREDICTIONS, SCENES, Blob, SceneEntry, decode_mask
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
    active = _active()
    manifests = [_model(manifest, active) for manifest in list_manifests()]
    return _json({"active": str(active) if active else None, "models": manifests})


@app.route("scenes", methods=READ)
@answers_problems
def scenes(req: func.HttpRequest) -> func.HttpResponse:
    """One page of scene ids, and what exists of each."""
    query = page_query(req)
    page, more = SCENES.page(query.prefix, query.after, query.limit)
    active = _active()
    predicted = PREDICTIONS.ids(active) if active else set()
    rows = [
        {"id": entry.id, "truth": entry.truth is not None, "prediction": entry.id in predicted}
        for entry in page
    ]
    return _json({"scenes": rows, "next": page[-1].id if more else None})


@app.route("scenes/{id}/photo", methods=READ)
@answers_problems
def scene_photo(req: func.HttpRequest) -> func.HttpResponse:
    """The stored photo, as it is."""
    entry = SCENES.entry(req.route_params["id"])
    return _stored(req, entry.photo, lambda: Answer(SCENES.photo(entry), entry.photo.content_type))


@app.route("scenes/{id}/truth", methods=READ)
@answers_problems
def scene_truth(req: func.HttpRequest) -> func.HttpResponse:
    """The true mask as palette PNG of category ids; 255 is ignored."""
    entry = SCENES.entry(req.route_params["id"])
    return _stored(
        req, entry.true_mask, lambda: Answer(encode_mask(SCENES.truth(entry)), "image/png")
    )


@app.route("scenes/{id}/prediction", methods=READ)
@answers_problems
def scene_prediction(req: func.HttpRequest) -> func.HttpResponse:
    """The predicted mask of a stored photo, computed once and then kept."""
    query = prediction_query(req)
    entry = SCENES.entry(req.route_params["id"])
    segmenter = _segmenter(query.model)
    # What is kept is the mask that void may win, without its confidence.
    keeps = query.void and query.format != "confidence"
    if keeps and (kept := _kept(entry, segmenter.manifest.ref, query)):
        return _prediction_response(kept, query)
    timings = Timings()
    with timings.measure("read"):
        data = SCENES.photo(entry)
    prediction = predict(
        data,
        segmenter,
        max_pixels=settings().max_pixels,
        void=query.void,
        confidence=query.format == "confidence",
        timings=timings,
    )
    response = _prediction_response(prediction, query)
    if keeps:
        PREDICTIONS.put(prediction.model, entry, prediction.mask_png())
    return response


@app.route("health/live", methods=READ, auth_level=func.AuthLevel.ANONYMOUS)
@answers_problems
def live(req: func.HttpRequest) -> func.HttpResponse:
    """The process answers."""
    return _json({"status": "live"})


@app.route("health/ready", methods=READ, auth_level=func.AuthLevel.ANONYMOUS)
@answers_problems
def ready(req: func.HttpRequest) -> func.HttpResponse:
    """A model is loaded and storage answers."""
    segmenter = MODELS.active()
    SCENES.page("", "", 1)
    return _json({"status": "ready", "model": str(segmenter.manifest.ref)})


def _active() -> ModelRef | None:
    try:
        return read_active()
    except NoModel:
        return None


def _photo_bytes(req: func.HttpRequest) -> bytes:
    limit = settings().max_body_bytes
    body: bytes = req.get_body()
    if len(body) > limit:
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
        return MODELS.active()
    try:
        return MODELS.get(ref)
    except NoModel as error:
        raise Problem(404, "unknown-model", f"Model {ref} is not published.") from error


def _kept(entry: SceneEntry, ref: ModelRef, query: PredictionQuery) -> Prediction | None:
    """Return the mask stored for this scene and model, with the photo if an overlay wants it."""
    timings = Timings()
    with timings.measure("read"):
        png = PREDICTIONS.get(ref, entry)
        if png is None:
            return None
        data = SCENES.photo(entry) if query.format == "overlay" else None
    with timings.measure("decode"):
        rgb = None if data is None else decode(data, settings().max_pixels)
        mask = decode_mask(png)
    return Prediction(ref, mask, rgb, None, timings, png)


def _stored(req: func.HttpRequest, blob: Blob, answer: Callable[[], Answer]) -> func.HttpResponse:
    """Answer with something that depends on a stored blob alone, or 304 where that is known."""
    headers = {"ETag": blob.etag, "Cache-Control": "private, max-age=300"}
    known = req.headers.get("If-None-Match", "").replace("W/", "").split(",")
    if {blob.etag, "*"} & {tag.strip() for tag in known}:
        return func.HttpResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    body, mimetype = answer()
    return func.HttpResponse(body, headers=headers, mimetype=mimetype)


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
