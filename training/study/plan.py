"""A study: a question and the runs that answer it, read from a YAML file."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from training.config import ConfigError, TrainingConfig, parse_config, read_config

KEYS = {"question", "base", "variants", "seeds"}


@dataclass(frozen=True, slots=True)
class Run:
    """One training run of a study; two studies may share a run.

    Attributes:
        study: name of the study.
        variant: what is compared.
        form: in which form of it, "" where the study has none.
        config: of the training; its name (see `run_name`) is also the name of the run's row.
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
    if not isinstance(values, dict) or not KEYS <= values.keys() <= KEYS | {"forms"}:
        keys = ", ".join(sorted(KEYS))
        raise ConfigError(f"{path}: expected the keys {keys}, and forms where needed")
    variants, forms = values["variants"], values.get("forms", {"": {}})
    for key, entries in (("variants", variants), ("forms", forms)):
        if not isinstance(entries, dict) or not entries or not all(map(_differs, entries.values())):
            raise ConfigError(
                f"{path}: {key}: expected names, each with keys that differ, without name or seed"
            )
    if not isinstance(values["seeds"], list) or not values["seeds"]:
        raise ConfigError(f"{path}: seeds: expected a list of whole numbers")
    base = read_config(path.parent / str(values["base"])).to_dict()
    runs: dict[str, Run] = {}
    for variant, changes in variants.items():
        for form, more in forms.items():
            for seed in values["seeds"]:
                config = parse_config(base | changes | more | {"seed": seed}, str(path))
                config = replace(config, name=run_name(config))
                run = Run(path.stem, str(variant), str(form), config)
                if same := runs.get(run.name):
                    raise ConfigError(f"{path}: {run.label} is the same run as {same.label}")
                runs[run.name] = run
    return Study(path.stem, str(values["question"]), tuple(runs.values()))


def _differs(keys: object) -> bool:
    return isinstance(keys, dict) and not keys.keys() & {"name", "seed"}


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
