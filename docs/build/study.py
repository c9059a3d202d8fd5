"""The study (results/study/*.json): its tables, gains and sentences; verdicts follow a rule."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.build import french
from docs.build.french import NARROW, Spread, fr, gain, signed, with_spread

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


PLAIN, AUGMENTED = "plain", "augmented"
CHOSEN, BASELINE = "lite0_fpn", "unet"


def comparison(results: Path) -> dict[str, Any]:
    """Return the study's tables and sentences.

    Raises:
        StudyError: it is not there or not finished.
    """
    study = read_study(results)
    models = study["models"]
    sets = data_sets(models)
    return {
        "runs": fr(len(_runs(study)), 0),
        "seeds": fr(len(models["variants"][0]["seeds"]), 0),
        "hours": fr(sum(e["minutes"] * len(e["seeds"]) for e in models["variants"]) / 60, 0),
        "sets": [french.DATA[name] for name in sets],
        "models": [_model_row(entry, sets) for entry in models["variants"]],
        "models_on_slides": [_slide_row(models, e["variant"]) for e in entries(models, AUGMENTED)],
        "chosen": _choice(models),
        "augmentation": _augmentation(models, sets),
        "order": _order(models, sets),
        "int8": _int8(models),
        "questions": [_question(name, study[name], sets) for name in french.QUESTIONS],
    }


def _runs(study: dict[str, dict[str, Any]]) -> set[str]:
    """Names of all runs; studies share some."""
    return {run for part in study.values() for e in part["variants"] for run in e["runs"]}


def verdict(difference: Spread) -> str:
    """Judge a difference that is paired by seed.

    A gain or a loss is claimed where mean and standard deviation over the seeds leave zero out;
    three seeds allow no more than that.
    """
    mean, sd = difference["mean"], difference["sd"]
    if sd is None:
        return "une seule graine, sans conclusion"
    if mean - sd > 0:
        return "gain"
    return "perte" if mean + sd < 0 else "dans l’écart entre graines"


def _model_row(entry: Entry, sets: list[str]) -> list[str]:
    return [
        french.VARIANTS[entry["variant"]],
        "oui" if entry["form"] == AUGMENTED else "non",
        *(with_spread(score(entry, name)["mean_iou"]) for name in sets),
        with_spread(score(entry, FIRST, "with_void")["mean_iou"]),
        f"{fr(entry['parameters'] / 1e6, 2)}{NARROW}M",
        fr(entry["gmacs"], 2),
        *(fr(entry[form]["time"], 2) for form in ("float", "int8")),
    ]


def _slide_row(models: dict[str, Any], variant: str) -> list[str]:
    plain, augmented = (entry_of(models, variant, form) for form in (PLAIN, AUGMENTED))
    return [
        french.VARIANTS[variant],
        *(with_spread(score(entry, FIRST)["mean_iou"]) for entry in (plain, augmented)),
        fr(augmented["gmacs"], 2),
        fr(augmented["float"]["time"], 2),
    ]


def _choice(models: dict[str, Any]) -> dict[str, str]:
    """Where the chosen network stands among the others, augmented, on the first data set."""
    ranked = sorted(entries(models, AUGMENTED), key=lambda e: -score(e, FIRST)["mean_iou"]["mean"])
    order = [entry["variant"] for entry in ranked]
    chosen, first = entry_of(models, CHOSEN, AUGMENTED), ranked[0]
    behind = score(first, FIRST)["mean_iou"]["mean"] - score(chosen, FIRST)["mean_iou"]["mean"]
    baseline = entry_of(models, BASELINE, AUGMENTED)
    over = score(chosen, FIRST)["mean_iou"]["mean"] - score(baseline, FIRST)["mean_iou"]["mean"]
    rank = order.index(CHOSEN)
    place = (
        f"première des {len(order)}"
        if rank == 0
        else f"{rank + 1}ᵉ des {len(order)}, à {fr(100 * behind, 1)} point de la première "
        f"({french.VARIANTS[first['variant']]})"
    )
    return {
        "place": place,
        "score": with_spread(score(chosen, FIRST)["mean_iou"]),
        "over_baseline": signed(100 * over, 1),
        "time_of_baseline": fr(chosen["float"]["time"] / baseline["float"]["time"], 2),
    }  # fmt: skip


def _augmentation(models: dict[str, Any], sets: list[str]) -> dict[str, Any]:
    """Paired gains of the augmented form, by network and data set."""
    rows = [
        [french.VARIANTS[entry["variant"]], *(gain(score(entry, name)["gain"]) for name in sets)]
        for entry in entries(models, AUGMENTED)
    ]
    judged = {
        name: [verdict(score(entry, name)["gain"]) for entry in entries(models, AUGMENTED)]
        for name in sets
    }
    chosen = entry_of(models, CHOSEN, AUGMENTED)
    return {
        "rows": rows,
        "counts": [
            f"{french.DATA[name]}{NARROW}: gain pour {found.count('gain')} réseaux sur "
            f"{len(found)}, perte pour {found.count('perte')}"
            for name, found in judged.items()
        ],
        "chosen": {
            name: {"gain": gain(score(chosen, name)["gain"]),
                   "verdict": verdict(score(chosen, name)["gain"])}
            for name in sets
        },
    }  # fmt: skip


def _order(models: dict[str, Any], sets: list[str]) -> list[str]:
    """For each data set the networks from best to worst, augmented, with their means."""
    sentences = []
    for name in sets:
        ranked = sorted(
            ((score(e, name)["mean_iou"]["mean"], e) for e in entries(models, AUGMENTED)),
            key=lambda pair: -pair[0],
        )
        listed = ", ".join(f"{french.VARIANTS[e['variant']]} ({fr(mean)})" for mean, e in ranked)
        sentences.append(f"{french.DATA[name]}{NARROW}: {listed}")
    return sentences


def _int8(models: dict[str, Any]) -> dict[str, str]:
    """What eight bits cost, over all networks of the study."""
    changes = [score(e, FIRST, form="int8")["gain"]["mean"] for e in models["variants"]]
    ratios = [e["int8"]["time"] / e["float"]["time"] for e in models["variants"]]
    return {
        "worst": fr(100 * max(0.0, -min(changes)), 2),
        "fastest": fr(min(ratios), 2),
        "slowest": fr(max(ratios), 2),
    }


def _question(name: str, summary: dict[str, Any], sets: list[str]) -> dict[str, Any]:
    """One study about the chosen network: rows, and what is best where, by `verdict`'s rule."""
    variants = list(entries(summary))
    others = variants[1:]
    best = {
        data: max(others, key=lambda entry: float(score(entry, data)["gain"]["mean"]))
        for data in sets
    }
    return {
        "name": name,
        "title": french.QUESTIONS[name],
        "reference": french.VARIANTS[variants[0]["variant"]],
        "rows": [
            [french.VARIANTS[e["variant"]], with_spread(score(e, FIRST)["mean_iou"]),
             *(gain(score(e, data)["gain"]) for data in sets)]
            for e in variants
        ],
        "points": [
            [french.VARIANTS[e["variant"]],
             *(gain(_in_points(score(e, data)["gain"]), 1) for data in sets)]
            for e in others
        ],
        "best": [
            {"data": french.DATA[data], "variant": french.VARIANTS[entry["variant"]],
             "gain": gain(found := score(entry, data)["gain"]),
             "verdict": verdict(found)}
            for data, entry in best.items()
        ],
    }  # fmt: skip


def _in_points(value: Spread) -> Spread:
    return {key: None if part is None else 100 * part for key, part in value.items()}
