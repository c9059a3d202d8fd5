"""A study: a question and the runs that answer it, read from a YAML file."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import pydantic.dataclasses
from pydantic import Field

from training.config import STRICT, TrainingConfig, parse_config, read_config, read_yaml, validate
from training.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Run:
    """One training run of a study; two studies may share a run.

    Attributes:
        study: name of the study.
        variant: what is compared.
        form: in which form of it, "" where the study has none.
        config: of the training; its name is that of the run's folder and row, see `run_name`.
    """

    study: str
    variant: str
    form: str
    config: TrainingConfig

    @property
    def name(self) -> str:
        """See `config`."""
        return self.config.name

    @property
    def label(self) -> str:
        """study/variant/form/seed, which --only matches."""
        return "/".join(filter(None, (self.study, self.variant, self.form, str(self.config.seed))))


@dataclass(frozen=True, slots=True)
class Study:
    """A question; `name` is its file's, `runs` come variant by variant, form by form."""

    name: str
    question: str
    runs: tuple[Run, ...]

    def reference(self, variant: str, form: str) -> tuple[str, str]:
        """What a variant is compared to: its first form, or without forms the first variant."""
        first = self.runs[0]
        return (variant if form else first.variant), first.form


Changes = Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
"""Name -> keys of the configuration that differ from the base."""


@pydantic.dataclasses.dataclass(config=STRICT)
class StudyFile:
    """What a study's file holds; `base` is a configuration's path, relative to the file.

    Every variant is trained in every form, where there are any, with every seed.
    """

    question: str
    base: str
    variants: Changes
    seeds: Annotated[list[int], Field(min_length=1)]
    forms: Changes = field(default_factory=lambda: {"": {}})


def read_study(path: Path) -> Study:
    """Read a study and expand it.

    Raises:
        ConfigError: a key is missing or unknown, a run's configuration cannot be used, or two
            runs have the same configuration.
    """
    file = validate(StudyFile, read_yaml(path), str(path))
    base = read_config(path.parent / file.base).to_dict()
    runs: dict[str, Run] = {}
    for variant, changes in file.variants.items():
        for form, more in file.forms.items():
            if {"name", "seed"} & {*changes, *more}:
                raise ConfigError(f"{path}: keys that differ must not be name or seed")
            for seed in file.seeds:
                config = parse_config(base | changes | more | {"seed": seed}, str(path))
                run = Run(path.stem, variant, form, replace(config, name=run_name(config)))
                if same := runs.get(run.name):
                    raise ConfigError(f"{path}: {run.label} is the same run as {same.label}")
                runs[run.name] = run
    return Study(path.stem, file.question, tuple(runs.values()))


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
        ranked += [(seeds.index(run.config.seed), run) for run in study.runs]
    runs: dict[str, Run] = {}
    for _, run in sorted(ranked, key=lambda pair: pair[0]):
        if fnmatchcase(run.label, only):
            runs.setdefault(run.name, run)
    return list(runs.values())
