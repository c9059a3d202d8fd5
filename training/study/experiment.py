"""One run from nothing to its row: train, export, make 8 bits of it, score, time."""

import hashlib
import json
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from function_app.vision.model_package import Manifest, ModelRef
from function_app.vision.photo import fit
from function_app.vision.segmenter import Segmenter
from training.callbacks import LAST
from training.config import TrainingConfig
from training.data import Scene
from training.data.listing import read_scenes
from training.evaluator import evaluate
from training.evaluator.results import Rows
from training.export import export
from training.files import write_atomically
from training.packages import read_package
from training.quantize import quantize_graph
from training.study.plan import Places
from training.study.session import multiply_adds, time_sessions
from training.trainer import store_result, train

PARITY_PHOTOS = 10
CALIBRATION_PHOTOS = 64
ROUNDS = 40
"""Of the timing: enough that the fastest of them met no other work."""


def carry_out(config: TrainingConfig, places: Places) -> None:
    """Train, or go on after the last complete epoch, then measure and write the run's row.

    The row is what `training.trainer.store_result` writes of a run, and parameters; gmacs;
    `minutes_measuring`; `unit`, the package whose time is 1; and for `float` and `int8` each:
    megabytes, time (of the ONNX session, one thread, relative to the unit's, interleaved with it)
    and scores, the rows of `training.evaluator.evaluate` without confusion matrices.

    Raises:
        ConfigError, DataError, PackageError: as training and export do.
    """
    run = places.runs / config.name
    train(config, places.data_root, run)
    started = time.monotonic()
    manifest, model = _exported(config, places.data_root, run)
    learned = read_scenes(config.train[0], places.data_root)
    canvases = (_canvas(scene, manifest) for scene in _some(learned, CALIBRATION_PHOTOS))
    models = {"float": model, "int8": quantize_graph(model, manifest.ref, canvases)}
    unit = read_package(places.unit)
    unit_seconds, *seconds = time_sessions([unit.model, *models.values()], ROUNDS)
    row: dict[str, Any] = json.loads(store_result(run, run).read_bytes())
    row |= {
        "parameters": manifest.lineage["parameters"],
        "gmacs": round(multiply_adds(onnx.load_model_from_string(model)) / 1e9, 3),
        "unit": str(unit.manifest.ref),
    }
    for (form, data), own_seconds in zip(models.items(), seconds, strict=True):
        of_form = replace(manifest, sha256=hashlib.sha256(data).hexdigest())
        row[form] = {
            "megabytes": round(len(data) / 1e6, 2),
            "time": round(own_seconds / unit_seconds, 3),
            "scores": _scores(Segmenter(data, of_form, threads=2), places),
        }
    row["minutes_measuring"] = round((time.monotonic() - started) / 60, 1)
    write_atomically(
        places.rows / f"{config.name}.json", json.dumps(row, indent=1).encode() + b"\n"
    )


def _exported(config: TrainingConfig, data_root: Path, run: Path) -> tuple[Manifest, bytes]:
    """Export the weights after the last step; whatever an earlier attempt left is replaced."""
    packages = run / "packages"
    shutil.rmtree(packages, ignore_errors=True)
    ref = ModelRef(config.architecture.replace("_", "-"), "0.0.0")
    scenes = _some(read_scenes(config.validation[0], data_root), PARITY_PHOTOS)
    files = read_package(export(config, run / LAST, ref, scenes, packages))
    return files.manifest, files.model


def _some(scenes: list[Scene], count: int) -> list[Scene]:
    return scenes[:: max(1, len(scenes) // count)][:count]


def _canvas(scene: Scene, manifest: Manifest) -> NDArray[np.uint8]:
    return fit(scene.load()[0], *manifest.input).canvas


def _scores(segmenter: Segmenter, places: Places) -> Rows:
    scored: Iterable[dict[str, Any]] = (
        row
        for data in places.sets
        for row in evaluate(segmenter, read_scenes(data, places.data_root), data.path, data.split)
    )
    return [{k: v for k, v in row.items() if k != "confusion_matrix"} for row in scored]
