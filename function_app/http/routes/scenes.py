"""The stored scenes: photos, true masks, predictions, and how good these are.

An id is a path and comes last in the address, where the host leaves its slashes as they are.
"""

import azure.functions as func

from function_app.http.parameters import (
    comparison_query,
    invalid,
    model_query,
    no_query,
    page_query,
    prediction_query,
    void_query,
)
from function_app.http.problems import answers_problems
from function_app.http.responses import (
    PHOTO_FRESH_SECONDS,
    READ,
    cached,
    json_response,
    weak_etag,
)
from function_app.http.scene_results import (
    errors_response,
    evaluation_response,
    model_etag,
    photo_response,
    prediction_response,
    thumbnail_response,
    truth_etag,
    truth_response,
)
from function_app.storage import prediction_store
from function_app.storage.errors import InvalidRequest
from function_app.storage.model_store import MODELS
from function_app.storage.published_models import NoModel
from function_app.storage.scene_store import find_photo, find_truth, list_scenes
from function_app.vision.model_package import ModelRef

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@blueprint.route("scenes", methods=READ)
@answers_problems
def scenes(req: func.HttpRequest) -> func.HttpResponse:
    """One page of scene ids, and what exists of each."""
    query = page_query(req)
    try:
        page = list_scenes(query.prefix, query.after, query.limit)
    except InvalidRequest as error:
        if not query.after:
            raise
        raise invalid("after", query.after, "`next` of the page before") from error
    try:
        masks = prediction_store.stored_ids(MODELS.expected(), page.ids)
    except NoModel:
        masks = set()
    rows = [{"id": id, "truth": id in page.truths, "prediction": id in masks} for id in page.ids]
    return json_response({"scenes": rows, "next": page.next})


@blueprint.route("photos/{*id}", methods=READ)
@answers_problems
def photo(req: func.HttpRequest) -> func.HttpResponse:
    """The stored photo, as it is."""
    no_query(req)
    found = find_photo(_id(req))
    return cached(req, found.etag, lambda: photo_response(found), PHOTO_FRESH_SECONDS)


@blueprint.route("thumbnails/{*id}", methods=READ)
@answers_problems
def thumbnail(req: func.HttpRequest) -> func.HttpResponse:
    """The stored photo as a small JPEG, upright."""
    no_query(req)
    found = find_photo(_id(req))
    etag = weak_etag(found.etag)
    return cached(req, etag, lambda: thumbnail_response(found), PHOTO_FRESH_SECONDS)


@blueprint.route("truths/{*id}", methods=READ)
@answers_problems
def truth(req: func.HttpRequest) -> func.HttpResponse:
    """The true mask as palette PNG of category ids; 255, transparent, is ignored."""
    void = void_query(req)
    found = find_truth(_id(req))
    return cached(req, truth_etag(found.etag, void), lambda: truth_response(found, void))


@blueprint.route("predictions/{*id}", methods=READ)
@answers_problems
def prediction(req: func.HttpRequest) -> func.HttpResponse:
    """The predicted mask of a stored photo, computed once and then kept."""
    query = prediction_query(req)
    id = _id(req)
    photo = find_photo(id)
    etag = model_etag(query, _expected(query.model), photo.etag)
    return cached(req, etag, lambda: prediction_response(id, photo, query))


@blueprint.route("errors/{*id}", methods=READ)
@answers_problems
def errors(req: func.HttpRequest) -> func.HttpResponse:
    """Where the prediction is wrong, as palette PNG."""
    query = comparison_query(req)
    id = _id(req)
    photo, truth = find_photo(id), find_truth(id)
    etag = model_etag(query, _expected(query.model), photo.etag, truth.etag)
    return cached(req, etag, lambda: errors_response(photo, truth, query))


@blueprint.route("evaluations/{*id}", methods=READ)
@answers_problems
def evaluation(req: func.HttpRequest) -> func.HttpResponse:
    """The scores of the prediction by both protocols, as JSON."""
    asked = model_query(req)
    id = _id(req)
    photo, truth = find_photo(id), find_truth(id)
    etag = weak_etag(photo.etag, truth.etag, str(_expected(asked)))
    return cached(req, etag, lambda: evaluation_response(id, photo, truth, asked))


def _id(req: func.HttpRequest) -> str:
    # The host leaves an empty id out, and slashes encoded that a client has encoded.
    id: str = req.route_params.get("id", "")
    return id.replace("%2F", "/").replace("%2f", "/")


def _expected(asked: ModelRef | None) -> ModelRef:
    """Return which model will answer, without loading it."""
    return asked or MODELS.expected()
