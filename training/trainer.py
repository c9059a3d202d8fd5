"""The training run: schedule, checkpoints, resume, curves."""

import json
import time
from pathlib import Path
from typing import Any

import keras
import yaml

from training.config import ConfigError, DataConfig, TrainingConfig
from training.data import READERS, Scene
from training.data.augment import Augmentation
from training.data.generator import TrainingBatches, ValidationBatches
from training.files import write_atomically
from training.losses import CrossEntropyDice
from training.metrics import CategoryIoU
from training.models import ARCHITECTURES

LAST, BEST = "last.weights.h5", "best.weights.h5"
STATE, CONFIG, CURVES = "state.json", "config.yaml", "curves.csv"


def read_scenes(data: DataConfig, root: Path) -> list[Scene]:
    """List the scenes of one entry of a configuration, below the data root."""
    if data.reader not in READERS:
        raise ConfigError(f"no reader '{data.reader}': choose from {', '.join(READERS)}")
    return READERS[data.reader](root / data.path, data.split)[:: data.every]


def build_model(config: TrainingConfig, size: tuple[int, int], *, pretrained: bool) -> keras.Model:
    """Build the configured network for (height, width) inputs, not yet compiled.

    Args:
        config: of the run.
        size: (height, width), multiples of 32.
        pretrained: load the configured encoder weights; pointless where others follow.
    """
    weights = config.encoder_weights if pretrained else None
    return ARCHITECTURES[config.architecture](*size, encoder_weights=weights)


def train(config: TrainingConfig, data_root: Path, run: Path) -> Path:
    """Train, or go on where an interrupted run stopped, and return the best weights' path.

    Every epoch ends with a checkpoint in `run`; started again with the same configuration the run
    resumes after the last complete epoch, with the same order of photos and the same schedule.

    Raises:
        ConfigError: `run` belongs to another configuration.
    """
    state = _open_run(config, run)
    keras.utils.set_random_seed(config.seed)
    model = build_model(config, config.crop_size, pretrained=state["epoch"] == 0)
    if config.initial_weights and not state["epoch"]:
        model.load_weights(config.initial_weights)
    _compile(model, config)
    if state["epoch"]:
        model.load_weights(run / LAST)
    batches = TrainingBatches(
        [(read_scenes(data, data_root), data.share) for data in config.train],
        batch_size=config.batch_size,
        photos_per_epoch=config.photos_per_epoch,
        input_size=config.input_size,
        crop_size=config.crop_size,
        augmentation=Augmentation(**config.augmentation),
        seed=config.seed,
        epoch=state["epoch"],
    )
    validation = [s for data in config.validation for s in read_scenes(data, data_root)]
    print(f"{sum(len(s) for s, _ in batches.sets)} photos to learn from, "
          f"{len(validation)} to choose by, {model.count_params():,} parameters")  # fmt: skip
    model.fit(
        batches,
        shuffle=False,  # the batches have an order of their own, which resuming relies on
        epochs=config.epochs,
        initial_epoch=state["epoch"],
        callbacks=[
            _Checkpoint(config, run, state, ValidationBatches(validation, config.input_size)),
            keras.callbacks.CSVLogger(run / CURVES, append=True),
        ],
    )
    return run / BEST


def _open_run(config: TrainingConfig, run: Path) -> dict[str, Any]:
    run.mkdir(parents=True, exist_ok=True)
    stored = run / CONFIG
    if stored.exists() and yaml.safe_load(stored.read_text()) != config.to_dict():
        raise ConfigError(f"{run} holds a run of another configuration: choose another --run")
    write_atomically(stored, yaml.safe_dump(config.to_dict(), sort_keys=False).encode())
    if (run / STATE).exists():
        state: dict[str, Any] = json.loads((run / STATE).read_text())
        return state
    return {"epoch": 0, "best": 0.0, "seconds": 0.0}


def _compile(model: keras.Model, config: TrainingConfig) -> None:
    steps = config.epochs * (config.photos_per_epoch // config.batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=config.learning_rate / 20,
        decay_steps=max(1, steps - config.warmup_steps),
        warmup_target=config.learning_rate,
        warmup_steps=config.warmup_steps,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=config.weight_decay, clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    optimizer.build(model.trainable_variables)
    # jit_compile: XLA is several times slower than oneDNN on a CPU.
    model.compile(
        optimizer,
        CrossEntropyDice(config.category_weights, config.dice),
        metrics=[CategoryIoU()],
        jit_compile=False,
    )


class _Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """Validate at the service's input size, then save last weights, best weights and state."""

    def __init__(
        self,
        config: TrainingConfig,
        run: Path,
        state: dict[str, Any],
        validation: ValidationBatches,
    ) -> None:
        super().__init__()
        self.config, self.run, self.state, self.validation = config, run, state, validation
        self.started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        full = build_model(self.config, self.config.input_size, pretrained=False)
        full.set_weights(self.model.get_weights())
        full.compile(loss=self.model.loss, metrics=[CategoryIoU()], jit_compile=False)
        iou = full.evaluate(self.validation, verbose=0, return_dict=True)["category_iou"]
        if logs is not None:
            logs["val_category_iou"] = iou
        self.state["epoch"] = epoch + 1
        self.state["seconds"] += time.monotonic() - self.started
        _save_weights(self.model, self.run / LAST)
        if iou > self.state["best"]:
            self.state["best"] = iou
            _save_weights(full, self.run / BEST)
        write_atomically(self.run / STATE, json.dumps(self.state, indent=1).encode())
        left = (self.config.epochs - epoch - 1) * self.state["seconds"] / (epoch + 1)
        print(f"\nvalidation category IoU {iou:.4f} (best {self.state['best']:.4f}), "
              f"about {left / 60:.0f} min left")  # fmt: skip


def _save_weights(model: keras.Model, path: Path) -> None:
    temporary = path.with_name(f"new.{path.name}")
    model.save_weights(temporary)
    temporary.replace(path)
