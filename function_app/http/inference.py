"""What the routes that predict share: which model, the prediction, and the response with it."""

import azure.functions as func

from function_app.http.parameters import PredictionQuery
from function_app.observability import note
from function_app.settings import settings
from function_app.storage.model_store import MODELS
from function_app.vision.model_package import ACTIVE_FILE, ModelRef
from function_app.vision.prediction import Prediction, Timings, predict, render
from function_app.vision.segmenter import Segmenter


def load_model(ref: ModelRef | None) -> Segmenter:
    """Return the model of that name and version, the active one for None.

    Raises:
        NoModel, StorageUnavailable: as `ModelStore.choice` and `ModelStore.get`.
    """
    return MODELS.active() if ref is None else MODELS.get(ref)


def segment(
    photo: bytes, model: Segmenter, query: PredictionQuery, timings: Timings | None = None
) -> Prediction:
    """Predict the mask of a photo, and the confidence if the query asks for its picture."""
    return predict(
        photo,
        model,
        max_pixels=settings().max_pixels,
        void=query.void,
        confidence=query.format == "confidence",
        timings=timings,
    )


def mask_response(prediction: Prediction, query: PredictionQuery) -> func.HttpResponse:
    """Render a prediction in the format that the query asks for, and note it in the log."""
    rendered = render(prediction, query.format, query.alpha, query.mask)
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
    response = func.HttpResponse(rendered.body, mimetype=rendered.mimetype)
    return with_timings(response, prediction.model, prediction.timings)


def with_timings(
    response: func.HttpResponse, model: ModelRef, timings: Timings
) -> func.HttpResponse:
    """Add the headers, and the fields of the log, that say which model took how long."""
    note(model=str(model), timings=timings.to_dict())
    if refused := MODELS.refused:
        note(refused=f"{refused.model}: {refused.reason}")
        response.headers["X-Model-Refused"] = str(refused.model or ACTIVE_FILE)
    response.headers["X-Model"] = str(model)
    response.headers["Server-Timing"] = timings.header()
    return response
