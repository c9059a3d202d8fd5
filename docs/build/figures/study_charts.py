"""Charts of the study: accuracy against time, gains from augmentation, one thing at a time."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from docs.build import words
from docs.build.facts.comparison import AUGMENTED
from docs.build.figures.charts import decimal_comma
from docs.build.figures.medium import INK, MUTED, SERIES, Medium
from docs.build.study import FIRST, Entry, data_sets, entries, read_study, score

Values = tuple[list[float], list[float]]


def draw_study_charts(results: Path, medium: Medium) -> None:
    """Draw the study.

    Raises:
        StudyError: it is not there or not finished.
    """
    study = read_study(results)
    medium.save(tradeoff(study["models"], medium), "tradeoff")
    medium.save(gains(study["models"], medium), "gains")
    for name in words.QUESTIONS:
        medium.save(question(study[name], medium), f"question-{name}")


def tradeoff(models: dict[str, Any], medium: Medium) -> Figure:
    """Official IoU against the time of the session, float and 8 bits, of the augmented runs."""
    figure = medium.figure(1.25)
    axes = figure.subplots()
    for (color, marker), entry in zip(SERIES, entries(models, AUGMENTED), strict=True):
        spots = [(entry[form]["time"], score(entry, FIRST, form=form)["mean_iou"])
                 for form in ("int8", "float")]  # fmt: skip
        axes.plot([x for x, _ in spots], [y["mean"] for _, y in spots], color=color,
                  linewidth=medium.line / 2)  # fmt: skip
        for (x, y), face in zip(spots, ("white", color), strict=True):
            axes.errorbar(
                x, y["mean"], yerr=y["sd"], color=color, marker=marker, markerfacecolor=face,
                capsize=medium.font / 3, linewidth=medium.line,
            )  # fmt: skip
        axes.plot([], [], marker, color=color, label=words.VARIANTS[entry["variant"]])
    axes.plot([], [], "o", color=MUTED, markerfacecolor="white", label="creux : 8 bits")
    axes.set_xscale("log")
    axes.set_xlabel("temps de session (1 : modèle flottant servi)")
    axes.set_ylabel("IoU officielle")
    decimal_comma(axes.yaxis, 2)
    axes.xaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    decimal_comma(axes.xaxis, 2)
    axes.xaxis.set_minor_formatter(axes.xaxis.get_major_formatter())
    axes.grid(which="major")
    figure.legend(loc="outside right center")
    return figure


def gains(models: dict[str, Any], medium: Medium) -> Figure:
    """Paired gain of augmentation by network, one panel for each data set."""
    variants = list(entries(models, AUGMENTED))
    names = data_sets(models)
    figure = medium.figure(1.0)
    panels = figure.subplots(1, len(names), sharey=True)
    for axes, name in zip(panels, names, strict=True):
        _points(axes, *_gains(variants, name), medium)
        axes.set_title(words.DATA[name])
    panels[0].set_yticks(range(len(variants)), [words.VARIANTS[e["variant"]] for e in variants])
    panels[0].invert_yaxis()
    figure.supxlabel("points d’IoU officielle gagnés par l’augmentation", fontsize=medium.font)
    return figure


def question(summary: dict[str, Any], medium: Medium) -> Figure:
    """Gain of each variant over the first, one panel for each data set."""
    variants = list(entries(summary))[1:]
    names = data_sets(summary)
    figure = medium.figure((0.45 + 0.14 * len(variants)) if medium.suffix == "svg" else 1)
    panels = figure.subplots(1, len(names), sharey=True)
    for axes, name in zip(panels, names, strict=True):
        _points(axes, *_gains(variants, name), medium)
        axes.set_title(words.DATA[name])
    panels[0].set_yticks(range(len(variants)), [words.VARIANTS[e["variant"]] for e in variants])
    panels[0].invert_yaxis()
    reference = words.VARIANTS[next(entries(summary))["variant"]]
    figure.supxlabel(f"points d’IoU officielle de plus que : {reference}", fontsize=medium.font)
    return figure


def _gains(variants: list[Entry], data: str) -> Values:
    found = [score(entry, data)["gain"] for entry in variants]
    return [100 * g["mean"] for g in found], [100 * (g["sd"] or 0.0) for g in found]


def _points(axes: Any, means: list[float], spreads: list[float], medium: Medium) -> None:
    """Draw means with their spread beside a line at zero."""
    axes.axvline(0, color=INK, linewidth=medium.line / 2)
    axes.errorbar(means, np.arange(len(means)), xerr=spreads, fmt="o", color=SERIES[0][0],
                  capsize=medium.font / 3, linewidth=medium.line)  # fmt: skip
    axes.set_ylim(-0.5, len(means) - 0.5)
    axes.margins(x=0.15)
    axes.grid(axis="x")
    decimal_comma(axes.xaxis, 0 if max(map(abs, means)) > 3 else 1)
