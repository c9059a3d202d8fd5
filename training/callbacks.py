"""What happens at the end of an epoch: validation, checkpoint, early stopping."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from training.data.generator import ValidationBatches
from training.files import write_atomically
from training.metrics import CategoryIoU

LAST, BEST, STATE = "last.weights.h5", "best.weights.h5", "state.json"
"""A checkpoint. LAST holds the optimizer too; it is replaced together with STATE, see `_commit`."""

FIRST_STATE = {"epoch": 0, "best": 0.0, "best_epoch": 0, "seconds": 0.0, "stopped": False}


def read_state(run: Path) -> dict[str, Any]:
    """Return where a run stands: complete epochs, best score and its epoch, seconds, stopped."""
    path = run / STATE
    return {**FIRST_STATE, **(json.loads(path.read_text()) if path.exists() else {})}


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Validate at the service's input size, then save last weights, best weights and state.

    Args:
        run: folder of the run.
        epochs: of the whole schedule, for the time left.
        validation: what the best epoch is chosen by.
        full_model: builds the network at the validation's input size.
        patience: epochs without a better score after which training stops; None: never.
    """

    def __init__(
        self,
        run: Path,
        epochs: int,
        validation: ValidationBatches,
        full_model: Callable[[], keras.Model],
        patience: int | None,
    ) -> None:
        super().__init__()
        self.run, self.epochs, self.validation = run, epochs, validation
        self.full_model, self.patience = full_model, patience
        self.state = read_state(run)
        self.started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Start the clock."""
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Validate and save; `logs` gain val_category_iou and learning_rate."""
        full = self.full_model()
        full.set_weights(self.model.get_weights())
        full.compile(loss=self.model.loss, metrics=[CategoryIoU()], jit_compile=False)
        iou = full.evaluate(self.validation, verbose=0, return_dict=True)["category_iou"]
        if logs is not None:
            logs["val_category_iou"] = iou
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        state = self.state
        state["epoch"] = epoch + 1
        state["seconds"] += time.monotonic() - self.started
        if iou > state["best"]:
            state |= {"best": iou, "best_epoch": epoch + 1}
            _save_weights(full, self.run / BEST)
        waited = state["epoch"] - state["best_epoch"]
        state["stopped"] = self.patience is not None and waited >= self.patience
        self._commit()
        left = (self.epochs - epoch - 1) * state["seconds"] / (epoch + 1)
        print(f"\nvalidation category IoU {iou:.4f} (best {state['best']:.4f} after epoch "
              f"{state['best_epoch']}), about {left / 60:.0f} min left")  # fmt: skip
        if state["stopped"]:
            print(f"no better score for {waited} epochs: training stops")
            self.model.stop_training = True

    def _commit(self) -> None:
        """Replace LAST and STATE; a kill in between is put right by `recover`."""
        waiting = self.run / f"epoch-{self.state['epoch']}.{LAST}"
        _save_weights(self.model, waiting)
        write_atomically(self.run / STATE, json.dumps(self.state, indent=1).encode())
        waiting.replace(self.run / LAST)


def recover(run: Path, epoch: int) -> None:
    """Bring LAST in step with a state of `epoch` complete epochs, after a kill between the two."""
    for waiting in run.glob(f"epoch-*.{LAST}"):
        if waiting.name == f"epoch-{epoch}.{LAST}":
            waiting.replace(run / LAST)
        else:
            waiting.unlink()


def _save_weights(model: keras.Model, path: Path) -> None:
    temporary = path.with_name(f"new.{path.name}")
    model.save_weights(temporary)
    temporary.replace(path)
