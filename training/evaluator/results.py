"""What was measured of one package: a JSON file that everything else quotes from, its manifest."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from function_app.vision.model_package import MANIFEST_FILE, Manifest
from training.data import DataError
from training.files import write_atomically

Rows = list[dict[str, Any]]
Results = dict[str, Any]

SECTIONS = ("runs", "scores", "calibration", "worst", "robustness")
"""Lists of rows; every row names its data and split."""

PROTOCOLS = {
    "official": "Cityscapes category IoU: 7 categories, void and ignored labels count nowhere, "
    "argmax without void",
    "with_void": "mIoU over all 8 categories, void included",
}


def results_path(folder: Path, manifest: Manifest) -> Path:
    """Where the results of a package are, in the folder of all results."""
    return folder / f"{manifest.ref.name}-{manifest.ref.version}.json"


def read_results(path: Path, manifest: Manifest) -> Results:
    """Read what is stored of exactly this model file; nothing of another one counts.

    Returns:
        model, sha256, protocols (name -> definition) and a list of rows for each of SECTIONS.

    Raises:
        DataError: the file is there and holds something else.
    """
    empty = {
        "model": str(manifest.ref),
        "sha256": manifest.sha256,
        "protocols": PROTOCOLS,
        **{section: [] for section in SECTIONS},
    }
    if not path.exists():
        return empty
    try:
        stored = json.loads(path.read_bytes())
        if stored["sha256"] != manifest.sha256:
            return empty
        return {**empty, **{section: list(stored[section]) for section in SECTIONS}}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} holds no results of an evaluation: move it away") from error


def store(path: Path, manifest: Manifest, **sections: Rows) -> Results:
    """Write rows, keeping those of other data sets and splits, and of sections not given.

    Args:
        path: the JSON file, made where it is missing.
        manifest: of the model that was measured.
        sections: rows by name of the section.

    Returns:
        All that is stored now, as `read_results` gives it.

    Raises:
        DataError: the file is there and holds something else.
    """
    results = read_results(path, manifest)
    for name, rows in sections.items():
        measured = {_set(row) for row in rows}
        before = results[name]
        order = list(dict.fromkeys(_set(row) for row in [*before, *rows]))
        kept = [row for row in before if _set(row) not in measured]
        results[name] = sorted([*kept, *rows], key=lambda row: order.index(_set(row)))
    write_atomically(path, json.dumps(results, indent=1).encode() + b"\n")
    return results


def _set(row: dict[str, Any]) -> tuple[str, str]:
    return row["data"], row["split"]


def record(package: Path, results: Results) -> Path:
    """Write scores into the manifest of a package that is not published yet; return its path.

    The metrics become the stored scores without their confusion matrices. An official row carries
    "robustness" where it was measured: photos, the clean mean IoU and, by kind of corruption, the
    mean IoU at strength 1, 2, 3.

    Args:
        package: folder of the package.
        results: what `store` returned, of the same model.
    """
    path = package / MANIFEST_FILE
    manifest = Manifest.from_json(path.read_bytes())
    metrics = []
    for row in results["scores"]:
        metric = {key: value for key, value in row.items() if key != "confusion_matrix"}
        curves = [
            r for r in results["robustness"]
            if (r["data"], r["split"]) == (row["data"], row["split"])
        ]  # fmt: skip
        if curves and row["protocol"] == "official":
            metric["robustness"] = _curves(curves)
        metrics.append(metric)
    write_atomically(path, replace(manifest, metrics=tuple(metrics)).to_json())
    return path


def _curves(rows: Rows) -> dict[str, Any]:
    summary: dict[str, Any] = {"photos": rows[0]["photos"]}
    for row in sorted(rows, key=lambda r: int(r["strength"])):
        if row["strength"] == 0:
            summary["clean"] = row["mean_iou"]
        else:
            summary.setdefault(row["kind"], []).append(row["mean_iou"])
    return summary
