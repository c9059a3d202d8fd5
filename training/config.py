"""What one training run is made of, read from a YAML file and stored with the result."""

import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

PRECISIONS = ("auto", "float32", "mixed_bfloat16")
MEDIAN_FREQUENCY = "median_frequency"


class ConfigError(ValueError):
    """A configuration that cannot be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class DataConfig:
    """One data set of a run.

    Attributes:
        reader: a name in `training.data.READERS`.
        path: folder below the data root given on the command line.
        split: the reader's split.
        share: its part of each epoch, relative to the others.
        every: take every n-th scene only (validation that has to be quick).
    """

    reader: str
    path: str
    split: str = "train"
    share: float = 1.0
    every: int = 1

    def __post_init__(self) -> None:
        _check_numbers(self, {"share": 0.0})
        _check_whole(self, {"every": 1})
        if not self.share:
            raise ConfigError(f"{self.path}: share is 0; leave the data set out instead")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One run; every key of the YAML file is one of these attributes.

    Attributes:
        name: name of the model and of the run's folder.
        train: data sets to learn from.
        validation: data sets to choose the best epoch by.
        architecture: a name in `training.models.ARCHITECTURES`.
        encoder_weights: "imagenet" or null.
        initial_weights: where to go on from: the weights file of an earlier run, or the folder of
            a float model package, of the same architecture; or null.
        input_size: (height, width) the service will use.
        crop_size: (height, width) of training views.
        batch_size: photos a step.
        photos_per_epoch: photos between two validations.
        epochs: length of the run. May be changed as long as the final decay has not begun.
        learning_rate: constant after a linear warm-up, until the final decay.
        warmup_steps: length of the warm-up.
        decay_epochs: length of the final decay, a cosine to zero; null: all epochs.
        encoder_rate: learning rate of an encoder, relative to that of the rest.
        weight_decay: of AdamW; a step shrinks kernels by this times the learning rate.
        ema_momentum: of the moving average of the weights, which is what validation judges and
            export takes: 0.999 averages over about 1,000 steps; 0 is no average.
        patience: stop after so many epochs without a better validation score; null: never.
        precision: "float32", "mixed_bfloat16", or "auto": mixed where there is a GPU.
        loss: weight of each term, by its name in `training.losses.TERMS`.
        category_weights: weights in the loss by category name, or "median_frequency" to count them
            in the training data.
        augmentation: group -> true, or the names of its operations (`training.data.augment`).
        workers: threads that load photos.
        seed: of weights, order and augmentation.
        license: terms of use of the weights, which follow from those of the data.
    """

    name: str
    train: tuple[DataConfig, ...]
    validation: tuple[DataConfig, ...]
    architecture: str = "lite0_fpn"
    encoder_weights: str | None = "imagenet"
    initial_weights: str | None = None
    input_size: tuple[int, int] = (256, 512)
    crop_size: tuple[int, int] = (256, 384)
    batch_size: int = 8
    photos_per_epoch: int = 2000
    epochs: int = 20
    learning_rate: float = 1e-3
    warmup_steps: int = 200
    decay_epochs: int | None = None
    encoder_rate: float = 1 / 3
    weight_decay: float = 0.05
    ema_momentum: float = 0.999
    patience: int | None = None
    precision: str = "auto"
    loss: dict[str, float] = field(default_factory=lambda: {"cross_entropy": 1.0, "dice": 0.5})
    category_weights: dict[str, float] | str = field(default_factory=dict)
    augmentation: dict[str, bool | list[str]] = field(default_factory=dict)
    workers: int = 2
    seed: int = 0
    license: str = "Terms of use are not stated: ask whoever trained this model."

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ConfigError(f"precision '{self.precision}': choose from {', '.join(PRECISIONS)}")
        if isinstance(self.category_weights, str) and self.category_weights != MEDIAN_FREQUENCY:
            raise ConfigError(
                f"category_weights '{self.category_weights}': expected a weight for each category "
                f"named, or {MEDIAN_FREQUENCY}"
            )
        _check_numbers(
            self,
            {"learning_rate": 0.0, "weight_decay": 0.0, "encoder_rate": 0.0, "ema_momentum": 0.0},
        )
        if self.ema_momentum >= 1:
            raise ConfigError(f"ema_momentum is {self.ema_momentum}: expected 0 to below 1")
        _check_whole(
            self,
            {
                "batch_size": 1,
                "photos_per_epoch": 1,
                "epochs": 1,
                "warmup_steps": 0,
                "seed": 0,
                "workers": 1,
            },
        )
        if self.decay_epochs is not None:
            _check_whole(self, {"decay_epochs": 0})
        if self.patience is not None:
            _check_whole(self, {"patience": 1})
        if self.photos_per_epoch < self.batch_size:
            raise ConfigError(
                f"photos_per_epoch is {self.photos_per_epoch}: at least a batch of "
                f"{self.batch_size} is needed"
            )
        if not self.train or not self.validation:
            raise ConfigError("train and validation must each name a data set")

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts and numbers, as YAML and JSON store them."""
        import yaml

        plain: dict[str, Any] = yaml.safe_load(yaml.safe_dump(asdict(self), sort_keys=False))
        return plain


def _check_numbers(config: Any, least: dict[str, float]) -> None:
    for key, minimum in least.items():
        value = getattr(config, key)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not minimum <= value < math.inf
        ):
            raise ConfigError(
                f"{key} is {value!r}: expected a finite number from {minimum:g} on "
                "(YAML reads 1e-3 as text: write 1.0e-3)"
            )


def _check_whole(config: Any, least: dict[str, int]) -> None:
    for key, minimum in least.items():
        value = getattr(config, key)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise ConfigError(f"{key} is {value!r}: expected a whole number from {minimum} on")


def read_config(path: Path) -> TrainingConfig:
    """Read and check a configuration file.

    Raises:
        ConfigError: the file is missing, is no YAML mapping, or has an unknown or missing key.
    """
    import yaml  # publishing a model goes without

    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected keys and values")
    return parse_config(values, str(path))


def parse_config(values: dict[str, Any], source: str) -> TrainingConfig:
    """Check the keys and values of a configuration.

    Args:
        values: as read from YAML.
        source: where they come from, for messages.

    Raises:
        ConfigError: a key is unknown or missing, or a value makes no sense; the message names it.
    """
    values = dict(values)
    known = {f.name for f in fields(TrainingConfig)}
    if unknown := values.keys() - known:
        raise ConfigError(f"{source}: unknown key {', '.join(sorted(unknown))}")
    try:
        for key in ("train", "validation"):
            values[key] = tuple(DataConfig(**entry) for entry in values[key])
        for key in ("input_size", "crop_size"):
            if key in values:
                height, width = values[key]
                values[key] = (int(height), int(width))
        return TrainingConfig(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{source}: {error}") from error
