"""The data sets of a run: what it learns from, and what its best epoch is chosen by."""

from pathlib import Path

from training.config import TrainingConfig
from training.data.augment import Augmentation
from training.data.generator import TrainingBatches, ValidationBatches
from training.data.listing import read_scenes
from training.data.scene import Scene

Sets = list[tuple[list[Scene], float]]
"""Data sets, each with its share of the views."""


def training_sets(config: TrainingConfig, data_root: Path) -> Sets:
    """List the scenes a run learns from."""
    return [(read_scenes(data, data_root), data.share) for data in config.train]


def training_batches(config: TrainingConfig, data_root: Path, epoch: int = 0) -> TrainingBatches:
    """Return the batches of an epoch."""
    return TrainingBatches(
        training_sets(config, data_root),
        batch_size=config.batch_size,
        photos_per_epoch=config.photos_per_epoch,
        input_size=config.input_size,
        crop_size=config.crop_size,
        augmentation=Augmentation.from_config(config.augmentation),
        seed=config.seed,
        epoch=epoch,
        workers=config.workers,
    )


def validation_sets(config: TrainingConfig, data_root: Path) -> dict[str, ValidationBatches]:
    """Return, by name, the sets by whose mean score the best epoch is chosen.

    They are seen at the service's input size.
    """
    return {
        f"{data.path}_{data.split}": ValidationBatches(
            read_scenes(data, data_root), config.input_size, workers=config.workers
        )
        for data in config.validation
    }
