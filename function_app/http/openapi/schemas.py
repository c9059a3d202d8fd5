"""JSON Schemas of the answers."""

from typing import Any

from function_app.batches.request import MAX_IDS, MAX_TEXT, OUTPUTS
from function_app.http.openapi.problems import PREFIX, PROBLEMS
from function_app.vision.categories import CATEGORIES, NAMES
from function_app.vision.evaluation import OFFICIAL
from function_app.vision.model_package import category_table

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SIZE: Schema = {"type": "integer", "minimum": 1}
UNIT: Schema = {"type": "number", "minimum": 0, "maximum": 1}
YES: Schema = {"type": "boolean"}
MODEL: Schema = {"type": "string", "examples": ["lite0-fpn-int8:0.3.0"]}


def ref(name: str) -> Schema:
    """Refer to a schema by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> dict[str, Schema]:
    """Return all schemas by name."""
    return {
        "Problem": _problem(),
        "Category": _object(_CATEGORY),
        "Categories": _object({"categories": _list(ref("Category"), len(CATEGORIES))}),
        "Prediction": _prediction(),
        "MaskPng": _object(
            {
                "encoding": {"const": "png;base64"},
                "data": {"type": "string", "contentEncoding": "base64"},
            },
            "The palette PNG that format=mask gives, in base64.",
        ),
        "MaskRle": _mask_rle(),
        "Metrics": _metrics(),
        "Model": _object(_MODEL),
        "Models": _object({"active": _nullable(MODEL), "models": _list(ref("Model"))}),
        "ModelDetails": _object(
            _MODEL
            | {
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "categories": _list(ref("Category"), len(CATEGORIES)),
                "lineage": {"type": "object", "description": "How the model came about."},
            }
        ),
        "Scene": _object({"id": TEXT, "truth": YES, "prediction": YES}),
        "Scenes": _object({"scenes": _list(ref("Scene")), "next": _nullable(TEXT)}),
        "Scores": _scores(),
        "Evaluation": _object(
            {"id": TEXT, "model": MODEL, "official": ref("Scores"), "with_void": ref("Scores")}
        ),
        **_batches(),
        "Live": _object({"status": {"const": "live"}}),
        "Ready": _ready(),
    }


def _batches() -> dict[str, Schema]:
    outputs = _list({"enum": list(OUTPUTS)}) | {"minItems": 1}
    asked: dict[str, Schema] = {
        "folder": TEXT | {"maxLength": MAX_TEXT, "description": "Folder below `photos/`."},
        "prefix": TEXT | {"maxLength": MAX_TEXT, "description": "Ids begin so."},
        "ids": _list(TEXT)
        | {"minItems": 1, "maxItems": MAX_IDS, "uniqueItems": True}
        | {"description": "Ids of scenes, instead of folder and prefix."},
        "model": MODEL | {"description": "The active one by default."},
        "outputs": outputs | {"uniqueItems": True, "default": list(OUTPUTS)},
    }
    batch: dict[str, Schema] = {
        "id": TEXT,
        "created": {"type": "string", "format": "date-time"},
        "model": MODEL,
        "selection": _object({"folder": TEXT, "prefix": TEXT, "ids": _nullable(COUNT)}),
        "outputs": outputs,
    }
    names = ("planned", "done", "failed", "left")
    scores = {"photos": COUNT, "official": ref("Scores"), "with_void": ref("Scores")}
    seconds = _nullable({"type": "number", "minimum": 0})
    status = {
        "state": {"enum": ["planning", "running", "done", "cancelled", "failed"]},
        "reason": _nullable(TEXT),
        "photos": _object(dict.fromkeys(names, COUNT)),
        "seconds": seconds,
        "rate": seconds,
        "seconds_left": seconds,
        "evaluation": _nullable(_object(scores)),
    }
    failure = _object({"id": TEXT, "reason": TEXT})
    return {
        "BatchRequest": _object(asked, "", *asked) | {"additionalProperties": False},
        "Batches": _object({"batches": _list(_object(batch))}),
        "Batch": _object(
            batch | status,
            "`planned` grows while photos are still listed. `rate` is photos per second since the "
            "first one began, `evaluation` of the photos that have a true mask.",
        ),
        "Failures": _object({"failures": _list(failure), "next": _nullable(TEXT)}),
    }


def _object(properties: dict[str, Schema], description: str = "", *optional: str) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    schema["required"] = [name for name in properties if name not in optional]
    return schema | ({"description": description} if description else {})


def _list(items: Schema, length: int | None = None) -> Schema:
    exact = {} if length is None else {"minItems": length, "maxItems": length}
    return {"type": "array", "items": items, **exact}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_CATEGORY: dict[str, Schema] = {
    "id": {"type": "integer", "minimum": 0, "maximum": len(CATEGORIES) - 1},
    "name": {"enum": list(NAMES)},
    "color": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
}

_MODEL: dict[str, Schema] = {
    "name": TEXT,
    "version": TEXT,
    "active": YES,
    "created": {"type": "string", "format": "date-time"},
    "license": TEXT,
    "input": _object({"height": SIZE, "width": SIZE}),
    "metrics": _list(ref("Metrics")),
}


def _problem() -> Schema:
    return _object(
        {
            "type": {"enum": [PREFIX + name for name in PROBLEMS]},
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
        },
        "RFC 9457. `type` is stable, `detail` is for people.",
    ) | {
        "examples": [
            {
                "type": f"{PREFIX}invalid-parameter",
                "title": "Invalid parameter",
                "status": 422,
                "detail": "alpha='2': expected a number from 0 to 1.",
            }
        ]
    }


def _ready() -> Schema:
    return _object(
        {
            "status": {"enum": ["ready", "degraded"]},
            "model": MODEL,
            "storage": TEXT,
            "refused": _nullable(_object({"model": _nullable(MODEL), "reason": TEXT})),
            "uptime_s": {"type": "number", "minimum": 0},
        },
        "degraded: predictions go on, but storage does not answer (`storage` says why). "
        "`refused`: the latest activation, where it is not followed, and why. `uptime_s`: seconds "
        "since this process started to serve: few after a cold start.",
    )


def _prediction() -> Schema:
    rows = _object(_CATEGORY | {"pixels": COUNT, "share": UNIT})
    return _object(
        {
            "width": SIZE,
            "height": SIZE,
            "model": MODEL,
            "mean_confidence": _nullable(UNIT)
            | {"description": "Of the winning category; null where the mask was kept from before."},
            "categories": _list(rows, len(CATEGORIES)),
            "timings_ms": {"type": "object", "additionalProperties": {"type": "number"}},
            "mask": {"oneOf": [ref("MaskPng"), ref("MaskRle")]},
        }
    ) | {"examples": [_example_prediction()]}


def _example_prediction() -> dict[str, Any]:
    """A picture of 4 x 2 pixels: a row of sky over a row of road."""
    return {
        "width": 4,
        "height": 2,
        "model": MODEL["examples"][0],
        "mean_confidence": 0.97,
        "categories": [
            {**row, "pixels": half * 4, "share": half * 0.5}
            for row in category_table()
            for half in [int(row["name"] in ("flat", "sky"))]
        ],
        "timings_ms": {"decode": 0.4, "infer": 17.1, "encode": 0.2, "total": 17.7},
        "mask": {
            "encoding": "coco-rle",
            "size": [2, 4],
            "segments": [{"id": 1, "counts": "11100000"}, {"id": 5, "counts": "011000000"}],
        },
    }


def _mask_rle() -> Schema:
    segment = _object({"id": _CATEGORY["id"], "counts": TEXT})
    return _object(
        {
            "encoding": {"const": "coco-rle"},
            "size": _list(SIZE, 2),
            "segments": _list(segment),
        },
        "COCO's compressed run lengths, one string for each category present: with `size` "
        "([height, width]) what pycocotools.mask.decode takes.",
    )


def _metrics() -> Schema:
    robustness = {"type": "object", "description": "Mean IoU on a part of the photos, disturbed."}
    return _object(
        {
            "data": TEXT,
            "split": TEXT,
            "protocol": {"enum": ["official", "with_void"]},
            "photos": COUNT,
            "input": TEXT,
            "labels": TEXT,
            "iou": _iou(tuple(range(len(CATEGORIES)))),
            "mean_iou": UNIT,
            "robustness": robustness,
        },
        "A score as measured by the model's publisher.",
        "photos", "input", "labels", "robustness",
    )  # fmt: skip


def _iou(categories: tuple[int, ...]) -> Schema:
    values = {NAMES[id]: _nullable(UNIT) for id in categories}
    return {"type": "object", "properties": values}


def _scores() -> Schema:
    row = _list(COUNT, len(CATEGORIES))
    official = ", ".join(NAMES[id] for id in OFFICIAL)
    return _object(
        {
            "mean_iou": _nullable(UNIT),
            "iou": _iou(tuple(range(len(CATEGORIES)))),
            "pixels": COUNT,
            "confusion": _list(row, len(CATEGORIES)),
        },
        f"`official`: of {official}, where the truth is evaluated, by a mask without void. "
        "`with_void`: of all. iou is null where neither mask nor truth has the category; the "
        "confusion matrix has true categories in rows, predicted ones in columns.",
    )
