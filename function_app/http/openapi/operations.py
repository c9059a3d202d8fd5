"""Every operation: where it is, what it takes, what it answers."""

from typing import Any

from function_app.http.openapi.batches import BATCHES
from function_app.http.openapi.operation import Operation, json_of
from function_app.http.openapi.schemas import MODEL, ref
from function_app.http.parameters import (
    DEFAULT_ALPHA,
    DEFAULT_BATCHES,
    DEFAULT_PAGE,
    MAX_BATCHES,
    MAX_PAGE,
    MAX_POSITION,
    MAX_TEXT,
)
from function_app.vision.file_names import MEDIA_TYPES
from function_app.vision.photo import THUMBNAIL_SIDE
from function_app.vision.prediction import FORMATS, MASK_ENCODINGS

STORED = ("storage-unavailable",)
DECODED = ("not-a-photo", "too-many-pixels", "unsupported-photo", "busy", *STORED)
PREDICTED = ("unknown-model", "invalid-parameter", "no-model", *DECODED)
MODEL_PATTERN = "^[a-z0-9][a-z0-9-]{0,39}:[0-9]{1,5}\\.[0-9]{1,5}\\.[0-9]{1,5}$"

PICTURE: dict[str, Any] = {"image/png": {}}
PREDICTION = {
    "image/png": {},
    "image/jpeg": {},
    "application/json": {"schema": ref("Prediction")},
}


PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "format": (
        "`mask`: 8-bit palette PNG of the photo's own size, pixel values are category ids. "
        "`color`: RGB PNG. `overlay`: JPEG, the colours over the photo. `confidence`: grey PNG, 0 "
        "to 255. `json`: sizes, share of each category, mean confidence, timings and the mask.",
        {"enum": list(FORMATS), "default": FORMATS[0]},
    ),
    "alpha": (
        "Weight of the colours in an overlay.",
        {"type": "number", "minimum": 0, "maximum": 1, "default": float(DEFAULT_ALPHA)},
    ),
    "mask": (
        "How JSON carries the mask: as PNG in base64, or as COCO run lengths.",
        {"enum": list(MASK_ENCODINGS), "default": MASK_ENCODINGS[0]},
    ),
    "void": (
        "`false`: void may not win (the official Cityscapes protocol).",
        {"type": "boolean", "default": True},
    ),
    "model": ("name:version; the active model by default.",
              MODEL | {"pattern": MODEL_PATTERN}),
    "prefix": ("Ids that begin so.", {"type": "string", "maxLength": MAX_TEXT, "default": ""}),
    "after": (
        "Ids that come after this one: `next` of the page before.",
        {"type": "string", "maxLength": MAX_TEXT, "default": ""},
    ),
    "limit": (
        "Most entries of a page.",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE},
    ),
    "batches": (
        "Most batches.",
        {"type": "integer", "minimum": 1, "maximum": MAX_BATCHES, "default": DEFAULT_BATCHES},
    ),
    "position": (
        "Where to go on: `next` of the answer before.",
        {"type": "integer", "minimum": 0, "maximum": MAX_POSITION, "default": 0},
    ),
}  # fmt: skip
"""Description and schema of each query parameter."""

NAMES = {"batches": "limit", "position": "after"}
"""Names of parameters that mean something else in other operations."""

IN_PATH = {
    "id": (
        "Id of a stored scene.",
        {"type": "string", "minLength": 1, "examples": ["frankfurt_000000_000294"]},
    ),
    "model": ("name:version.", MODEL | {"minLength": 1}),
    "batch": ("Id of a batch.", {"type": "string", "examples": ["20261123T043300Z-1a2b3c4d"]}),
}

OPERATIONS = (
    Operation(
        "predict_photo", "/predict", "Predict", "Photo in, mask out",
        "EXIF rotation is applied, so that the mask is upright. 16-bit grey keeps its high byte, "
        "CMYK is converted, transparency is laid over white; of animated or multi-page files the "
        "first picture counts.",
        "The mask, as `format` says.", PREDICTION,
        query=("format", "alpha", "mask", "void", "model"),
        problems=("missing-image", "too-many-bytes", *PREDICTED),
        key=True, conditional=False, timed=True, method="post", body="photo",
    ),
    Operation(
        "scenes", "/scenes", "Scenes", "Ids of the stored scenes, page by page",
        "In order of the ids; `next` goes into `after`, and is null on the last page.",
        "One page, and which of truth and kept prediction each scene has.", json_of("Scenes"),
        query=("prefix", "after", "limit"), problems=("invalid-parameter", *STORED),
        key=True, conditional=False,
    ),
    Operation(
        "scene_photo", "/scenes/{id}/photo", "Scenes", "The stored photo", "As it is stored.",
        "The photo.", {media: {} for media in dict.fromkeys(MEDIA_TYPES.values())},
        problems=("unknown-scene", *STORED), key=True,
    ),
    Operation(
        "scene_thumbnail", "/scenes/{id}/thumbnail", "Scenes", "The stored photo, small",
        f"For galleries: at most {THUMBNAIL_SIDE} pixels wide and high, upright, never enlarged.",
        "The photo as JPEG.", {"image/jpeg": {}}, problems=("unknown-scene", *DECODED), key=True,
    ),
    Operation(
        "scene_truth", "/scenes/{id}/truth", "Scenes", "The true mask",
        "Palette PNG; pixel values are category ids, 255 (transparent) is ignored.",
        "The mask.", PICTURE, problems=("unknown-scene", *STORED), key=True,
    ),
    Operation(
        "scene_prediction", "/scenes/{id}/prediction", "Scenes", "The predicted mask",
        "As predict, for a stored photo. The mask is computed once and kept.",
        "The mask, as `format` says.", PREDICTION,
        query=("format", "alpha", "mask", "void", "model"),
        problems=("unknown-scene", *PREDICTED), key=True, timed=True,
    ),
    Operation(
        "scene_errors", "/scenes/{id}/errors", "Scenes", "Where the prediction is wrong",
        "Palette PNG of the true mask's size: 0 right, 1 wrong, 255 (transparent) not evaluated. "
        "With `void=false` by the official protocol: void and the labels that it leaves out are "
        "not evaluated.",
        "The picture.", PICTURE, query=("void", "model"),
        problems=("unknown-scene", *PREDICTED), key=True, timed=True,
    ),
    Operation(
        "scene_evaluation", "/scenes/{id}/evaluation", "Scenes", "How good the prediction is",
        "Intersection over union by category, by the official protocol (7 categories, void counts "
        "nowhere) and with void (8).",
        "The scores.", json_of("Evaluation"), query=("model",),
        problems=("unknown-scene", *PREDICTED), key=True, timed=True,
    ),
    *BATCHES,
    Operation(
        "categories", "/categories", "About", "The 8 categories", "Ids, names and colours.",
        "All of them, in order of the ids.", json_of("Categories"),
    ),
    Operation(
        "models", "/models", "About", "The published models",
        "With their scores and terms of use, and which one is active.",
        "All of them; oldest version first.", json_of("Models"), problems=STORED,
    ),
    Operation(
        "model", "/models/{model}", "About", "One published model",
        "Everything published about it.", "The model.", json_of("ModelDetails"),
        problems=("unknown-model", *STORED),
    ),
    Operation(
        "live", "/health/live", "About", "The process answers", "It asks nobody else.",
        "It does.", json_of("Live"), conditional=False,
    ),
    Operation(
        "ready", "/health/ready", "About", "Predictions can be served",
        "Says by which model, and what ails.", "They can.", json_of("Ready"),
        problems=("no-model", *STORED), conditional=False,
    ),
    Operation(
        "openapi", "/openapi.json", "About", "This contract", "As OpenAPI 3.1.",
        "The document.", {"application/json": {"schema": {"type": "object"}}},
    ),
    Operation(
        "docs", "/docs", "About", "This contract for people", "One page, with examples.",
        "The page.", {"text/html": {}},
    ),
)  # fmt: skip


def parameters(operation: Operation) -> list[dict[str, Any]]:
    """Describe the parameters of an operation in OpenAPI's terms."""
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    about = IN_PATH | ({"id": IN_PATH["batch"]} if operation.tag == "Batches" else {})
    described = [_parameter(name, "path", *about[name], required=True) for name in names]
    described += [
        _parameter(NAMES.get(name, name), "query", *PARAMETERS[name]) for name in operation.query
    ]
    if operation.conditional:
        described.append(
            _parameter("If-None-Match", "header", "ETags you have already.", {"type": "string"})
        )
    return described


def _parameter(
    name: str, place: str, text: str, schema: dict[str, Any], *, required: bool = False
) -> dict[str, Any]:
    described = {"name": name, "in": place, "description": text, "schema": schema}
    return described | ({"required": True} if required else {})
