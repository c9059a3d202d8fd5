"""Sums up the rows of a study: mean and spread over the seeds, gain over the reference by seed."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

from training.errors import DataError
from training.files import write_atomically
from training.study.plan import Study
from training.study.run import FORMATS, Row

Summary = dict[str, Any]
BySeed = dict[int, Row]


def summarise(study: Study, rows: Mapping[str, Row]) -> Summary:
    """Sum up the finished runs of a study.

    Args:
        study: the study.
        rows: by name of the run; runs without a row are left out.

    Returns:
        study, question, runs and finished (counts), and `variants`, one entry for each variant and
        form of which a run has finished: variant, form, seeds, runs, parameters, gmacs, minutes
        (mean of a run), unit; for `float` and `int8` each megabytes, time (median of the runs) and
        `scores`: a row for each data set and protocol with `mean_iou` and each category of `iou` as
        mean and sd (sample standard deviation over the seeds; None with one seed). Float scores
        have `gain`, the mean and sd of the differences to the reference with the same seed, of
        the runs where both have finished; None where there is none, and for the reference itself.
        8-bit scores have `gain` over their own float form.
    """
    groups: dict[tuple[str, str], BySeed] = {}
    for run in study.runs:
        if run.name in rows:
            groups.setdefault((run.variant, run.form), {})[run.config.seed] = rows[run.name]
    entries = []
    for (variant, form), own in groups.items():
        reference = study.reference(variant, form)
        over = {} if reference == (variant, form) else groups.get(reference, {})
        first = next(iter(own.values()))
        entries.append({
            "variant": variant,
            "form": form,
            "seeds": list(own),
            "runs": [row["run"] for row in own.values()],
            **{key: first[key] for key in ("parameters", "gmacs", "unit")},
            "minutes": round(fmean(map(minutes, own.values())), 1),
            "float": _measured(own, "float", over),
            "int8": _measured(own, "int8", own),
        })  # fmt: skip
    return {
        "study": study.name,
        "question": study.question,
        "runs": len(study.runs),
        "finished": sum(map(len, groups.values())),
        "variants": entries,
    }


def minutes(row: Row) -> float:
    """How long a run took, training and measuring."""
    return float(row["minutes"] + row["minutes_measuring"])


def _measured(own: BySeed, format: str, reference: BySeed) -> dict[str, Any]:
    """Size, time and scores of one format; gains are over the float form of `reference`."""
    first = next(iter(own.values()))[format]
    ours = {seed: _by_set(row[format]) for seed, row in own.items()}
    theirs = {seed: _by_set(row["float"]) for seed, row in reference.items() if seed in own}
    scores = []
    for key, score in _by_set(first).items():
        same = [of_seed[key] for of_seed in ours.values()]
        gains = [ours[seed][key]["mean_iou"] - t[key]["mean_iou"] for seed, t in theirs.items()]
        scores.append({
            **{name: score[name] for name in ("data", "split", "protocol", "photos", "input")},
            "mean_iou": spread([s["mean_iou"] for s in same]),
            "iou": {name: spread([s["iou"][name] for s in same]) for name in score["iou"]},
            "gain": spread(gains),
        })  # fmt: skip
    time = median(row[format]["time"] for row in own.values())
    return {"megabytes": first["megabytes"], "time": time, "scores": scores}


def _by_set(measured: Row) -> dict[tuple[str, ...], Row]:
    return {(s["data"], s["split"], s["protocol"]): s for s in measured["scores"]}


def spread(values: Sequence[float | None]) -> dict[str, float | None] | None:
    """Mean and sample standard deviation of the values that are not None; None without any."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {"mean": fmean(known), "sd": stdev(known) if len(known) > 1 else None}


def write_summary(folder: Path, summary: Summary, rows: Collection[str]) -> Path:
    """Write `{folder}/{study}.json`, unless that would lose results that cannot be computed again.

    Args:
        folder: of the summaries.
        summary: of one study.
        rows: names of the runs whose rows are kept.

    Raises:
        DataError: the file sums up runs that have no row here; it is left as it is.
    """
    path = folder / f"{summary['study']}.json"
    if path.exists():
        stored = json.loads(path.read_bytes())
        lost = {run for entry in stored["variants"] for run in entry["runs"]} - set(rows)
        if lost:
            raise DataError(
                f"{path} sums up {len(lost)} runs that have no row beside it, like "
                f"{min(lost)}: it is left as it is; choose another --results, or move it away"
            )
    write_atomically(path, json.dumps(summary, indent=1).encode() + b"\n")
    return path


def table(summary: Summary) -> list[list[str]]:
    """Return the cells of a summary: official mean IoU as mean and sd, gain over the reference."""
    entries = summary["variants"]
    sets = list(dict.fromkeys(s["data"] for e in entries for s in e["float"]["scores"]))
    lines = [["variant", "seeds", *sets, "int8", "parameters", "GMAC", "MB", "time"]]
    for entry in entries:
        official, short = (
            {s["data"]: s for s in entry[format]["scores"] if s["protocol"] == "official"}
            for format in FORMATS
        )
        lines.append([
            ", ".join(filter(None, (entry["variant"], entry["form"]))),
            str(len(entry["seeds"])),
            *(_text(official[name]) if name in official else "" for name in sets),
            f"{short[sets[0]]['gain']['mean']:+.4f}",
            f"{entry['parameters'] / 1e6:.2f} M",
            f"{entry['gmacs']:.2f}",
            *(f"{entry['float'][key]} / {entry['int8'][key]}" for key in ("megabytes", "time")),
        ])  # fmt: skip
    return lines


def _text(score: Row) -> str:
    mean, gain = score["mean_iou"], score["gain"]
    text = f"{mean['mean']:.3f} ±{mean['sd'] or 0:.3f}"
    return f"{text} ({gain['mean']:+.3f} ±{gain['sd'] or 0:.3f})" if gain else text
