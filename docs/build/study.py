"""The study's summaries (results/study/*.json), checked before anything is told of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

QUESTIONS = ("models", "augmentation", "loss", "input", "pretraining", "data")
"""Names of the studies that note and slides tell of."""

FIRST = "cityscapes_256"
"""The data set whose photos are of the kind that was learned from."""

Entry = dict[str, Any]


class StudyError(Exception):
    """The study cannot be told of; the message says what to run."""


def read_study(results: Path) -> dict[str, dict[str, Any]]:
    """Read the summary of every question, as `training.study.summary.summarise` wrote it.

    Raises:
        StudyError: a summary is missing, or runs of it have not finished.
    """
    study = {}
    for name in QUESTIONS:
        path = results / "study" / f"{name}.json"
        again = (
            f"run: python -m training compare training/configs/study/{name}.yaml --data-root DATA"
        )
        if not path.exists():
            raise StudyError(f"{path}: the study '{name}' has no result yet; {again}")
        summary = json.loads(path.read_bytes())
        if summary["finished"] < summary["runs"]:
            raise StudyError(
                f"{path}: {summary['finished']} of {summary['runs']} runs have finished; {again}"
            )
        study[name] = summary
    return study


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
