"""The folder of a run: configuration, curves, checkpoints, and what it came to.

A checkpoint is a folder that is complete or not there.
"""

import csv
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from function_app.vision.model_package import MANIFEST_FILE, Manifest
from training.config import read_config
from training.files import write_atomically
from training.lineage import machine

if TYPE_CHECKING:
    import keras

CONFIG, CURVES, TENSORBOARD = "config.yaml", "curves.csv", "tensorboard"

BEST = "best.weights.h5"
"""Averaged weights of the epoch with the best validation score."""

CHECKPOINTS = "checkpoints"
MODEL, AVERAGE, STATE = "model.weights.h5", "average.weights.h5", "state.json"
"""In a checkpoint: the network with its optimizer, the averaged network, what the run came to."""


def last_checkpoint(run: Path) -> Path | None:
    """Return the newest complete checkpoint of a run."""
    return max((run / CHECKPOINTS).glob("epoch-*"), default=None)


def last_weights(run: Path) -> Path:
    """Return the averaged weights of the newest checkpoint of a run that has one."""
    checkpoint = last_checkpoint(run)
    if checkpoint is None:
        raise FileNotFoundError(f"{run} holds no checkpoint")
    return checkpoint / AVERAGE


def read_state(run: Path) -> dict[str, Any]:
    """Return where a run stands.

    Returns:
        epoch (complete ones), best (score) and best_epoch, seconds, stopped (early), git_commits
        (versions of the code that trained it).
    """
    checkpoint = last_checkpoint(run)
    first = {"epoch": 0, "best": 0.0, "best_epoch": 0, "seconds": 0.0, "stopped": False}
    stored = json.loads((checkpoint / STATE).read_text()) if checkpoint else {}
    return {**first, "git_commits": [], **stored}


def save_checkpoint(
    run: Path, model: "keras.Model", average: "keras.Model", state: dict[str, Any]
) -> None:
    """Save a checkpoint, and the best weights if they are this epoch's; older ones are removed.

    A run that is killed meanwhile goes on from the checkpoint before.
    """
    epoch = state["epoch"]
    folder = run / CHECKPOINTS
    unfinished = folder / f"new-{epoch:05}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    model.save_weights(unfinished / MODEL)
    average.save_weights(unfinished / AVERAGE)
    write_atomically(unfinished / STATE, json.dumps(state, indent=1).encode())
    if state["best_epoch"] == epoch:
        write_atomically(run / BEST, (unfinished / AVERAGE).read_bytes())
    unfinished.rename(folder / f"epoch-{epoch:05}")
    for old in sorted(folder.glob("epoch-*"))[:-1]:
        shutil.rmtree(old)


def append_curves(run: Path, row: dict[str, Any]) -> None:
    """Add an epoch's row to the curves; the first line of the CSV file has the names."""
    path = run / CURVES
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)


def summary(run: Path) -> dict[str, Any]:
    """Return what a run came to, and what it started from, as a manifest carries it."""
    state = read_state(run)
    return {
        "run": run.name,
        "epochs": state["epoch"],
        "best_epoch": state["best_epoch"],
        "best_val_category_iou": state["best"],
        "minutes": round(state["seconds"] / 60, 1),
        "git_commits": state["git_commits"],
        "started_from": _started_from(run),
    }


def _started_from(run: Path) -> Any:
    config = read_config(run / CONFIG)
    if config.initial_weights is None:
        return config.encoder_weights
    path = Path(config.initial_weights)
    if (path / MANIFEST_FILE).exists():
        manifest = Manifest.from_json((path / MANIFEST_FILE).read_bytes())
        return {"model": str(manifest.ref), "sha256": manifest.sha256}
    if (path.parent / CONFIG).exists():
        earlier = read_config(path.parent / CONFIG)
        return summary(path.parent) | {"config": earlier.to_dict()}
    return str(path)


def store_result(run: Path, folder: Path) -> Path:
    """Write what a run came to, with its configuration and curves, to `{folder}/{run}.json`."""
    with (run / CURVES).open() as file:
        curves = [{key: float(v) for key, v in row.items()} for row in csv.DictReader(file)]
    result = {
        **summary(run),
        "machine": machine(),
        "config": read_config(run / CONFIG).to_dict(),
        "curves": curves,
    }
    path = folder / f"{run.name}.json"
    write_atomically(path, json.dumps(result, indent=1).encode() + b"\n")
    return path
