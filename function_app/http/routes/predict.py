"""A photo in, its mask out."""

import azure.functions as func

from function_app.http.inference import load_model, mask_response, segment
from function_app.http.parameters import prediction_query
from function_app.http.problems import answers_problems
from function_app.http.upload import photo_bytes
from function_app.storage.concurrency import WORKERS

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@blueprint.route("predict", methods=("POST",))
@answers_problems
def predict_photo(req: func.HttpRequest) -> func.HttpResponse:
    """Photo in the body, mask out."""
    query = prediction_query(req)
    photo = photo_bytes(req)
    model = load_model(query.model)
    return WORKERS.run(lambda: mask_response(segment(photo, model, query), query))
