"""What a run came to, as a manifest and a stored row carry it."""

import csv
import json
from pathlib import Path
from typing import Any

import yaml

from function_app.vision.model_package import MANIFEST_FILE, Manifest
from training.checkpoints import read_state
from training.config import TrainingConfig, read_config
from training.evaluator.machine import machine
from training.files import write_atomically

CONFIG, CURVES, TENSORBOARD = "config.yaml", "curves.csv", "tensorboard"


def summary(run: Path) -> dict[str, Any]:
    """Return what a run came to, and what it started from, as a manifest carries it."""
    state = read_state(run)
    config = read_config(run / CONFIG)
    return {
        "run": run.name,
        "epochs": state["epoch"],
        "best_epoch": state["best_epoch"],
        "best_val_category_iou": state["best"],
        "minutes": round(state["seconds"] / 60, 1),
        "git_commits": state["git_commits"],
        "started_from": _started_from(config),
    }


def _started_from(config: TrainingConfig) -> Any:
    """What a manifest says of the weights a run began with."""
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
        "config": yaml.safe_load((run / CONFIG).read_text()),
        "curves": curves,
    }
    path = folder / f"{run.name}.json"
    write_atomically(path, json.dumps(result, indent=1).encode() + b"\n")
    return path
