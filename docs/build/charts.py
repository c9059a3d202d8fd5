"""Charts of measured numbers: of what is served, and of the study."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MultipleLocator

from docs.build import french
from docs.build.figures import INK, MUTED, SERIES, Medium
from docs.build.french import category_names, fr
from docs.build.served import evaluation
from docs.build.study import AUGMENTED, FIRST, Entry, data_sets, entries, read_study, score
from function_app.vision.categories import CATEGORIES, NAMES
from function_app.vision.evaluation import OFFICIAL

Rows = list[dict[str, Any]]

OFFICIAL_NAMES = [NAMES[category] for category in OFFICIAL]


def draw_charts(results: Path, medium: Medium) -> None:
    """Draw every chart that needs no study."""
    served = evaluation(results)
    charts = {
        "categories": categories(served["scores"], medium),
        "confusion": confusion(served["scores"][0], medium),
        "robustness": robustness(served["robustness"], medium),
        "confidence": confidence(served["calibration"], medium),
    }
    for name, figure in charts.items():
        medium.save(figure, name)


def decimal_comma(axis: Any, digits: int = 1) -> None:
    """Label an axis as French readers write numbers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: fr(value, digits)))


def categories(scores: Rows, medium: Medium) -> Figure:
    """IoU by category, one marker for each data set, categories in their own colour."""
    figure = medium.figure(1.05)
    axes = figure.subplots()
    rows = [row for row in scores if row["protocol"] == "official"]
    colors = {category.name: [c / 255 for c in category.color] for category in CATEGORIES}
    for place, name in enumerate(OFFICIAL_NAMES):
        values = [row["iou"][name] for row in rows]
        axes.plot(values, [place] * len(values), color=colors[name], linewidth=medium.line * 4,
                  alpha=0.45, solid_capstyle="round")  # fmt: skip
    for (color, marker), row in zip(SERIES, rows, strict=False):
        axes.plot(
            [row["iou"][name] for name in OFFICIAL_NAMES], range(len(OFFICIAL_NAMES)), marker,
            color=color, label=f"{french.DATA[row['data']]} ({fr(row['mean_iou'])})",
        )  # fmt: skip
    labels = category_names()
    axes.set_yticks(range(len(OFFICIAL_NAMES)), [labels[name] for name in OFFICIAL_NAMES])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("IoU officielle (entre parenthèses : moyenne)")
    decimal_comma(axes.xaxis)
    axes.grid(axis="x")
    figure.legend(loc="outside right center")
    return figure


def confusion(row: dict[str, Any], medium: Medium) -> Figure:
    """Share of each true category's pixels by predicted category."""
    counts = np.array(row["confusion_matrix"], np.float64)[np.ix_(OFFICIAL, OFFICIAL)]
    share = 100 * counts / counts.sum(1, keepdims=True)
    figure = medium.figure(1.45, 0.62)
    axes = figure.subplots()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    for true, predicted in np.ndindex(share.shape):
        value = share[true, predicted]
        axes.text(predicted, true, f"{value:.0f}" if value >= 0.5 else "·", ha="center",
                  va="center", color="white" if value > 55 else "#222222")  # fmt: skip
    labels = [category_names()[name] for name in OFFICIAL_NAMES]
    axes.set_xticks(range(len(labels)), labels, rotation=40, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("prédite, % des pixels de la vraie")
    axes.set_ylabel("vraie")
    return figure


def robustness(rows: Rows, medium: Medium) -> Figure:
    """Official IoU over the strength of each corruption, one panel for each data set."""
    names = list(dict.fromkeys(row["data"] for row in rows))
    figure = medium.figure()
    panels = figure.subplots(1, len(names), sharex=True, sharey=True)
    for axes, name in zip(panels, names, strict=True):
        own = [row for row in rows if row["data"] == name]
        clean = next(row["mean_iou"] for row in own if row["strength"] == 0)
        for (color, marker), kind in zip(SERIES, french.CORRUPTIONS, strict=False):
            values = [clean, *(row["mean_iou"] for row in own if row["kind"] == kind)]
            axes.plot(values, color=color, marker=marker, label=french.CORRUPTIONS[kind])
        axes.set_title(f"{french.DATA[name]}\n{own[0]['photos']} photos")
        axes.grid(axis="y")
    panels[0].set_ylim(0, 1)
    panels[0].set_ylabel("IoU officielle")
    decimal_comma(panels[0].yaxis)
    panels[0].xaxis.set_major_locator(MultipleLocator(1))
    figure.supxlabel("force de la perturbation (0 : aucune)", fontsize=medium.font)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    return figure


def confidence(rows: Rows, medium: Medium) -> Figure:
    """Share of right pixels by confidence: on the diagonal, confidence means what it says."""
    figure = medium.figure(1.45, 0.36 if medium.suffix == "svg" else 0.48)
    axes: Axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=medium.line / 2, linestyle="--")
    for (color, marker), row in zip(SERIES, rows, strict=False):
        bins = [b for b in row["bins"] if b["right"] is not None and b["share"] > 1e-4]
        axes.plot([b["from"] + 0.05 for b in bins], [b["right"] for b in bins], marker=marker,
                  color=color, label=french.DATA[row["data"]])  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("confiance annoncée")
    axes.set_ylabel("part de pixels justes")
    for axis in (axes.xaxis, axes.yaxis):
        decimal_comma(axis)
    axes.grid()
    axes.legend(loc="upper left", handlelength=1)
    return figure


Values = tuple[list[float], list[float]]


def draw_study_charts(results: Path, medium: Medium) -> None:
    """Draw the study.

    Raises:
        StudyError: it is not there or not finished.
    """
    study = read_study(results)
    medium.save(tradeoff(study["models"], medium), "tradeoff")
    medium.save(gains(study["models"], medium), "gains")
    for name in french.QUESTIONS:
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
        axes.plot([], [], marker, color=color, label=french.VARIANTS[entry["variant"]])
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
        axes.set_title(french.DATA[name])
    panels[0].set_yticks(range(len(variants)), [french.VARIANTS[e["variant"]] for e in variants])
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
        axes.set_title(french.DATA[name])
    panels[0].set_yticks(range(len(variants)), [french.VARIANTS[e["variant"]] for e in variants])
    panels[0].invert_yaxis()
    reference = french.VARIANTS[next(entries(summary))["variant"]]
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
