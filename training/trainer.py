"""The training run: network, schedule, data, resume."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import fmean
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import yaml

from training.config import TrainingConfig, read_config
from training.data.frequencies import median_frequency_weights
from training.data.generator import (
    ValidationBatches,
    training_batches,
    training_sets,
    validation_sets,
)
from training.errors import ConfigError
from training.files import write_atomically
from training.lineage import code_version
from training.losses import WeightedSum
from training.metrics import CategoryIoU
from training.models import build
from training.models.package_weights import load_package_weights
from training.optimizer import MovingAverage, build_optimizer
from training.runs import (
    AVERAGE,
    BEST,
    CONFIG,
    MODEL,
    TENSORBOARD,
    append_curves,
    last_checkpoint,
    read_state,
    save_checkpoint,
)

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
    return build(config.architecture, size, weights)


def train(config: TrainingConfig, data_root: Path, run: Path) -> Path:
    """Train, or go on where an interrupted run stopped, and return the best weights' path.

    Every epoch ends with a checkpoint in `run`; started again with the same configuration the run
    resumes after the last complete epoch, with the same order of photos and the same schedule.
    Averaged weights of the last epoch are in the checkpoint: usable at any time.

    Raises:
        ConfigError: `run` belongs to another configuration.
    """
    state = read_state(run)
    _refuse_other(config, run, state["epoch"])
    if state["stopped"]:
        print(f"{run} stopped early after epoch {state['epoch']}")
        return run / BEST
    keras.utils.set_random_seed(config.seed)
    sets, validation = training_sets(config, data_root), validation_sets(config, data_root)
    devices = training_devices()
    with tf.distribute.MirroredStrategy(devices).scope() if len(devices) > 1 else nullcontext():
        model = _compiled(config, data_root, fresh=state["epoch"] == 0)
        average = _average(config, model)
    if checkpoint := last_checkpoint(run):
        model.load_weights(checkpoint / MODEL)
        average.load_weights(checkpoint / AVERAGE)
    write_atomically(run / CONFIG, yaml.safe_dump(config.to_dict(), sort_keys=False).encode())
    print(f"{sum(len(s) for s, _ in sets)} photos to learn from, "
          f"{sum(len(v.scenes) for v in validation.values())} to choose by, "
          f"{model.count_params():,} parameters; "
          f"curves: tensorboard --logdir {run / TENSORBOARD}", flush=True)  # fmt: skip
    if (version := code_version()) not in state["git_commits"]:  # of the code as it is loaded now
        state["git_commits"].append(version)
    curves = tf.summary.create_file_writer(str(run / TENSORBOARD))
    for epoch in range(state["epoch"], config.epochs):
        started = time.monotonic()
        row = _train_epoch(config, data_root, epoch, model, average)
        scores = _validate(average, validation)
        row |= {f"val_{name}": score for name, score in scores.items()}
        row |= {"val_category_iou": fmean(scores.values())}
        row |= {"learning_rate": float(model.optimizer.learning_rate)}
        _advance(state, config, row["val_category_iou"], time.monotonic() - started)
        append_curves(run, row)
        with curves.as_default():
            for name in row.keys() - {"epoch"}:
                tf.summary.scalar(name, row[name], epoch)
        save_checkpoint(run, model, average, state)
        print(_progress(state, config, scores), flush=True)
        if state["stopped"]:
            print("no better score: training stops")
            break
    return run / BEST


def _train_epoch(
    config: TrainingConfig, data_root: Path, epoch: int, model: keras.Model, average: keras.Model
) -> dict[str, Any]:
    # One fit an epoch: Keras leaves it open which epoch of a PyDataset it loads ahead.
    history = model.fit(
        training_batches(config, data_root, epoch),
        shuffle=False,
        epochs=epoch + 1,
        initial_epoch=epoch,
        verbose=2,
        callbacks=[MovingAverage(average, config.ema_momentum)],
    ).history
    return {"epoch": epoch, **{name: values[-1] for name, values in history.items()}}


def _validate(average: keras.Model, validation: dict[str, ValidationBatches]) -> dict[str, float]:
    return {
        name: average.evaluate(batches, verbose=0, return_dict=True)["category_iou"]
        for name, batches in validation.items()
    }


def _advance(state: dict[str, Any], config: TrainingConfig, iou: float, seconds: float) -> None:
    """Count an epoch in the state of a run (see `training.runs.read_state`)."""
    state |= {"epoch": state["epoch"] + 1, "seconds": state["seconds"] + seconds}
    if iou > state["best"]:
        state |= {"best": iou, "best_epoch": state["epoch"]}
    waited = state["epoch"] - state["best_epoch"]
    state["stopped"] = config.patience is not None and waited >= config.patience


def _progress(state: dict[str, Any], config: TrainingConfig, scores: dict[str, float]) -> str:
    epoch = state["epoch"]
    left = (config.epochs - epoch) * state["seconds"] / epoch
    return (
        f"epoch {epoch}: validation category IoU {fmean(scores.values()):.4f} ("
        + ", ".join(f"{name} {score:.4f}" for name, score in scores.items())
        + f"), best {state['best']:.4f} after epoch {state['best_epoch']}, "
        f"about {left / 60:.0f} min left"
    )


def dry_run(config: TrainingConfig, data_root: Path) -> None:
    """Print what would be trained, and how long it would take here; nothing is written."""
    sets, validation = training_sets(config, data_root), validation_sets(config, data_root)
    batches = training_batches(config, data_root)
    model = _compiled(config, data_root, fresh=False)
    shares = np.array([share for _, share in sets])
    print(f"{config.name}: {config.architecture}, {model.count_params():,} parameters, "
          f"views of {config.crop_size[1]}x{config.crop_size[0]}, "
          f"{_policy(config.precision)}")  # fmt: skip
    for data, (scenes, _), part in zip(config.train, sets, shares / shares.sum(), strict=True):
        print(f"  {data.path} {data.split}: {len(scenes)} photos, {part:.0%} of each epoch")
    print(f"  {sum(len(v.scenes) for v in validation.values())} photos to choose by")
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


def training_devices() -> list[str]:
    """Return the devices that share each batch: all GPUs."""
    return [device.name for device in tf.config.list_logical_devices("GPU")]


def _refuse_other(config: TrainingConfig, run: Path, epoch: int) -> None:
    """A run that has trained keeps its configuration, but for its length before the decay."""
    if not epoch:
        return
    stored, wanted = read_config(run / CONFIG).to_dict(), config.to_dict()
    changed = {key for key in wanted if wanted[key] != stored[key]}
    decay = config.epochs if config.decay_epochs is None else config.decay_epochs
    if changed - {"epochs", "workers"} or ("epochs" in changed and epoch > config.epochs - decay):
        raise ConfigError(
            f"{run} holds a run of another configuration ({', '.join(sorted(changed))}): choose "
            "another --run"
        )


def _policy(precision: str) -> str:
    if precision == "auto":
        # bfloat16 has float32's range: no loss scaling. CPUs gain nothing from it here.
        return "mixed_bfloat16" if training_devices() else "float32"
    return precision


@contextmanager
def _built_as(policy: str) -> Iterator[None]:
    """Build layers under a dtype policy; the process keeps its own."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _compiled(config: TrainingConfig, data_root: Path, *, fresh: bool) -> keras.Model:
    with _built_as(_policy(config.precision)):
        model = build_model(config, config.crop_size, pretrained=fresh)
    if fresh and config.initial_weights:
        _load_initial(model, config, data_root)
    weights = config.category_weights
    if isinstance(weights, str):  # MEDIAN_FREQUENCY, the only word that a configuration admits
        sets = training_sets(config, data_root)
        weights = median_frequency_weights([s for scenes, _ in sets for s in scenes])
    # jit_compile: XLA is several times slower than oneDNN on a CPU.
    model.compile(
        build_optimizer(config, model),
        WeightedSum(config.loss, weights),
        metrics=[CategoryIoU(every=4)],
        jit_compile=False,
    )
    return model


def _average(config: TrainingConfig, model: keras.Model) -> keras.Model:
    """The network that holds the averaged weights, at the service's input size."""
    average = build_model(config, config.input_size, pretrained=False)
    average.set_weights(model.get_weights())
    average.compile(loss=model.loss, metrics=[CategoryIoU()], jit_compile=False)
    return average


def _load_initial(model: keras.Model, config: TrainingConfig, data_root: Path) -> None:
    path = Path(str(config.initial_weights))
    if path.is_dir():
        load_package_weights(model, path, training_batches(config, data_root)[0][0])
        return
    try:
        model.load_weights(path)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"initial_weights {path}: not there, or not weights of {model.name}"
        ) from error
