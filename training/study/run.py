"""The loop over the runs of a study: train, export, quantise, score and time each of them."""

import hashlib
import json
import multiprocessing
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from function_app.vision.model_package import Manifest, ModelRef
from function_app.vision.photo import fit
from function_app.vision.segmenter import Segmenter
from training.config import DataConfig, TrainingConfig
from training.data import Scene, read_scenes
from training.errors import DataError
from training.files import write_atomically
from training.packages import read_package
from training.study.plan import Run

Row = dict[str, Any]

FORMATS = ("float", "int8")
"""What is scored of every run."""

PARITY_PHOTOS = 10
CALIBRATION_PHOTOS = 64
TIMING_ROUNDS = 40
"""Enough that the fastest of them was not disturbed by other work."""


class Setup(NamedTuple):
    """What all runs of a comparison share."""

    data_root: Path
    runs: Path  # folder of the runs' folders
    rows: Path  # folder of the rows, one JSON file for each run
    sets: tuple[DataConfig, ...]  # what is scored
    unit: Path  # package whose ONNX time is 1


def read_rows(setup: Setup, names: Iterable[str]) -> dict[str, Row]:
    """Read the rows of those of the named runs that have finished.

    A run's name holds the hash of its configuration, so a row is of no other configuration.

    Raises:
        DataError: a file is not a row, or does not score all sets. It is never overwritten.
    """
    wanted = {(data.path, data.split) for data in setup.sets}
    rows = {}
    for path in (setup.rows / f"{name}.json" for name in names):
        if not path.exists():
            continue
        try:
            row = json.loads(path.read_bytes())
            scored = [{(s["data"], s["split"]) for s in row[form]["scores"]} for form in FORMATS]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path} is not the row of a run: move it away") from error
        if missing := wanted - (scored[0] & scored[1]):
            sets = ", ".join(map(" ".join, sorted(missing)))
            raise DataError(f"{path} has no scores of {sets}: choose another --results")
        rows[path.stem] = row
    return rows


def train_and_measure(config: TrainingConfig, setup: Setup) -> None:
    """Train, or go on after the last complete epoch, then measure and write the run's row.

    The row is what `training.runs.store_result` writes of a run, and parameters; gmacs;
    `minutes_measuring`; `unit`, the package whose time is 1; and for `float` and `int8` each:
    megabytes, time (of the ONNX session, one thread, relative to the unit's, interleaved with it)
    and scores, the rows of `training.evaluator.evaluate` without confusion matrices. The weights
    after the last step are measured: the photos that judge choose no epoch.
    """
    import onnx

    from training.export import export
    from training.quantize import quantize_graph
    from training.runs import last_weights, store_result
    from training.sessions import multiply_adds, time_sessions
    from training.trainer import train

    run, root = setup.runs / config.name, setup.data_root
    train(config, root, run)
    started = time.monotonic()
    shutil.rmtree(run / "packages", ignore_errors=True)  # of an earlier attempt
    ref = ModelRef(config.architecture.replace("_", "-"), "0.0.0")
    judging = _every_nth(read_scenes(config.validation[0], root), PARITY_PHOTOS)
    package = export(config, last_weights(run), ref, judging, run / "packages")
    manifest, _, model = read_package(package)
    learned = _every_nth(read_scenes(config.train[0], root), CALIBRATION_PHOTOS)
    canvases = (fit(scene.load()[0], *manifest.input).canvas for scene in learned)
    models = {"float": model, "int8": quantize_graph(model, manifest.ref, canvases)}
    unit = read_package(setup.unit)
    unit_seconds, *seconds = time_sessions([unit.model, *models.values()], TIMING_ROUNDS)
    row: Row = json.loads(store_result(run, run).read_bytes()) | {
        "parameters": manifest.lineage["parameters"],
        "gmacs": round(multiply_adds(onnx.load_model_from_string(model)) / 1e9, 3),
        "unit": str(unit.manifest.ref),
    }
    for (form, data), own_seconds in zip(models.items(), seconds, strict=True):
        row[form] = {
            "megabytes": round(len(data) / 1e6, 2),
            "time": round(own_seconds / unit_seconds, 3),
            "scores": _scores(data, manifest, setup),
        }
    row["minutes_measuring"] = round((time.monotonic() - started) / 60, 1)
    write_atomically(setup.rows / f"{config.name}.json", json.dumps(row, indent=1).encode() + b"\n")


def _scores(model: bytes, manifest: Manifest, setup: Setup) -> list[Row]:
    from training.evaluator import evaluate

    own = replace(manifest, sha256=hashlib.sha256(model).hexdigest())
    segmenter = Segmenter(model, own, threads=2)
    return [
        {key: value for key, value in score.items() if key != "confusion_matrix"}
        for data in setup.sets
        for score in evaluate(segmenter, read_scenes(data, setup.data_root), data.path, data.split)
    ]


def _every_nth(scenes: list[Scene], count: int) -> list[Scene]:
    """At most `count` scenes, evenly spread."""
    return scenes[:: max(1, len(scenes) // count)][:count]


def run_all(runs: Sequence[Run], setup: Setup, after_each: Callable[[], object]) -> list[str]:
    """Train and measure the runs that have no row yet, one after the other.

    Each is a process of its own: a crash, or its memory, ends with it. Ctrl-C and SIGTERM stop the
    run under way, which goes on after its last complete epoch the next time.

    Args:
        runs: in order.
        setup: what they share.
        after_each: called when a run has got its row.

    Returns:
        Labels of the runs that failed; their processes have printed why.
    """
    # A fresh interpreter: TensorFlow does not survive a fork.
    context = multiprocessing.get_context("spawn")
    done, failed = read_rows(setup, (run.name for run in runs)), []
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for number, run in enumerate(runs, 1):
        if run.name in done:
            continue
        print(f"{time.strftime('%H:%M')} {number}/{len(runs)} {run.label}", flush=True)
        process = context.Process(target=train_and_measure, args=(run.config, setup))
        process.start()
        try:
            process.join()
        finally:
            process.kill()
        if read_rows(setup, [run.name]):
            after_each()
        else:
            failed.append(run.label)
            print(f"{run.label} failed", flush=True)
    return failed
