"""Batches of photos and labels for Keras: seeded, shuffled, several workers, little memory."""

import math
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from function_app.vision.categories import IGNORE
from function_app.vision.photo import fit, resize_mask
from training.config import TrainingConfig
from training.data.augment import Augmentation, pad
from training.data.readers import read_scenes
from training.data.scene import Scene

Batch = tuple[NDArray[np.uint8], NDArray[np.uint8]]

Sets = Sequence[tuple[Sequence[Scene], float]]
"""Data sets, each with its share of the views."""


class TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """One epoch of a seeded mix of data sets.

    Batch `i` of epoch `e` depends on the seed, `e` and `i` alone, so a resumed training sees what
    an uninterrupted one would have. Each data set is gone through in a circle, from epoch to
    epoch: every scene comes once before any comes twice.

    Args:
        sets: the data sets, each with its share of every epoch; shares are normalised.
        batch_size: photos a batch.
        photos_per_epoch: what one epoch is; rounded down to whole batches.
        input_size: (height, width) the service fits photos into; scales are relative to it.
        crop_size: (height, width) of the batches.
        augmentation: the operations that are on.
        seed: any whole number.
        epoch: which epoch, from 0.
        workers: loading threads.

    Items:
        photos (batch, height, width, 3) uint8 RGB and label ids of `training.data.classes`
        (batch, height, width) uint8, 255 where nothing is known.
    """

    def __init__(
        self,
        sets: Sets,
        *,
        batch_size: int,
        photos_per_epoch: int,
        input_size: tuple[int, int],
        crop_size: tuple[int, int],
        augmentation: Augmentation,
        seed: int,
        epoch: int = 0,
        workers: int = 2,
    ) -> None:
        super().__init__(workers=workers, max_queue_size=16)
        self.batch_size = batch_size
        self.input_size, self.crop_size = input_size, crop_size
        self.augmentation = augmentation
        self.seed, self.epoch = seed, epoch
        self.order = self._draw(sets, photos_per_epoch // batch_size * batch_size)

    def __len__(self) -> int:
        return len(self.order) // self.batch_size

    def __getitem__(self, index: int) -> Batch:
        rng = np.random.default_rng((self.seed, self.epoch, index))
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return _stack([
            self.augmentation.apply(*scene.load(), self.input_size, self.crop_size, rng)
            for scene in chosen
        ])  # fmt: skip

    def _draw(self, sets: Sequence[tuple[Sequence[Scene], float]], total: int) -> list[Scene]:
        shares = np.array([share for _, share in sets])
        ends = np.round(np.cumsum(shares) / shares.sum() * total).astype(int)
        drawn: list[Scene] = []
        for number, ((scenes, _), count) in enumerate(
            zip(sets, np.diff(ends, prepend=0), strict=True)
        ):
            circle = np.random.default_rng((self.seed, number)).permutation(len(scenes))
            places = np.arange(self.epoch * count, (self.epoch + 1) * count) % len(scenes)
            drawn += [scenes[i] for i in circle[places]]
        mix = np.random.default_rng((self.seed, self.epoch)).permutation(total)
        return [drawn[i] for i in mix]


class ValidationBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Scenes in order, fitted as the service fits them; items as in `TrainingBatches`."""

    def __init__(
        self,
        scenes: Sequence[Scene],
        input_size: tuple[int, int],
        batch_size: int = 4,
        workers: int = 2,
    ) -> None:
        super().__init__(workers=workers, max_queue_size=4)
        self.scenes, self.input_size, self.batch_size = scenes, input_size, batch_size

    def __len__(self) -> int:
        return math.ceil(len(self.scenes) / self.batch_size)

    def __getitem__(self, index: int) -> Batch:
        chosen = self.scenes[index * self.batch_size : (index + 1) * self.batch_size]
        return _stack([self._fitted(scene) for scene in chosen])

    def _fitted(self, scene: Scene) -> Batch:
        photo, labels = scene.load()
        fitted = fit(photo, *self.input_size)
        labels = resize_mask(labels, fitted.height, fitted.width)
        return fitted.canvas, pad(labels, *self.input_size, IGNORE)


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
    """Return, by name, the sets by whose mean score the best epoch is chosen."""
    return {
        f"{data.path}_{data.split}": ValidationBatches(
            read_scenes(data, data_root), config.input_size, workers=config.workers
        )
        for data in config.validation
    }


def _stack(samples: list[Batch]) -> Batch:
    return np.stack([photo for photo, _ in samples]), np.stack([labels for _, labels in samples])
