"""The served model and its packages, from models/ and results/evaluation, as French text."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from docs.build import french
from docs.build.french import NARROW, category_names, fr, listed, percent, points, signed, size
from docs.build.study import OFFICIAL_NAMES
from function_app.vision.categories import NAMES
from function_app.vision.evaluation import OFFICIAL
from function_app.vision.model_package import ModelRef
from training.registry import FolderRegistry, read_pointer

MODELS = Path("models")
MAIN = ("cityscapes_sharp", "cityscapes_exact", "cityscapes_256")
"""Data sets that scores are told of first: the first of these that a model was scored on."""

LEVELS = (
    (0.9, "fiable"),
    (0.75, "utilisable"),
    (0.6, "à vérifier"),
    (0.0, "insuffisant"),
)
"""Lowest IoU for each verdict about a category."""

CERTAIN = {"0.7": "seven_tenths", "0.9": "nine_tenths"}

Row = dict[str, Any]
Rows = list[Row]


class FactsError(Exception):
    """Something is not measured; the message names the command that measures it."""


def packages() -> list[Path]:
    """Return the newest version of each bundled package, float before 8 bits, small first."""
    refs = sorted(
        ModelRef(path.parent.parent.name, path.parent.name)
        for path in MODELS.glob("*/*/manifest.json")
    )
    newest = {ref.name: ref for ref in refs}  # the last of a name
    return sorted((MODELS / ref.prefix for ref in newest.values()), key=_order)


def _order(package: Path) -> tuple[bool, int]:
    manifest = read_manifest(package)
    return "quantization" in manifest["lineage"], manifest["input"]["width"]


def served_package() -> Path:
    """Return the package that models/active.json names.

    Raises:
        FactsError: it names none.
    """
    pointer = read_pointer(FolderRegistry(MODELS))
    if pointer is None:
        raise FactsError(f"{MODELS} has no active package: run: python -m training activate")
    return MODELS / pointer.ref.prefix


def read_manifest(package: Path) -> dict[str, Any]:
    """Read a package's manifest."""
    manifest: dict[str, Any] = json.loads((package / "manifest.json").read_text())
    return manifest


def input_size(manifest: dict[str, Any]) -> str:
    """Return the size of a package's input, as 512x256."""
    return "{width}x{height}".format(**manifest["input"])


def session_times(results: Path) -> dict[str, float]:
    """Return the time of each package's session, relative to the unit of its measurement."""
    rows = json.loads((results / "session_time.json").read_bytes())["rows"]
    return {row["package"]: row["ratio"] for row in rows if "package" in row}


def evaluation(results: Path, package: Path) -> dict[str, Any]:
    """Read an evaluation as `training.evaluator.results` wrote it.

    Raises:
        FactsError: there is none of this package, or it is not complete.
    """
    path = results / f"evaluation/{package.parent.name}-{package.name}.json"
    again = f"run: python -m training evaluate {package} --data-root DATA --robustness 100 --record"
    if not path.exists():
        raise FactsError(f"{path} is missing; {again}")
    document: dict[str, Any] = json.loads(path.read_bytes())
    if package == served_package() and not (document["robustness"] and document["calibration"]):
        raise FactsError(f"{path} has no robustness or calibration; {again}")
    return document


def rows_of(rows: Rows, protocol: str = "official") -> Rows:
    """Return the rows of a protocol, the main data set first."""
    return sorted((row for row in rows if row["protocol"] == protocol), key=_rank)


def _rank(row: dict[str, Any]) -> int:
    return MAIN.index(row["data"]) if row["data"] in MAIN else len(MAIN)


def model(results: Path) -> dict[str, Any]:
    """Return what is known of the served model."""
    package = served_package()
    manifest, served = read_manifest(package), evaluation(results, package)
    official = rows_of(served["scores"])
    with_void = {row["data"]: row for row in rows_of(served["scores"], "with_void")}
    ranked = sorted(official[0]["iou"], key=lambda name: -official[0]["iou"][name])
    labels = category_names()
    quantization = manifest["lineage"].get("quantization", {"category_iou_lost": {"": 0.0}})
    sure = {row["data"]: _confidence(row) for row in served["calibration"]}
    return {
        "name": manifest["name"],
        "version": manifest["version"],
        "input": size(input_size(manifest)),
        "created": french.date(manifest["created"]),
        "parameters": fr(manifest["lineage"]["parameters"] / 1e6),
        "sets": [_set(row, with_void[row["data"]]) for row in official],
        "main": _set(official[0], with_void[official[0]["data"]]),
        "categories": [_category(name, official) for name in OFFICIAL_NAMES],
        "levels": [[word, points(level, 0)] for level, word in LEVELS[:-1]],
        "weakest": listed(
            [f"{labels[n]} ({points(official[0]['iou'][n], 0)})" for n in ranked[:-3:-1]]
        ),
        "lost_int8": fr(100 * max(quantization["category_iou_lost"].values()), 2),
        **_packages(_bundled(results), [row["data"] for row in official]),
        "robustness": _robustness(served["robustness"]),
        "sure": sure[official[0]["data"]],
        "worst": _worst(served["worst"]),
        **_errors(official[0]),
    }


def _set(row: Row, with_void: Row) -> dict[str, str]:
    matrix = np.array(row["confusion_matrix"])
    low, high = map(points, row["interval"])
    return {
        "title": french.DATA[row["data"]],
        "photos": fr(row["photos"], 0),
        "official": points(row["mean_iou"]),
        "with_void": points(with_void["mean_iou"]),
        "interval": f"{low} à {high}",
        "humans": percent(matrix[NAMES.index("human")].sum() / matrix.sum(), 2),
    }


def _category(name: str, official: Rows) -> list[str]:
    word = next(word for level, word in LEVELS if round(official[0]["iou"][name], 2) >= level)
    return [category_names()[name], word, *(points(row["iou"][name], 0) for row in official)]


def _bundled(results: Path) -> list[Row]:
    """What the packages are: time is relative to the served one's float form."""
    times = session_times(results)
    return [
        {
            "name": path.parent.name,
            "served": path == served_package(),
            "int8": "quantization" in (manifest := read_manifest(path))["lineage"],
            "input": size(input_size(manifest)),
            "megabytes": fr((path / "model.onnx").stat().st_size / 1e6),
            "time": times.get(f"{path.parent.name}:{path.name}", math.nan),
            "iou": {r["data"]: r["mean_iou"] for r in rows_of(evaluation(results, path)["scores"])},
        }
        for path in packages()
    ]


def _packages(bundled: list[Row], sets: list[str]) -> dict[str, Any]:
    """The packages' table; those of 8 bits by input; the others of these against the served one."""
    own, small = (next(p for p in bundled if p["served"]), [p for p in bundled if p["int8"]])
    return {
        "packages": [
            [one["name"] + (f" {NARROW}*" if one["served"] else ""), one["input"],
             one["megabytes"], french.known(one["time"], 2),
             *(points(one["iou"][name]) if name in one["iou"] else "—" for name in sets)]
            for one in bundled
        ],
        "parts": [[one["name"], one["input"]] for one in small],
        "inputs": [
            {"input": one["input"],
             "time": french.known(one["time"] / own["time"]),
             "points": " / ".join(signed(100 * (one["iou"][name] - own["iou"][name]))
                                  for name in sets if name in one["iou"])}
            for one in small if one is not own
        ],
    }  # fmt: skip


def _robustness(rows: Rows) -> dict[str, Any]:
    first = min(rows, key=_rank)["data"]
    rows = [row for row in rows if row["data"] == first]
    clean = next(row["mean_iou"] for row in rows if row["strength"] == 0)
    lost = {(row["kind"], row["strength"]): 100 * (clean - row["mean_iou"]) for row in rows}
    hardest = [lost[kind, 3] for kind in french.CORRUPTIONS]
    return {
        "title": french.DATA[first],
        "photos": fr(rows[0]["photos"], 0),
        "clean": points(clean),
        "hardest": f"{fr(min(hardest), 0)} à {fr(max(hardest), 0)}",
        "lost": {k: [fr(lost[k, strength], 0) for strength in (1, 2, 3)]
                 for k in french.CORRUPTIONS},
    }  # fmt: skip


def _confidence(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "ece": fr(100 * row["ece"]),
        **{
            word: {"share": percent(part["share"], 0), "right": percent(part["right"], 1)}
            for part, word in ((row["at_least"][at], word) for at, word in CERTAIN.items())
        },
    }


def _worst(rows: Rows) -> dict[str, Any]:
    """How often each category is the worst one of the worst photos of the main data set."""
    first = min(rows, key=_rank)["data"]
    rows = [row for row in rows if row["data"] == first]
    counts = {name: sum(row["worst_category"] == name for row in rows) for name in NAMES}
    labels = category_names()
    ranked = sorted((name for name in NAMES if counts[name]), key=lambda name: -counts[name])
    return {
        "photos": fr(len(rows), 0),
        "lowest": points(rows[0]["mean_iou"], 0),
        "counts": listed([f"{labels[name]} ({counts[name]} fois)" for name in ranked]),
    }


def _errors(row: Row) -> dict[str, Any]:
    """Share of each category's pixels that are found, and the five most frequent confusions:
    true category, taken for, share of the true one's pixels."""
    matrix = np.array(row["confusion_matrix"], np.float64)[np.ix_(OFFICIAL, OFFICIAL)]
    shares = matrix / matrix.sum(1, keepdims=True)
    found = [percent(share, 0) for share in shares.diagonal()]
    np.fill_diagonal(shares, 0)
    names = [category_names()[name] for name in OFFICIAL_NAMES]
    places = [divmod(int(p), len(names)) for p in np.argsort(-shares, axis=None)[:5]]
    return {
        "found": dict(zip(OFFICIAL_NAMES, found, strict=True)),
        "confusions": [
            [names[t], names[taken], percent(shares[t, taken], 0)] for t, taken in places
        ],
    }
