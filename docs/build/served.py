"""What is served: scores by category, packages, robustness, calibration, worst photos."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from docs.build import french
from docs.build.french import category_names, fr, percent
from function_app.vision.categories import NAMES
from function_app.vision.evaluation import OFFICIAL

SERVED = "lite0-fpn-int8-0.3.0"
PACKAGES = (
    "lite0-fpn", "lite0-fpn-int8", "lite0-fpn-fast-int8", "lite0-fpn-large",
    "lite0-fpn-large-int8", "lite0-fpn-xl-int8",
)  # fmt: skip
VERSION = "0.3.0"

CERTAIN = {"0.5": "half", "0.7": "seven_tenths", "0.9": "nine_tenths"}

Rows = list[dict[str, Any]]


def evaluation(results: Path, name: str = SERVED) -> dict[str, Any]:
    """Read an evaluation as `training.evaluator.store` wrote it."""
    document: dict[str, Any] = json.loads((results / f"evaluation/{name}.json").read_bytes())
    return document


def model(results: Path) -> dict[str, Any]:
    """Return what is known of the served model."""
    served = evaluation(results)
    scores = {row["data"]: _score(row) for row in served["scores"] if row["protocol"] == "official"}
    for row in served["scores"]:
        if row["protocol"] == "with_void":
            scores[row["data"]]["with_void"] = fr(row["mean_iou"])
    lost = json.loads(Path(f"models/lite0-fpn-int8/{VERSION}/manifest.json").read_text())
    lost = lost["lineage"]["quantization"]["category_iou_lost"]
    return {
        "name": served["model"],
        "scores": scores,
        "best": _ranked(served["scores"][0])[:3],
        "weakest": _ranked(served["scores"][0])[:-3:-1],
        "lost_int8": fr(100 * max(lost.values()), 2),
        "packages": packages(results),
        "robustness": _robustness(served["robustness"]),
        "confidence": {row["data"]: _confidence(row) for row in served["calibration"]},
        "worst": _worst(served["worst"]),
        "confusions": confusions(served["scores"]),
        "humans_of_kitti": _share(served["scores"], "kitti", "human"),
        "parameters": fr(json.loads(
            Path(f"models/lite0-fpn/{VERSION}/manifest.json").read_text()
        )["lineage"]["parameters"] / 1e6, 1),
    }  # fmt: skip


def _score(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": french.DATA[row["data"]],
        "photos": fr(row["photos"], 0),
        "labels": row["labels"].replace("x", "×").replace(" sizes", " tailles"),
        "official": fr(row["mean_iou"]),
        "iou": {name: fr(value) for name, value in row["iou"].items()},
    }


def _ranked(row: dict[str, Any]) -> list[str]:
    """Categories from the best to the worst, with their IoU."""
    labels = category_names()
    names = sorted(row["iou"], key=lambda name: -row["iou"][name])
    return [f"{labels[name]} ({fr(row['iou'][name], 2)})" for name in names]


def packages(results: Path) -> list[list[str]]:
    """Rows: package, input, MB, time relative to the first, official IoU by data set."""
    times = json.loads((results / "session_time.json").read_bytes())["rows"]
    table = []
    for name in PACKAGES:
        time = next(row for row in times if row.get("package") == f"{name}:{VERSION}")
        official = [
            row for row in evaluation(results, f"{name}-{VERSION}")["scores"]
            if row["protocol"] == "official"
        ]  # fmt: skip
        table.append([
            name, time["input"].replace("x", "×"), fr(time["megabytes"], 1), fr(time["ratio"], 2),
            *(fr(row["mean_iou"]) for row in official),
        ])  # fmt: skip
    return table


def _robustness(rows: Rows) -> dict[str, Any]:
    first = rows[0]["data"]
    rows = [row for row in rows if row["data"] == first]
    clean = next(row["mean_iou"] for row in rows if row["strength"] == 0)
    iou = {(row["kind"], row["strength"]): row["mean_iou"] for row in rows}
    return {
        "photos": fr(rows[0]["photos"], 0),
        "clean": fr(clean),
        "hardest": _range([clean - iou[kind, 3] for kind in french.CORRUPTIONS]),
        **{
            kind: {str(strength): {
                "iou": fr(iou[kind, strength]),
                "lost": fr(100 * (clean - iou[kind, strength]), 0),
            } for strength in (1, 2, 3)}
            for kind in french.CORRUPTIONS
        },
    }  # fmt: skip


def _range(lost: list[float]) -> str:
    return f"{fr(100 * min(lost), 0)} à {fr(100 * max(lost), 0)}"


def _confidence(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "ece": fr(row["ece"]),
        **{
            CERTAIN[at]: {"share": percent(part["share"], 0), "right": percent(part["right"], 1)}
            for at, part in row["at_least"].items()
        },
    }


def _worst(rows: Rows) -> dict[str, Any]:
    """How often each category is the worst one of the worst photos of the first data set."""
    rows = [row for row in rows if row["data"] == rows[0]["data"]]
    counts = {name: sum(row["worst_category"] == name for row in rows) for name in NAMES}
    ranked = sorted(counts, key=lambda name: -counts[name])
    labels = category_names()
    return {
        "photos": fr(len(rows), 0),
        "lowest": fr(rows[0]["mean_iou"], 2),
        "counts": ", ".join(f"{labels[name]} ({counts[name]})" for name in ranked if counts[name]),
    }


def _share(rows: Rows, data: str, category: str) -> str:
    """Share of a category in the evaluated pixels of a data set."""
    row = next(row for row in rows if row["data"] == data and row["protocol"] == "official")
    counts = np.array(row["confusion_matrix"]).sum(1)
    return percent(counts[NAMES.index(category)] / counts.sum(), 2)


def confusions(rows: Rows) -> list[list[str]]:
    """The most frequent confusions: true category, taken for, share of the true one's pixels."""
    matrix = np.array(rows[0]["confusion_matrix"], np.float64)[np.ix_(OFFICIAL, OFFICIAL)]
    shares = matrix / matrix.sum(1, keepdims=True)
    np.fill_diagonal(shares, 0)
    labels = category_names()
    names = [labels[NAMES[category]] for category in OFFICIAL]
    order = np.argsort(-shares, axis=None)[:5]
    places = [divmod(int(place), len(names)) for place in order]
    return [[names[true], names[taken], percent(shares[true, taken], 0)] for true, taken in places]
