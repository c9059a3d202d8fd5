"""Whole-set scores of a model package, computed with the very code that serves it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from function_app.categories import LABEL_TO_CATEGORY, LABEL_TO_EVALUATED
from function_app.evaluation import ALL, OFFICIAL, confusion_matrix, score
from function_app.model_package import (
    MANIFEST_FILE,
    MASK,
    MASK_WITHOUT_VOID,
    MODEL_FILE,
    Manifest,
)
from function_app.segmenter import Segmenter
from training.data import Scene
from training.files import write_atomically

PROTOCOLS = {
    "official": "Cityscapes category IoU: 7 categories, void and ignored labels count nowhere, "
    "argmax without void",
    "with_void": "mIoU over all 8 categories, void included",
}


def load_package(folder: Path, threads: int = 2) -> Segmenter:
    """Load and verify the package in `folder`.

    Raises:
        PackageError, OSError: it is not complete or not what its manifest says.
    """
    manifest = Manifest.from_json((folder / MANIFEST_FILE).read_bytes())
    model = (folder / MODEL_FILE).read_bytes()
    manifest.verify(manifest.ref, model)
    return Segmenter(model, manifest, threads)


def evaluate(
    segmenter: Segmenter, scenes: Iterable[Scene], data: str, split: str
) -> list[dict[str, Any]]:
    """Score every scene at the resolution of its labels, one confusion matrix for all.

    Returns:
        One row for each of PROTOCOLS: data, split, protocol, photos, resolution of input and
        labels, category_iou or mean_iou, iou by category, confusion matrix.
    """
    official = np.zeros((8, 8), np.int64)
    with_void = np.zeros((8, 8), np.int64)
    sizes = set()
    count = 0
    for scene in tqdm(list(scenes), desc=f"{data} {split}", unit="photo"):
        photo, labels = scene.load()
        sizes.add(f"{labels.shape[1]}x{labels.shape[0]}")
        without_void, mask = segmenter.run(photo, [MASK_WITHOUT_VOID, MASK])
        official += confusion_matrix(LABEL_TO_EVALUATED[labels], without_void)
        with_void += confusion_matrix(LABEL_TO_CATEGORY[labels], mask)
        count += 1
    manifest = segmenter.manifest
    common = {
        "model": str(manifest.ref),
        "data": data,
        "split": split,
        "photos": count,
        "input": f"{manifest.width}x{manifest.height}",
        "labels": sorted(sizes)[0] if len(sizes) == 1 else f"{len(sizes)} sizes",
    }
    return [
        {
            **common,
            "protocol": protocol,
            "definition": PROTOCOLS[protocol],
            **asdict(score(matrix, categories)),
            "confusion_matrix": matrix.tolist(),
        }
        for protocol, matrix, categories in (
            ("official", official, OFFICIAL),
            ("with_void", with_void, ALL),
        )
    ]


def store(rows: list[dict[str, Any]], path: Path) -> Path:
    """Write scores as JSON, keeping those stored before of data sets that were not scored now."""
    scored = {row["data"] for row in rows}
    before = json.loads(path.read_text()) if path.exists() else []
    kept = [row for row in before if row["data"] not in scored]
    write_atomically(path, json.dumps(rows + kept, indent=1).encode() + b"\n")
    return path


def record(package: Path, rows: list[dict[str, Any]]) -> Path:
    """Write scores into the manifest of a package that is not published yet; return its path."""
    path = package / MANIFEST_FILE
    manifest = Manifest.from_json(path.read_bytes())
    dropped = ("model", "definition", "confusion_matrix")
    metrics = tuple({k: v for k, v in row.items() if k not in dropped} for row in rows)
    write_atomically(path, replace(manifest, metrics=metrics).to_json())
    return path
