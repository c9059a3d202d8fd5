"""Sums up the rows of a study: mean and spread over the seeds, gain over the reference by seed."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

from training.data import DataError
from training.files import write_atomically
from training.study.plan import Run, Study
from training.study.run import FORMATS, Row

Summary = dict[str, Any]


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
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in study.runs:
        if run.name in rows:
            groups.setdefault((run.variant, run.form), []).append(run)
    by_seed = {
        key: {run.config.seed: rows[run.name] for run in runs} for key, runs in groups.items()
    }
    variants = []
    for (variant, form), runs in groups.items():
        reference = study.reference(runs[0])
        of = by_seed.get(reference, {}) if reference != (variant, form) else {}
        variants.append({
            "variant": variant,
            "form": form,
            "seeds": [run.config.seed for run in runs],
            "runs": [run.name for run in runs],
            **_entry(by_seed[variant, form], of),
        })  # fmt: skip
    return {
        "study": study.name,
        "question": study.question,
        "runs": len(study.runs),
        "finished": sum(map(len, groups.values())),
        "variants": variants,
    }


def _entry(rows: Mapping[int, Row], reference: Mapping[int, Row]) -> dict[str, Any]:
    """Sum up the rows of a variant, by seed."""
    first = next(iter(rows.values()))
    entry: dict[str, Any] = {key: first[key] for key in ("parameters", "gmacs", "unit")}
    entry["minutes"] = round(fmean(minutes(row) for row in rows.values()), 1)
    for name in FORMATS:
        own = {seed: row[name]["scores"] for seed, row in rows.items()}
        over = {
            seed: row["float"]["scores"]
            for seed, row in (reference if name == "float" else rows).items()
        }
        entry[name] = {
            "megabytes": first[name]["megabytes"],
            "time": median(row[name]["time"] for row in rows.values()),
            "scores": [_score(own, over, _key(score)) for score in first[name]["scores"]],
        }
    return entry


def _key(score: Row) -> tuple[str, str, str]:
    return score["data"], score["split"], score["protocol"]


def _score(
    own: Mapping[int, list[Row]], over: Mapping[int, list[Row]], key: tuple[str, str, str]
) -> dict[str, Any]:
    ours, theirs = (
        {seed: next(s for s in scores if _key(s) == key) for seed, scores in side.items()}
        for side in (own, over)
    )
    common = [seed for seed in ours if seed in theirs]
    first = next(iter(ours.values()))
    return {
        **{name: first[name] for name in ("data", "split", "protocol", "photos", "input")},
        "mean_iou": spread([score["mean_iou"] for score in ours.values()]),
        "iou": {
            name: spread([score["iou"][name] for score in ours.values()]) for name in first["iou"]
        },
        "gain": spread([ours[s]["mean_iou"] - theirs[s]["mean_iou"] for s in common]),
    }


def spread(values: Sequence[float | None]) -> dict[str, float | None] | None:
    """Mean and sample standard deviation of the values there are; None where there is none."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {"mean": fmean(known), "sd": stdev(known) if len(known) > 1 else None}


def minutes(row: Row) -> float:
    """How long a run took, training and measuring."""
    return float(row["minutes"] + row["minutes_measuring"])


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


def table(summary: Summary) -> str:
    """Draw a summary: official mean IoU as mean and sd, with the gain over the reference."""
    entries = summary["variants"]
    sets = list(dict.fromkeys(s["data"] for e in entries for s in e["float"]["scores"]))
    lines = [["variant", "seeds", *sets, "int8", "parameters", "GMAC", "MB", "time"]]
    for entry in entries:
        scores, short = (
            {s["data"]: s for s in entry[name]["scores"] if s["protocol"] == "official"}
            for name in FORMATS
        )
        lines.append([
            ", ".join(filter(None, (entry["variant"], entry["form"]))),
            str(len(entry["seeds"])),
            *(_cell(scores[name]) if name in scores else "" for name in sets),
            f"{short[sets[0]]['gain']['mean']:+.4f}",
            f"{entry['parameters'] / 1e6:.2f} M",
            f"{entry['gmacs']:.2f}",
            *("{float} / {int8}".format(**{n: entry[n][k] for n in FORMATS})
              for k in ("megabytes", "time")),
        ])  # fmt: skip
    title = f"{summary['question']} {summary['finished']} of {summary['runs']} runs"
    return "\n".join([title, *_aligned(lines)])


def _cell(score: dict[str, Any]) -> str:
    texts = [f"{score['mean_iou']['mean']:.3f}{_sd(score['mean_iou'])}"]
    if score["gain"]:
        texts.append(f"({score['gain']['mean']:+.3f}{_sd(score['gain'])})")
    return " ".join(texts)


def _sd(value: dict[str, float | None]) -> str:
    return "" if value["sd"] is None else f" ±{value['sd']:.3f}"


def _aligned(lines: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
