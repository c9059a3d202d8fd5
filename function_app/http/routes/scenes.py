"""The stored scenes: photos, true masks, predictions, and how good these are."""

from dataclasses import replace

import azure.functions as func

from function_app.http.parameters import (
    PredictionQuery,
    comparison_query,
    model_query,
    no_query,
    page_query,
    prediction_query,
)
from function_app.http.problems import answers_problems
from function_app.http.routes.answers import READ, conditional, json_answer, weak_etag
from function_app.http.routes.predictions import predicted, predicted_answer, segmenter, timed
from function_app.http.workers import WORKERS
from function_app.settings import settings
from function_app.storage.model_store import MODELS
from function_app.storage.prediction_store import PREDICTIONS
from function_app.storage.scene_store import SCENES, SceneEntry
from function_app.vision.categories import IGNORE
from function_app.vision.comparison import encode_errors, evaluate
from function_app.vision.labels import read_mask
from function_app.vision.model_package import ModelRef
from function_app.vision.photo import encode_mask, encode_thumbnail, open_photo
from function_app.vision.prediction import Prediction, Timings, predict, predict_both

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

PHOTO_SECONDS = 300
"""How long browsers show a photo again without asking: few are ever replaced."""


@blueprint.route("scenes", methods=READ)
@answers_problems
def scenes(req: func.HttpRequest) -> func.HttpResponse:
    """One page of scene ids, and what exists of each."""
    query = page_query(req)
    page, more = SCENES.page(query.prefix, query.after, query.limit)
    active = MODELS.active_ref()
    predicted_ids = PREDICTIONS.ids(active) if active else set()
    rows = [
        {"id": entry.id, "truth": entry.truth is not None, "prediction": entry.id in predicted_ids}
        for entry in page
    ]
    return json_answer({"scenes": rows, "next": page[-1].id if more else None})


@blueprint.route("scenes/{id}/photo", methods=READ)
@answers_problems
def scene_photo(req: func.HttpRequest) -> func.HttpResponse:
    """The stored photo, as it is."""
    no_query(req)
    entry = _entry(req)
    return conditional(
        req,
        entry.photo.etag,
        lambda: func.HttpResponse(SCENES.photo(entry), mimetype=entry.photo.content_type),
        PHOTO_SECONDS,
    )


@blueprint.route("scenes/{id}/thumbnail", methods=READ)
@answers_problems
def scene_thumbnail(req: func.HttpRequest) -> func.HttpResponse:
    """The stored photo as a small JPEG, upright."""
    no_query(req)
    entry = _entry(req)
    return conditional(req, weak_etag(entry.photo.etag), lambda: _thumbnail(entry), PHOTO_SECONDS)


@blueprint.route("scenes/{id}/truth", methods=READ)
@answers_problems
def scene_truth(req: func.HttpRequest) -> func.HttpResponse:
    """The true mask as palette PNG of category ids; 255, transparent, is ignored."""
    no_query(req)
    entry = _entry(req)
    return conditional(req, weak_etag(entry.true_mask.etag), lambda: _truth(entry))


@blueprint.route("scenes/{id}/prediction", methods=READ)
@answers_problems
def scene_prediction(req: func.HttpRequest) -> func.HttpResponse:
    """The predicted mask of a stored photo, computed once and then kept."""
    query = prediction_query(req)
    entry = _entry(req)
    ref = _model(query.model)
    etag = weak_etag(entry.photo.etag, repr(replace(query, model=ref)))
    return conditional(req, etag, lambda: _prediction(entry, ref, query))


@blueprint.route("scenes/{id}/errors", methods=READ)
@answers_problems
def scene_errors(req: func.HttpRequest) -> func.HttpResponse:
    """Where the prediction is wrong, as palette PNG."""
    query = comparison_query(req)
    entry = _entry(req)
    ref = _model(query.model)
    etag = weak_etag(entry.photo.etag, entry.true_mask.etag, repr(replace(query, model=ref)))
    return conditional(req, etag, lambda: _errors(entry, ref, query.void))


@blueprint.route("scenes/{id}/evaluation", methods=READ)
@answers_problems
def scene_evaluation(req: func.HttpRequest) -> func.HttpResponse:
    """The scores of the prediction by both protocols, as JSON."""
    asked = model_query(req)
    entry = _entry(req)
    ref = _model(asked)
    etag = weak_etag(entry.photo.etag, entry.true_mask.etag, str(ref))
    return conditional(req, etag, lambda: _evaluation(entry, ref))


def _entry(req: func.HttpRequest) -> SceneEntry:
    return SCENES.entry(req.route_params["id"])


def _model(asked: ModelRef | None) -> ModelRef:
    return asked or MODELS.active().manifest.ref


def _thumbnail(entry: SceneEntry) -> func.HttpResponse:
    data = SCENES.photo(entry)

    def work() -> bytes:
        return encode_thumbnail(open_photo(data, settings().max_pixels).thumbnail())

    return func.HttpResponse(WORKERS.run(work), mimetype="image/jpeg")


def _truth(entry: SceneEntry) -> func.HttpResponse:
    png = encode_mask(SCENES.truth(entry).with_void, clear=IGNORE)
    return func.HttpResponse(png, mimetype="image/png")


def _prediction(entry: SceneEntry, ref: ModelRef, query: PredictionQuery) -> func.HttpResponse:
    # What is kept is the mask that void may win, without its confidence and its photo.
    keeps = query.void and query.format not in {"confidence", "overlay"}
    model, timings = segmenter(ref), Timings()
    sha256 = model.manifest.sha256
    with timings.measure("read"):
        kept = PREDICTIONS.get(ref, entry, sha256) if keeps else None
        photo = SCENES.photo(entry) if kept is None else b""

    def work() -> tuple[func.HttpResponse, bytes | None]:
        if kept is not None:
            prediction = _kept(kept, ref, timings)
        else:
            prediction = predicted(photo, model, query, timings)
        answer = predicted_answer(prediction, query)
        return answer, prediction.mask_png() if keeps and kept is None else None

    answer, png = WORKERS.run(work)
    if png is not None:
        PREDICTIONS.put(ref, entry, png, sha256)
    return answer


def _kept(png: bytes, ref: ModelRef, timings: Timings) -> Prediction:
    """The prediction that a stored mask belongs to."""
    with timings.measure("decode"):
        mask = read_mask(png, "the stored mask")
    return Prediction(ref, mask, None, None, timings, png=png)


def _errors(entry: SceneEntry, ref: ModelRef, void: bool) -> func.HttpResponse:
    model, timings = segmenter(ref), Timings()
    with timings.measure("read"):
        photo, truth = SCENES.photo(entry), SCENES.truth(entry)

    def work() -> bytes:
        limit = settings().max_pixels
        prediction = predict(photo, model, max_pixels=limit, void=void, timings=timings)
        with timings.measure("encode"):
            return encode_errors(truth, prediction.mask, void=void)

    return timed(func.HttpResponse(WORKERS.run(work), mimetype="image/png"), ref, timings)


def _evaluation(entry: SceneEntry, ref: ModelRef) -> func.HttpResponse:
    model, timings = segmenter(ref), Timings()
    with timings.measure("read"):
        photo, truth = SCENES.photo(entry), SCENES.truth(entry)

    def work() -> func.HttpResponse:
        masks = predict_both(photo, model, max_pixels=settings().max_pixels, timings=timings)
        with timings.measure("score"):
            scores = evaluate(truth, *masks)
        return json_answer({"id": entry.id, "model": str(ref), **scores})

    return timed(WORKERS.run(work), ref, timings)
