"""Checkpoints of a run: each a folder that is complete or not there."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import keras

from training.files import write_atomically

BEST = "best.weights.h5"
"""Averaged weights of the epoch with the best validation score, in the folder of the run."""

CHECKPOINTS = "checkpoints"
MODEL, AVERAGE, STATE = "model.weights.h5", "average.weights.h5", "state.json"
"""In a checkpoint: the network with its optimizer, the averaged network, what the run came to."""

FIRST_STATE: dict[str, Any] = {
    "epoch": 0,
    "best": 0.0,
    "best_epoch": 0,
    "seconds": 0.0,
    "stopped": False,
    "git_commits": [],
}


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
    stored = json.loads((checkpoint / STATE).read_text()) if checkpoint else {}
    return {**copy.deepcopy(FIRST_STATE), **stored}


def save_checkpoint(
    run: Path, model: keras.Model, average: keras.Model, state: dict[str, Any]
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
