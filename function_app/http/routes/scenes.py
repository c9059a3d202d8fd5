"""The stored scenes: photos, true masks, predictions, and how good these are.

An id is a path and comes last in the address, where the host leaves its slashes as they are.
"""

from dataclasses import replace

import azure.functions as func

from function_app.http.parameters import (
    ComparisonQuery,
    PredictionQuery,
    comparison_query,
    invalid,
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
from function_app.storage import prediction_store
from function_app.storage.blobs import Blob
from function_app.storage.deadline import InvalidRequest
from function_app.storage.model_store import MODELS, NoModel
from function_app.storage.prediction_store import Origin
from function_app.storage.scene_store import (
    find_photo,
    find_truth,
    list_scenes,
    read,
)
from function_app.vision.categories import IGNORE
from function_app.vision.comparison import encode_errors, evaluate
from function_app.vision.file_names import media_type
from function_app.vision.labels import decode_truth, read_mask
from function_app.vision.model_package import ModelRef
from function_app.vision.photo import encode_mask, encode_thumbnail, open_photo
from function_app.vision.prediction import Prediction, Timings, predict, predict_both
from function_app.vision.segmenter import Segmenter

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

PHOTO_SECONDS = 300
"""How long browsers show a photo again without asking: few are ever replaced."""


@blueprint.route("scenes", methods=READ)
@answers_problems
def scenes(req: func.HttpRequest) -> func.HttpResponse:
    """One page of scene ids, and what exists of each."""
    query = page_query(req)
    try:
        page = list_scenes(query.prefix, query.after, query.limit)
    except InvalidRequest as error:
        raise invalid("after", query.after, "`next` of the page before") from error
    active = MODELS.active_ref()
    masks = prediction_store.stored_ids(active, page.ids) if active else set()
    rows = [{"id": id, "truth": id in page.truths, "prediction": id in masks} for id in page.ids]
    return json_answer({"scenes": rows, "next": page.next})


@blueprint.route("photos/{*id}", methods=READ)
@answers_problems
def photo(req: func.HttpRequest) -> func.HttpResponse:
    """The stored photo, as it is."""
    no_query(req)
    blob = find_photo(_id(req))

    def answer() -> func.HttpResponse:
        stored = read(blob)
        headers = {"ETag": stored.etag}
        return func.HttpResponse(stored.data, headers=headers, mimetype=media_type(blob.name))

    return conditional(req, blob.etag, answer, PHOTO_SECONDS)


@blueprint.route("thumbnails/{*id}", methods=READ)
@answers_problems
def thumbnail(req: func.HttpRequest) -> func.HttpResponse:
    """The stored photo as a small JPEG, upright."""
    no_query(req)
    blob = find_photo(_id(req))

    def answer() -> func.HttpResponse:
        stored = read(blob)

        def work() -> bytes:
            return encode_thumbnail(open_photo(stored.data, settings().max_pixels).thumbnail())

        headers = {"ETag": weak_etag(stored.etag)}
        return func.HttpResponse(WORKERS.run(work), headers=headers, mimetype="image/jpeg")

    return conditional(req, weak_etag(blob.etag), answer, PHOTO_SECONDS)


@blueprint.route("truths/{*id}", methods=READ)
@answers_problems
def truth(req: func.HttpRequest) -> func.HttpResponse:
    """The true mask as palette PNG of category ids; 255, transparent, is ignored."""
    no_query(req)
    blob = find_truth(_id(req))

    def answer() -> func.HttpResponse:
        stored = read(blob)

        def work() -> bytes:
            return encode_mask(decode_truth(stored.data, blob.name).with_void, clear=IGNORE)

        headers = {"ETag": weak_etag(stored.etag)}
        return func.HttpResponse(WORKERS.run(work), headers=headers, mimetype="image/png")

    return conditional(req, weak_etag(blob.etag), answer)


@blueprint.route("predictions/{*id}", methods=READ)
@answers_problems
def prediction(req: func.HttpRequest) -> func.HttpResponse:
    """The predicted mask of a stored photo, computed once and then kept."""
    query = prediction_query(req)
    id = _id(req)
    blob = find_photo(id)
    ref = _model(query.model)

    def answer() -> func.HttpResponse:
        return _prediction(id, blob, segmenter(ref), query)

    return conditional(req, _tag(query, ref, blob.etag), answer)


@blueprint.route("errors/{*id}", methods=READ)
@answers_problems
def errors(req: func.HttpRequest) -> func.HttpResponse:
    """Where the prediction is wrong, as palette PNG."""
    query = comparison_query(req)
    blobs = _compared(req)
    ref = _model(query.model)

    def answer() -> func.HttpResponse:
        return _errors(blobs, segmenter(ref), query)

    return conditional(req, _tag(query, ref, *(blob.etag for blob in blobs)), answer)


@blueprint.route("evaluations/{*id}", methods=READ)
@answers_problems
def evaluation(req: func.HttpRequest) -> func.HttpResponse:
    """The scores of the prediction by both protocols, as JSON."""
    ref = _model(model_query(req))
    blobs = _compared(req)

    def answer() -> func.HttpResponse:
        return _evaluation(_id(req), blobs, segmenter(ref))

    return conditional(req, weak_etag(*(blob.etag for blob in blobs), str(ref)), answer)


def _id(req: func.HttpRequest) -> str:
    return str(req.route_params.get("id", ""))  # the host leaves an empty one out


def _model(asked: ModelRef | None) -> ModelRef:
    ref = asked or MODELS.active_ref()
    if ref is None:
        raise NoModel("no model is published and activated")
    return ref


def _tag(query: PredictionQuery | ComparisonQuery, model: ModelRef, *etags: str) -> str:
    """The ETag of what a model makes of blobs with these ETags."""
    return weak_etag(*etags, repr(replace(query, model=model)))


def _compared(req: func.HttpRequest) -> tuple[Blob, Blob]:
    """Find the photo and the true mask."""
    id = _id(req)
    return find_photo(id), find_truth(id)


def _prediction(id: str, blob: Blob, model: Segmenter, query: PredictionQuery) -> func.HttpResponse:
    # What is kept is the mask that void may win, without its confidence and its photo.
    keeps = query.void and query.format not in {"confidence", "overlay"}
    timings, ref = Timings(), model.manifest.ref
    origin = Origin(id, blob.etag, ref, model.manifest.sha256)
    with timings.measure("read"):
        kept = prediction_store.get(origin) if keeps else None
        photo = read(blob) if kept is None else None
    if photo is not None:  # which may be newer than the blob that was found
        origin = origin._replace(photo=photo.etag)

    def work() -> tuple[func.HttpResponse, bytes | None]:
        if photo is None:
            assert kept is not None  # noqa: S101
            prediction = _kept(kept, ref, timings)
        else:
            prediction = predicted(photo.data, model, query, timings)
        answer = predicted_answer(prediction, query)
        return answer, prediction.mask_png() if keeps and photo is not None else None

    answer, png = WORKERS.run(work)
    if png is not None:
        prediction_store.put(origin, png)
    answer.headers["ETag"] = _tag(query, ref, origin.photo)
    return answer


def _kept(png: bytes, ref: ModelRef, timings: Timings) -> Prediction:
    """The prediction that a stored mask belongs to."""
    with timings.measure("decode"):
        mask = read_mask(png, "the stored mask")
    return Prediction(ref, mask, None, None, timings, png=png)


def _errors(
    blobs: tuple[Blob, Blob], model: Segmenter, query: ComparisonQuery
) -> func.HttpResponse:
    timings = Timings()
    with timings.measure("read"):
        photo, truth = map(read, blobs)

    def work() -> bytes:
        limit = settings().max_pixels
        prediction = predict(photo.data, model, max_pixels=limit, void=query.void, timings=timings)
        with timings.measure("encode"):
            mask = decode_truth(truth.data, blobs[1].name)
            return encode_errors(mask, prediction.mask, void=query.void)

    answer = func.HttpResponse(WORKERS.run(work), mimetype="image/png")
    answer.headers["ETag"] = _tag(query, model.manifest.ref, photo.etag, truth.etag)
    return timed(answer, model.manifest.ref, timings)


def _evaluation(id: str, blobs: tuple[Blob, Blob], model: Segmenter) -> func.HttpResponse:
    timings, ref = Timings(), model.manifest.ref
    with timings.measure("read"):
        photo, truth = map(read, blobs)

    def work() -> func.HttpResponse:
        limit = settings().max_pixels
        masks = predict_both(photo.data, model, max_pixels=limit, timings=timings)
        with timings.measure("score"):
            scores = evaluate(decode_truth(truth.data, blobs[1].name), *masks)
        return json_answer({"id": id, "model": str(ref), **scores})

    answer = WORKERS.run(work)
    answer.headers["ETag"] = weak_etag(photo.etag, truth.etag, str(ref))
    return timed(answer, ref, timings)
