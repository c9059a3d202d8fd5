"""What one training run is made of, read from a YAML file and stored with the result."""

import json
from dataclasses import asdict, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from training.errors import ConfigError

T = TypeVar("T")
Whole = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Number = Annotated[float, Field(ge=0)]

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True, config=STRICT)
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
    share: Annotated[float, Field(gt=0)] = 1.0
    every: Count = 1


@dataclass(frozen=True, slots=True, config=STRICT)
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
    batch_size: Count = 8
    photos_per_epoch: Count = 2000
    epochs: Count = 20
    learning_rate: Number = 1e-3
    warmup_steps: Whole = 200
    decay_epochs: Whole | None = None
    encoder_rate: Number = 1 / 3
    weight_decay: Number = 0.05
    ema_momentum: Annotated[float, Field(ge=0, lt=1)] = 0.999
    patience: Count | None = None
    precision: Literal["auto", "float32", "mixed_bfloat16"] = "auto"
    loss: dict[str, Number] = field(default_factory=lambda: {"cross_entropy": 1.0, "dice": 0.5})
    category_weights: dict[str, Number] | Literal["median_frequency"] = field(default_factory=dict)
    augmentation: dict[str, bool | list[str]] = field(default_factory=dict)
    workers: Count = 2
    seed: Whole = 0
    license: str = "Terms of use are not stated: ask whoever trained this model."

    def __post_init__(self) -> None:
        if not self.train or not self.validation:
            raise ValueError("train and validation must each name a data set")
        if self.photos_per_epoch < self.batch_size:
            raise ValueError(
                f"photos_per_epoch is {self.photos_per_epoch}: at least a batch of "
                f"{self.batch_size} is needed"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts and numbers, as YAML and JSON store them."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file of keys and values.

    Raises:
        ConfigError: the file is missing or holds something else.
    """
    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected keys and values")
    return values


def read_config(path: Path) -> TrainingConfig:
    """Read and check a configuration file.

    Raises:
        ConfigError: the file is missing, is no YAML mapping, or `parse_config` refuses it.
    """
    return parse_config(read_yaml(path), str(path))


def parse_config(values: dict[str, Any], source: str) -> TrainingConfig:
    """Check the keys and values of a configuration, as read from YAML.

    Raises:
        ConfigError: see `validate`.
    """
    return validate(TrainingConfig, values, source)


def validate(kind: type[T], values: dict[str, Any], source: str) -> T:
    """Check keys and values.

    Args:
        kind: a class with annotations that pydantic checks.
        values: as read from YAML.
        source: where they come from, for messages.

    Raises:
        ConfigError: a key is unknown or missing, or a value makes no sense; the message names it.
    """
    try:
        # As JSON: there a list may be a tuple, and a mapping a dataclass, in strict mode too.
        return TypeAdapter(kind).validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        raise ConfigError(f"{source}: {'; '.join(map(_explain, error.errors()))}") from error


def _explain(error: Any) -> str:
    key, value = ".".join(map(str, error["loc"])), error["input"]
    if error["type"] == "unexpected_keyword_argument":
        return f"unknown key {key}"
    if isinstance(value, dict | list | tuple):
        return f"{key}: {error['msg']}".removeprefix(": Value error, ")
    hint = " (YAML reads 1e-3 as text: write 1.0e-3)" if isinstance(value, str) else ""
    return f"{key} is {value!r}: {error['msg']}{hint if 'number' in error['msg'] else ''}"
