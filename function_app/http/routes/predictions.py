"""A photo in, its mask out."""

import azure.functions as func

from function_app.http.parameters import PredictionQuery, prediction_query
from function_app.http.problems import Problem, answers_problems
from function_app.http.upload import photo_bytes
from function_app.http.workers import WORKERS
from function_app.observability import note
from function_app.settings import settings
from function_app.storage.model_store import MODELS, NoModel
from function_app.vision.model_package import ModelRef
from function_app.vision.prediction import Prediction, Timings, predict, render
from function_app.vision.segmenter import Segmenter

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


@blueprint.route("predict", methods=("POST",))
@answers_problems
def predict_photo(req: func.HttpRequest) -> func.HttpResponse:
    """Photo in the body, mask out."""
    query = prediction_query(req)
    data = photo_bytes(req)
    model = segmenter(query.model)
    return WORKERS.run(lambda: predicted_answer(predicted(data, model, query), query))


def segmenter(ref: ModelRef | None) -> Segmenter:
    """Return the model of that name and version, None for the active one; 404 if unknown."""
    if ref is None:
        return MODELS.active()
    try:
        return MODELS.get(ref)
    except NoModel as error:
        raise Problem("unknown-model", f"Model {ref} is not published.") from error


def predicted(
    data: bytes, model: Segmenter, query: PredictionQuery, timings: Timings | None = None
) -> Prediction:
    """Segment a photo as the query asks for."""
    return predict(
        data,
        model,
        max_pixels=settings().max_pixels,
        void=query.void,
        confidence=query.format == "confidence",
        timings=timings,
    )


def predicted_answer(prediction: Prediction, query: PredictionQuery) -> func.HttpResponse:
    """Render a prediction as the query asks for, and note it in the log."""
    answer = render(prediction, query.format, query.alpha, query.mask)
    height, width = prediction.mask.shape
    confidence = prediction.mean_confidence
    note(
        format=query.format,
        width=width,
        height=height,
        pixels=width * height,
        shares=prediction.shares(),
        **({} if confidence is None else {"confidence": round(confidence, 4)}),
    )
    return timed(func.HttpResponse(answer.body, mimetype=answer.mimetype), prediction.model,
                 prediction.timings)  # fmt: skip


def timed(response: func.HttpResponse, model: ModelRef, timings: Timings) -> func.HttpResponse:
    """Say in the headers, and in the log, which model answered and what took how long."""
    note(model=str(model), timings=timings.to_dict())
    if refused := MODELS.refused:
        note(refused=f"{refused.model}: {refused.reason}")
    response.headers["X-Model"] = str(model)
    response.headers["Server-Timing"] = timings.header()
    return response
