"""How long runs take here, from what like ones took or from a few timed steps."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from training.config import TrainingConfig
from training.study.rows import Row, minutes

Kind = tuple[str, ...]

TIMED_STEPS = 4


def kind(config: Mapping[str, Any]) -> Kind:
    """Return what decides how long a configuration takes."""
    keys = ("architecture", "crop_size", "batch_size", "photos_per_epoch", "epochs")
    return tuple(str(config[key]) for key in keys)


def minutes_by_kind(rows: Iterable[Row]) -> dict[Kind, float]:
    """Median of what the runs of each kind took, training and measuring, waiting included."""
    took: dict[Kind, list[float]] = {}
    for row in rows:
        took.setdefault(kind(row["config"]), []).append(minutes(row))
    return {key: median(values) for key, values in took.items()}


def minutes_left(configs: Sequence[TrainingConfig], rows: Iterable[Row]) -> float | None:
    """Estimate from rows, for kinds without one the median of all kinds; None without rows."""
    known = minutes_by_kind(rows)
    if not known:
        return None
    overall = median(known.values())
    return sum(known.get(kind(config.to_dict()), overall) for config in configs)


def timed_minutes(config: TrainingConfig, data_root: Path) -> float:
    """Time steps of training as they are done here; measuring is not counted."""
    from training.losses import build_loss
    from training.trainer import build_model, training_batches

    batches = training_batches(config, data_root)
    model = build_model(config, config.crop_size, pretrained=False)
    model.compile("adamw", build_loss(config.loss, {}), jit_compile=False)
    model.train_on_batch(*batches[0])
    started = time.monotonic()
    for step in range(TIMED_STEPS):
        model.train_on_batch(*batches[step % len(batches)])
    return (time.monotonic() - started) / TIMED_STEPS * config.epochs * len(batches) / 60
