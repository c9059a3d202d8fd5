"""A model package in a folder: load what is to be scored, record what was measured."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from function_app.vision.model_package import MANIFEST_FILE, Manifest, PackageError
from function_app.vision.segmenter import Segmenter
from training.evaluator.results import Results, Rows
from training.files import write_atomically
from training.packages import read_package
from training.registry import FolderRegistry, read_pointer


def load_package(folder: Path, threads: int = 2) -> Segmenter:
    """Load and verify the package in `folder`.

    Raises:
        PackageError: it is incomplete, not what its manifest says, or cannot be loaded.
    """
    files = read_package(folder)
    return Segmenter(files.model, files.manifest, threads)


def refuse_active(package: Path) -> None:
    """Refuse to change the active package of the folder of packages that `package` lies in.

    Raises:
        PackageError: it is the active one.
    """
    pointer = read_pointer(FolderRegistry(package.resolve().parent.parent))
    if pointer and package.resolve().parts[-2:] == (pointer.ref.name, pointer.ref.version):
        raise PackageError(
            f"{pointer.ref} is active, and versions do not change: evaluate it without --record, "
            "or export a new version"
        )


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
