"""A study: a question and the runs that answer it, read from a YAML file."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from training.config import ConfigError, TrainingConfig, parse_config, read_config

REQUIRED = {"question", "base", "variants", "seeds"}
OPTIONAL = {"forms"}


@dataclass(frozen=True, slots=True)
class Run:
    """One training run of a study; the runs of two studies may be the same one.

    Attributes:
        study: name of the study, which is its file's.
        variant: what is compared.
        form: in which form of it, "" where the study has none.
        config: of the training; its name is the run's, see `run_name`.
    """

    study: str
    variant: str
    form: str
    config: TrainingConfig

    @property
    def name(self) -> str:
        """Name of the run, of its folder and of its row."""
        return self.config.name

    @property
    def label(self) -> str:
        """study/variant/form/seed, which --only matches."""
        parts = (self.study, self.variant, self.form, str(self.config.seed))
        return "/".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Study:
    """A question.

    Attributes:
        name: of its file, without suffix.
        question: one sentence.
        runs: variant by variant, form by form, seed by seed.
    """

    name: str
    question: str
    runs: tuple[Run, ...]

    def reference(self, variant: str, form: str) -> tuple[str, str]:
        """What a variant is compared to: its first form, or without forms the first variant."""
        first = self.runs[0]
        return (variant if form else first.variant), first.form


def read_study(path: Path) -> Study:
    """Read a study and expand it.

    The file's keys: `question`; `base`, a training configuration, relative to the file;
    `variants`, name -> keys of the configuration that differ from it; `forms` (optional),
    likewise, in each of which every variant is trained; `seeds`.

    Raises:
        ConfigError: a key is missing or unknown, a run's configuration cannot be used, or two
            runs have the same configuration.
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
    runs = tuple(
        Run(path.stem, str(variant), str(form), _config(base, (changes, more), seed, path))
        for variant, changes in values["variants"].items()
        for form, more in forms.items()
        for seed in values["seeds"]
    )
    labels: dict[str, str] = {}
    for run in runs:
        if run.name in labels:
            raise ConfigError(f"{path}: {run.label} is the same run as {labels[run.name]}")
        labels[run.name] = run.label
    return Study(path.stem, str(values["question"]), runs)


def _config(base: dict[str, Any], changes: Iterable[Any], seed: Any, path: Path) -> TrainingConfig:
    values = dict(base)
    for keys in changes:
        if not isinstance(keys, dict) or keys.keys() & {"name", "seed"}:
            raise ConfigError(f"{path}: {keys!r}: expected keys that differ, without name or seed")
        values |= keys
    config = parse_config(values | {"seed": seed}, str(path))
    return replace(config, name=run_name(config))


def run_name(config: TrainingConfig) -> str:
    """Return architecture-seed-hash; the hash is of everything that a result depends on."""
    values = config.to_dict()
    del values["name"], values["license"]
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return f"{config.architecture}-{config.seed}-{digest[:8]}"


def in_order(studies: Iterable[Study], only: str = "*") -> list[Run]:
    """List every run once, the first seed of everything before the second of anything.

    Args:
        studies: which may share runs.
        only: pattern of labels (`fnmatch`); a run stays if one of its labels matches.
    """
    ranked: list[tuple[int, Run]] = []
    for study in studies:
        seeds = list(dict.fromkeys(run.config.seed for run in study.runs))
        ranked += [
            (seeds.index(run.config.seed), run)
            for run in study.runs
            if fnmatchcase(run.label, only)
        ]
    runs: dict[str, Run] = {}
    for _, run in sorted(ranked, key=lambda pair: pair[0]):
        runs.setdefault(run.name, run)
    return list(runs.values())
