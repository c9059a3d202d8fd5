"""What is shown of a stored scene: its photo, masks and scores, each with its ETag.

An ETag is known from the blobs that were found, so that 304 needs neither a download nor a model.
A response has that of what was read, which may be newer.
"""

from dataclasses import replace

import azure.functions as func

from function_app.http.inference import load_model, mask_response, segment, with_timings
from function_app.http.parameters import ComparisonQuery, PredictionQuery
from function_app.http.responses import json_response, weak_etag
from function_app.settings import settings
from function_app.storage import prediction_store
from function_app.storage.blobs import Blob
from function_app.storage.concurrency import WORKERS
from function_app.storage.prediction_store import Origin
from function_app.storage.scene_store import read
from function_app.vision.categories import IGNORE
from function_app.vision.comparison import encode_errors, evaluate
from function_app.vision.file_names import media_type
from function_app.vision.labels import decode_truth, read_mask
from function_app.vision.model_package import ModelRef
from function_app.vision.photo import encode_mask, encode_thumbnail, open_photo
from function_app.vision.prediction import (
    Prediction,
    Timings,
    predict,
    predict_with_and_without_void,
)


def photo_response(photo: Blob) -> func.HttpResponse:
    """Return the stored photo, as it is."""
    stored = read(photo)
    headers = {"ETag": stored.etag}
    return func.HttpResponse(stored.data, headers=headers, mimetype=media_type(photo.name))


def thumbnail_response(photo: Blob) -> func.HttpResponse:
    """Return the stored photo as a small JPEG, upright."""
    stored = read(photo)

    def work() -> bytes:
        return encode_thumbnail(open_photo(stored.data, settings().max_pixels).thumbnail())

    headers = {"ETag": weak_etag(stored.etag)}
    return func.HttpResponse(WORKERS.run(work), headers=headers, mimetype="image/jpeg")


def truth_etag(blob: str, void: bool) -> str:
    """Return the ETag of a true mask made of a blob with this ETag."""
    return weak_etag(blob) if void else weak_etag(blob, "official")


def truth_response(truth: Blob, void: bool) -> func.HttpResponse:
    """Return the true mask as palette PNG of category ids; 255, transparent, is ignored.

    Args:
        truth: as it is stored.
        void: whether void is evaluated like any other category; else the official protocol says
            what is ignored.
    """
    stored = read(truth)

    def work() -> bytes:
        labels = decode_truth(stored.data, truth.name)
        return encode_mask(labels.with_void if void else labels.official, clear=IGNORE)

    headers = {"ETag": truth_etag(stored.etag, void)}
    return func.HttpResponse(WORKERS.run(work), headers=headers, mimetype="image/png")


def model_etag(query: PredictionQuery | ComparisonQuery, ref: ModelRef, *etags: str) -> str:
    """Return the ETag of what a model makes of blobs with these ETags."""
    return weak_etag(*etags, repr(replace(query, model=ref)))


def prediction_response(id: str, photo: Blob, query: PredictionQuery) -> func.HttpResponse:
    """Return the predicted mask; it is computed once and then stored.

    What is stored is the mask that void may win. Requests without void, and those that need the
    confidence or the photo, are computed each time.
    """
    storable = query.void and query.format not in {"confidence", "overlay"}
    model, timings = load_model(query.model), Timings()
    ref = model.manifest.ref
    origin = Origin(id, photo.etag, ref, model.manifest.sha256)
    with timings.measure("read"):
        png = prediction_store.get(origin) if storable else None
        stored = read(photo) if png is None else None
    if stored is not None:
        origin = origin._replace(photo=stored.etag)

    def work() -> tuple[func.HttpResponse, bytes | None]:
        if stored is None:
            assert png is not None  # noqa: S101
            return mask_response(_stored_prediction(png, ref, timings), query), None
        prediction = segment(stored.data, model, query, timings)
        response = mask_response(prediction, query)
        return response, prediction.mask_png() if storable else None

    response, computed = WORKERS.run(work)
    if computed is not None:
        prediction_store.put(origin, computed)
    response.headers["ETag"] = model_etag(query, ref, origin.photo)
    return response


def _stored_prediction(png: bytes, ref: ModelRef, timings: Timings) -> Prediction:
    with timings.measure("decode"):
        mask = read_mask(png, "the stored mask", settings().max_pixels)
    return Prediction(ref, mask, None, None, timings, png=png)


def errors_response(photo: Blob, truth: Blob, query: ComparisonQuery) -> func.HttpResponse:
    """Return where the prediction is wrong, as palette PNG."""
    model, timings = load_model(query.model), Timings()
    with timings.measure("read"):
        stored, true = read(photo), read(truth)

    def work() -> bytes:
        limit = settings().max_pixels
        prediction = predict(stored.data, model, max_pixels=limit, void=query.void, timings=timings)
        with timings.measure("encode"):
            labels = decode_truth(true.data, truth.name)
            return encode_errors(labels, prediction.mask, void=query.void)

    response = func.HttpResponse(WORKERS.run(work), mimetype="image/png")
    response.headers["ETag"] = model_etag(query, model.manifest.ref, stored.etag, true.etag)
    return with_timings(response, model.manifest.ref, timings)


def evaluation_response(
    id: str, photo: Blob, truth: Blob, asked: ModelRef | None
) -> func.HttpResponse:
    """Return the scores of the prediction by both protocols, as JSON."""
    model, timings = load_model(asked), Timings()
    ref = model.manifest.ref
    with timings.measure("read"):
        stored, true = read(photo), read(truth)

    def work() -> func.HttpResponse:
        limit = settings().max_pixels
        masks = predict_with_and_without_void(stored.data, model, max_pixels=limit, timings=timings)
        with timings.measure("score"):
            scores = evaluate(decode_truth(true.data, truth.name), *masks)
        return json_response({"id": id, "model": str(ref), **scores})

    response = WORKERS.run(work)
    response.headers["ETag"] = weak_etag(stored.etag, true.etag, str(ref))
    return with_timings(response, ref, timings)
