"""The training run: network, schedule, data, resume."""

import csv
import json
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import yaml

from training.callbacks import BEST, LAST, Checkpoint, read_state, recover
from training.config import ConfigError, TrainingConfig, read_config
from training.data.augment import Augmentation
from training.data.frequencies import median_frequency_weights
from training.data.generator import TrainingBatches, ValidationBatches
from training.data.listing import read_scenes
from training.evaluator.machine import machine
from training.files import write_atomically
from training.losses import build_loss
from training.metrics import CategoryIoU
from training.models import build

CONFIG, CURVES, TENSORBOARD = "config.yaml", "curves.csv", "tensorboard"

TIMED_STEPS = 4
"""Steps that a dry run times, after one that warms up."""


def build_model(config: TrainingConfig, size: tuple[int, int], *, pretrained: bool) -> keras.Model:
    """Build the configured network for (height, width) inputs, not yet compiled.

    Args:
        config: of the run.
        size: (height, width), multiples of 32.
        pretrained: load the configured encoder weights; pointless where others follow.
    """
    weights = config.encoder_weights if pretrained else None
    return build(config.architecture, size, encoder_weights=weights)


def train(config: TrainingConfig, data_root: Path, run: Path) -> Path:
    """Train, or go on where an interrupted run stopped, and return the best weights' path.

    Every epoch ends with a checkpoint in `run`; started again with the same configuration the run
    resumes after the last complete epoch, with the same order of photos and the same schedule.

    Raises:
        ConfigError: `run` belongs to another configuration.
    """
    state = read_state(run)
    _refuse_other(config, run, state["epoch"])
    if state["stopped"]:
        print(f"{run} stopped early after epoch {state['epoch']}")
        return run / BEST
    _set_precision(config.precision)
    keras.utils.set_random_seed(config.seed)
    batches = training_batches(config, data_root, epoch=state["epoch"])
    validation = validation_batches(config, data_root)
    model = _compiled(config, batches, fresh=state["epoch"] == 0)
    if state["epoch"]:
        recover(run, state["epoch"])
        model.load_weights(run / LAST)
    write_atomically(run / CONFIG, yaml.safe_dump(config.to_dict(), sort_keys=False).encode())
    print(f"{sum(len(s) for s, _ in batches.sets)} photos to learn from, "
          f"{len(validation.scenes)} to choose by, {model.count_params():,} parameters; curves: "
          f"tensorboard --logdir {run / TENSORBOARD}")  # fmt: skip
    model.fit(
        batches,
        shuffle=False,  # the batches have an order of their own, which resuming relies on
        epochs=config.epochs,
        initial_epoch=state["epoch"],
        callbacks=[
            Checkpoint(
                run,
                config.epochs,
                validation,
                lambda: build_model(config, config.input_size, pretrained=False),
                config.patience,
            ),
            keras.callbacks.CSVLogger(run / CURVES, append=True),
            keras.callbacks.TensorBoard(run / TENSORBOARD, write_graph=False),
        ],
    )
    return run / BEST


def dry_run(config: TrainingConfig, data_root: Path) -> None:
    """Print what would be trained, and how long it would take here; nothing is written."""
    _set_precision(config.precision)
    batches = training_batches(config, data_root)
    validation = validation_batches(config, data_root)
    model = _compiled(config, batches, fresh=False)
    shares = np.array([share for _, share in batches.sets])
    print(f"{config.name}: {config.architecture}, {model.count_params():,} parameters, "
          f"views of {config.crop_size[1]}x{config.crop_size[0]}, "
          f"{keras.mixed_precision.dtype_policy().name}")  # fmt: skip
    for data, (scenes, _), part in zip(
        config.train, batches.sets, shares / shares.sum(), strict=True
    ):
        print(f"  {data.path} {data.split}: {len(scenes)} photos, {part:.0%} of each epoch")
    print(f"  {len(validation.scenes)} photos to choose by")
    print(f"  loss {config.loss}, weights {model.loss.category_weights or 'all 1'}")
    print(f"  augmentation {config.augmentation or 'none'}")
    model.train_on_batch(*batches[0])
    started = time.monotonic()
    for step in range(TIMED_STEPS):
        model.train_on_batch(*batches[step % len(batches)])
    seconds = (time.monotonic() - started) / TIMED_STEPS
    steps = config.epochs * len(batches)
    print(f"{config.epochs} epochs of {len(batches)} steps of {config.batch_size}: "
          f"{steps:,} steps at {seconds:.2f} s, about {steps * seconds / 60:.0f} min here, "
          "validation not counted")  # fmt: skip


def summary(run: Path) -> dict[str, Any]:
    """Return what a run came to, and what it started from, as a manifest carries it."""
    state = read_state(run)
    config = read_config(run / CONFIG)
    earlier = Path(config.initial_weights).parent if config.initial_weights else None
    return {
        "run": run.name,
        "epochs": state["epoch"],
        "best_epoch": state["best_epoch"],
        "best_val_category_iou": state["best"],
        "minutes": round(state["seconds"] / 60, 1),
        "started_from": summary(earlier) | {"config": read_config(earlier / CONFIG).to_dict()}
        if earlier and (earlier / CONFIG).exists()
        else config.encoder_weights,
    }


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


def training_batches(config: TrainingConfig, data_root: Path, epoch: int = 0) -> TrainingBatches:
    """Return the batches a run learns from, starting with `epoch`."""
    return TrainingBatches(
        [(read_scenes(data, data_root), data.share) for data in config.train],
        batch_size=config.batch_size,
        photos_per_epoch=config.photos_per_epoch,
        input_size=config.input_size,
        crop_size=config.crop_size,
        augmentation=Augmentation.from_config(config.augmentation),
        seed=config.seed,
        epoch=epoch,
    )


def validation_batches(config: TrainingConfig, data_root: Path) -> ValidationBatches:
    """Return the scenes by which the best epoch is chosen, at the service's input size."""
    scenes = [s for data in config.validation for s in read_scenes(data, data_root)]
    return ValidationBatches(scenes, config.input_size)


def _refuse_other(config: TrainingConfig, run: Path, epoch: int) -> None:
    """A run that has trained keeps its configuration; one that has not may be put right."""
    stored = run / CONFIG
    if epoch and yaml.safe_load(stored.read_text()) != config.to_dict():
        raise ConfigError(f"{run} holds a run of another configuration: choose another --run")


def _set_precision(precision: str) -> None:
    if precision == "auto":
        has_gpu = bool(tf.config.list_physical_devices("GPU"))
        # bfloat16 has float32's range: no loss scaling. CPUs gain nothing from it here.
        precision = "mixed_bfloat16" if has_gpu else "float32"
    keras.mixed_precision.set_dtype_policy(precision)


def _compiled(config: TrainingConfig, batches: TrainingBatches, *, fresh: bool) -> keras.Model:
    model = build_model(config, config.crop_size, pretrained=fresh)
    if fresh and config.initial_weights:
        _load_initial(model, config.initial_weights)
    weights = config.category_weights
    if isinstance(weights, str):  # MEDIAN_FREQUENCY, the only word that a configuration admits
        weights = median_frequency_weights([s for scenes, _ in batches.sets for s in scenes])
    # jit_compile: XLA is several times slower than oneDNN on a CPU.
    model.compile(
        _optimizer(config, model),
        build_loss(config.loss, weights),
        metrics=[CategoryIoU()],
        jit_compile=False,
    )
    return model


def _optimizer(config: TrainingConfig, model: keras.Model) -> keras.optimizers.Optimizer:
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
    return optimizer


def _load_initial(model: keras.Model, path: str) -> None:
    try:
        model.load_weights(path)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"initial_weights {path}: not there, or not weights of {model.name}"
        ) from error
