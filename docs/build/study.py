"""The study (results/study/*.json) in French: tables, gains and sentences."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.build import french
from docs.build.french import NARROW, Spread, fr, gain, points, points_spread
from function_app.vision.categories import NAMES
from function_app.vision.evaluation import OFFICIAL

QUESTIONS = ("models", *french.QUESTIONS)
"""Names of the studies."""

FIRST = "cityscapes_256"
"""The data set whose photos are of the kind that was learned from."""

AUGMENTED = "augmented"
CHOSEN, FRUGAL = "lite0_fpn", "lite0_lraspp"
AGAIN = "run: python -m training compare training/configs/study/{}.yaml --data-root DATA"
OFFICIAL_NAMES = [NAMES[category] for category in OFFICIAL]

Entry = dict[str, Any]


class StudyError(Exception):
    """The study cannot be told of; the message says what to run."""


def read_study(results: Path) -> dict[str, dict[str, Any]]:
    """Read the summary of every question, as `training.study.summary.summarise` wrote it.

    Raises:
        StudyError: a summary is missing, or runs of it have not finished.
    """
    found = {name: read_summary(results, name) for name in QUESTIONS}
    for name, summary in found.items():
        if summary["finished"] < summary["runs"]:
            done = f"{summary['finished']} of {summary['runs']} runs have finished"
            raise StudyError(f"{name}.json: {done}; {AGAIN.format(name)}")
    return found


def read_summary(results: Path, name: str) -> dict[str, Any]:
    """Read the summary of one question, finished or not; StudyError where there is none."""
    path = results / "study" / f"{name}.json"
    if not path.exists():
        raise StudyError(f"{path}: the study '{name}' has no result yet; {AGAIN.format(name)}")
    summary: dict[str, Any] = json.loads(path.read_bytes())
    return summary


def score(entry: Entry, data: str, protocol: str = "official", form: str = "float") -> Entry:
    """Return the row of scores of a variant on a data set."""
    rows = entry[form]["scores"]
    found = [row for row in rows if row["data"] == data and row["protocol"] == protocol]
    if not found:
        sets = ", ".join(dict.fromkeys(row["data"] for row in rows))
        raise StudyError(f"variant '{entry['variant']}' was not scored on {data}, only on {sets}")
    row: Entry = found[0]
    return row


def entries(summary: dict[str, Any], form: str = "") -> Iterator[Entry]:
    """Yield the variants of a summary in one form, in the study's order."""
    return (entry for entry in summary["variants"] if entry["form"] == form)


def entry_of(summary: dict[str, Any], variant: str, form: str = "") -> Entry:
    """Return one variant."""
    return next(entry for entry in entries(summary, form) if entry["variant"] == variant)


def data_sets(summary: dict[str, Any]) -> list[str]:
    """Names of the data sets that a study was scored on, `FIRST` first."""
    rows = summary["variants"][0]["float"]["scores"]
    names = list(dict.fromkeys(row["data"] for row in rows))
    return sorted(names, key=lambda name: name != FIRST)


def comparison(results: Path) -> dict[str, Any]:
    """Return the study's tables and sentences.

    Raises:
        StudyError: it is not there or not finished.
    """
    study = read_study(results)
    models = study["models"]
    sets = data_sets(models)
    return {
        "runs": fr(len({r for s in study.values() for e in s["variants"] for r in e["runs"]}), 0),
        "seeds": fr(len(models["variants"][0]["seeds"]), 0),
        "sets": [french.DATA[name] for name in sets],
        "models": [_model_row(entry, sets) for entry in models["variants"]],
        "object": _object_range(models),
        "augmentation": _augmentation(models, sets),
        "int8": _int8(models, sets),
        "questions": {name: _question(name, study[name], sets) for name in french.QUESTIONS},
    }


def gained(difference: Spread) -> bool:
    """Whether a paired difference is a gain: its mean less its spread over the seeds is above 0."""
    return difference["sd"] is not None and difference["mean"] > difference["sd"]


def _model_row(entry: Entry, sets: list[str]) -> list[str]:
    return [
        french.VARIANTS[entry["variant"]],
        "oui" if entry["form"] == AUGMENTED else "non",
        *(points_spread(score(entry, name)["mean_iou"]) for name in sets),
        f"{fr(entry['parameters'] / 1e6, 2)}{NARROW}M",
        *(fr(entry[form]["time"], 2) for form in ("float", "int8")),
    ]


def _object_range(models: dict[str, Any]) -> str:
    """Lowest to highest IoU of object over networks and forms, on the first data set."""
    values = [score(entry, FIRST)["iou"]["object"]["mean"] for entry in models["variants"]]
    return f"{points(min(values))} à {points(max(values))}"


def _augmentation(models: dict[str, Any], sets: list[str]) -> dict[str, Any]:
    """Paired gains of the augmented form, by network and data set."""
    augmented = list(entries(models, AUGMENTED))
    chosen = entry_of(models, CHOSEN, AUGMENTED)
    return {
        "counts": {
            name: fr(sum(gained(score(e, name)["gain"]) for e in augmented), 0) for name in sets
        },
        "networks": fr(len(augmented), 0),
        "chosen": {name: gain(score(chosen, name)["gain"]) for name in sets},
    }


def _int8(models: dict[str, Any], sets: list[str]) -> dict[str, str]:
    """What eight bits cost over all networks and data sets of the study."""
    changes = {
        (name, entry["variant"]): score(entry, name, form="int8")["gain"]["mean"]
        for entry in models["variants"] for name in sets
    }  # fmt: skip
    (data, variant), worst = min(changes.items(), key=lambda item: item[1])
    ratios = [e["int8"]["time"] / e["float"]["time"] for e in models["variants"]]
    return {
        "worst": points(-worst, 2),
        "worst_at": f"{french.VARIANTS[variant]}, {french.DATA[data]}",
        "worst_first": points(-min(v for (name, _), v in changes.items() if name == FIRST), 2),
        "fastest": fr(min(ratios), 2),
        "slowest": fr(max(ratios), 2),
    }


def _question(name: str, summary: dict[str, Any], sets: list[str]) -> dict[str, Any]:
    """One question about the chosen network: rows, and each variant's gains by data set."""
    variants = list(entries(summary))
    return {
        "title": french.QUESTIONS[name],
        "rows": [
            [french.VARIANTS[e["variant"]], points_spread(score(e, FIRST)["mean_iou"]),
             *(gain(score(e, data)["gain"]) for data in sets)]
            for e in variants
        ],
        "gains": {
            e["variant"]: {data: gain(score(e, data)["gain"]) for data in sets}
            for e in variants[1:]
        },
    }  # fmt: skip
