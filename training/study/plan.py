"""A question and the runs that answer it, read from a YAML file."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from training.config import ConfigError, DataConfig, TrainingConfig, parse_config, read_config

REQUIRED = {"question", "base", "variants", "seeds"}
OPTIONAL = {"forms"}
VARIED = {"name", "seed"}
"""Set here, never by a variant."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One run as one study sees it; another study may name the same run otherwise.

    Attributes:
        study: name of the study, which is its file's.
        variant: what is compared.
        form: in which form of it, "" where a study has none.
        config: of the run; its name is the run's, see `run_name`.
    """

    study: str
    variant: str
    form: str
    config: TrainingConfig

    @property
    def run(self) -> str:
        """Name of the run, of its folder and of its row."""
        return self.config.name

    @property
    def label(self) -> str:
        """study/variant/form/seed, which --only matches."""
        parts = (self.study, self.variant, self.form, str(self.config.seed))
        return "/".join(part for part in parts if part)


class Places(NamedTuple):
    """What all runs of a comparison share.

    Attributes:
        data_root: folder of the data sets.
        runs: folder of the runs' folders.
        rows: folder of the rows, one JSON file a run.
        sets: what is scored.
        unit: package whose time is 1.
    """

    data_root: Path
    runs: Path
    rows: Path
    sets: tuple[DataConfig, ...]
    unit: Path


@dataclass(frozen=True, slots=True)
class Study:
    """A question.

    Attributes:
        name: of its file, without suffix.
        question: one sentence.
        cells: variant by variant, form by form, seed by seed.
    """

    name: str
    question: str
    cells: tuple[Cell, ...]

    def reference(self, cell: Cell) -> tuple[str, str]:
        """(variant, form) over which a cell's gain counts: the first form, or else variant."""
        first = self.cells[0]
        return (cell.variant if cell.form else first.variant), first.form


def read_study(path: Path) -> Study:
    """Read a study and expand it.

    The file's keys: `question`; `base`, a training configuration, relative to the file;
    `variants`, name -> keys of the configuration that differ from it; `forms` (may be missing),
    likewise, in each of which every variant is trained; `seeds`.

    Raises:
        ConfigError: a key is missing or unknown, a run's configuration cannot be used, or two
            cells are the same run.
    """
    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(values, dict) or not REQUIRED <= values.keys() <= REQUIRED | OPTIONAL:
        raise ConfigError(
            f"{path}: expected the keys {', '.join(sorted(REQUIRED))}, and forms where needed"
        )
    base = read_config(path.parent / str(values["base"])).to_dict()
    forms = values.get("forms", {"": {}})
    for key, entries in (("variants", values["variants"]), ("forms", forms)):
        if not isinstance(entries, dict) or not entries:
            raise ConfigError(f"{path}: {key}: expected names, each with the keys that differ")
    if not isinstance(values["seeds"], list) or not values["seeds"]:
        raise ConfigError(f"{path}: seeds: expected a list of whole numbers")
    cells = tuple(
        Cell(path.stem, str(variant), str(form), _config(base, (differs, further), seed, path))
        for variant, differs in values["variants"].items()
        for form, further in forms.items()
        for seed in values["seeds"]
    )
    labels: dict[str, str] = {}
    for cell in cells:
        if cell.run in labels:
            raise ConfigError(f"{path}: {cell.label} is the same run as {labels[cell.run]}")
        labels[cell.run] = cell.label
    return Study(path.stem, str(values["question"]), cells)


def _config(base: dict[str, Any], layers: Iterable[Any], seed: Any, path: Path) -> TrainingConfig:
    values = dict(base)
    for layer in layers:
        if not isinstance(layer, dict) or layer.keys() & VARIED:
            raise ConfigError(f"{path}: {layer!r}: expected keys that differ, without name or seed")
        values |= layer
    config = parse_config(values | {"seed": seed}, str(path))
    return replace(config, name=run_name(config))


def run_name(config: TrainingConfig) -> str:
    """Return architecture-seed-hash; the hash is of all that a result depends on."""
    values = config.to_dict()
    del values["name"], values["license"]
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return f"{config.architecture}-{config.seed}-{digest[:8]}"


def in_order(studies: Iterable[Study], only: str = "*") -> list[Cell]:
    """List every run once, the first seed of everything before the second of anything.

    Args:
        studies: whose cells may share runs.
        only: pattern of labels (`fnmatch`); a run stays if one of its labels matches.
    """
    ranked = [
        (rank, cell)
        for study in studies
        for rank, cell in _by_seed(study)
        if fnmatchcase(cell.label, only)
    ]
    runs: dict[str, Cell] = {}
    for _, cell in sorted(ranked, key=lambda pair: pair[0]):
        runs.setdefault(cell.run, cell)
    return list(runs.values())


def _by_seed(study: Study) -> Iterable[tuple[int, Cell]]:
    seeds = list(dict.fromkeys(cell.config.seed for cell in study.cells))
    return [(seeds.index(cell.config.seed), cell) for cell in study.cells]
