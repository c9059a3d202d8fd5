"""The model card of a package, written from what was measured: no number is typed by hand.

Sections follow Mitchell et al., Model Cards for Model Reporting (FAT* 2019).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from function_app.vision.categories import CATEGORIES
from function_app.vision.model_package import Manifest, PackageError
from training.evaluator.results import Results, read_results, results_path
from training.files import write_atomically
from training.markdown import table
from training.packages import load_package

CARD_FILE = "MODEL_CARD.md"

MANY = 100
"""Photos from which scores under corruptions are given to three decimals."""

INTERVAL_NOTE = "of the mean IoU over draws of as many photos (bootstrap)"

REQUIRED = ("config", "training", "git_commit", "libraries", "parity", "parameters")
"""What the lineage of a package must say."""

LIMITS = """\
Not for driving a car, nor for any decision about a person's safety. Meant for research, for looking
at scenes and for comparing models. It learned European streets by day from a windscreen; night,
rain, snow, other continents and other heights of camera are beyond what its data shows. A thing of
two or three input pixels is gone before the network sees it. Void (signs' backs, the own bonnet,
what nobody labelled) is the least certain category: ask for `void=false` where every pixel must
have one of the other seven."""


def write_card(package: Path, results: Path) -> Path:
    """Check that a package is complete, and write MODEL_CARD.md beside its two files.

    Args:
        package: folder of the package.
        results: folder of the evaluations.

    Raises:
        PackageError: a file, an entry of the lineage, or the evaluation of this very model is
            missing, or the model is not the one its manifest describes; nothing is written.
    """
    manifest = load_package(package).manifest
    if missing := [key for key in REQUIRED if not manifest.lineage.get(key)]:
        raise PackageError(f"{manifest.ref}: its manifest's lineage lacks {', '.join(missing)}")
    measured = read_results(results_path(results, manifest), manifest)
    if not measured["scores"] or not manifest.metrics:
        raise PackageError(
            f"{manifest.ref} is not evaluated: run `python -m training evaluate {package} "
            "--record` first"
        )
    path = package / CARD_FILE
    write_atomically(path, card(manifest, measured).encode())
    return path


def card(manifest: Manifest, results: Results) -> str:
    """Return the card as Markdown."""
    sections = [
        f"# {manifest.ref.name} {manifest.ref.version}",
        _what(manifest),
        "## Learned from",
        _data(manifest),
        "## Scores",
        _scores(results),
        *(["## Under bad conditions", _robustness(results)] if results["robustness"] else []),
        "## Where it fails",
        _failures(results),
        "## How far to trust its confidence",
        _confidence(results),
        "## Limits",
        LIMITS,
        "## Terms of use",
        manifest.license,
    ]
    return "\n\n".join(sections) + "\n"


def _what(manifest: Manifest) -> str:
    lineage = manifest.lineage
    parity, quantized = lineage["parity"], "quantization" in lineage
    lines = [
        f"`{lineage['config']['architecture']}`, {lineage['parameters']:,} parameters, input "
        f"{manifest.width}x{manifest.height}: photos of another shape are stretched by up to "
        f"{manifest.max_stretch:.2f} and padded grey. In: uint8 RGB; out: ids of the "
        f"{len(CATEGORIES)} categories, ids with void excluded, confidence.",
        f"Packaged {manifest.created[:10]}. Keras and {'the float ' * quantized}ONNX gave the same "
        "category on "
        f"{parity['agreement']:.4%} of the pixels of {parity['photos']} photos, logits differed by "
        f"{parity['max_logit_difference']:.1e} at most."
        + (f" Trained by commit `{lineage['git_commit']}`." if "exported_by" in lineage else ""),
    ]
    if quantization := lineage.get("quantization"):
        losses = ", ".join(
            f"{name} {100 * lost:+.2f}" for name, lost in quantization["category_iou_lost"].items()
        )
        lines.append(
            f"8-bit form of `{quantization['from']['model']}` ({quantization['recipe']}, "
            f"{quantization['calibration_photos']} training photos); points of category IoU lost: "
            f"{losses}."
        )
    return "\n\n".join([*lines, *lineage.get("notes", [])])


def _data(manifest: Manifest) -> str:
    config = manifest.lineage["config"]
    total = sum(data["share"] for data in config["train"])
    rows = [
        (data["path"], data["split"], f"{data['share'] / total:.0%}") for data in config["train"]
    ]
    training = manifest.lineage["training"]
    views = training["epochs"] * config["photos_per_epoch"]
    height, width = config["crop_size"]
    start = training["started_from"]
    if isinstance(start, dict) and "model" in start:
        start = f"the package `{start['model']}`"
    elif isinstance(start, dict):
        before = f"{start['epochs']} epochs from {start['started_from']} weights"
        start = f"the run {start['run']} ({before})"
    judges = ", ".join(
        f"{data['path']} {data['split']}"
        + (f" (one photo in {data['every']})" if data["every"] > 1 else "")
        for data in config["validation"]
    )
    return (
        _table(("data set", "split", "share of the views"), rows)
        + f"\n\n{views:,} views of {width}x{height} in {training['epochs']} epochs, "
        f"{training['minutes']:.0f} minutes, starting from {start or 'scratch'}. Epoch "
        f"{training['best_epoch']} was chosen as the best, by {judges}: scores on these sets are "
        "validation scores. The configuration stands in the manifest under `lineage.config`."
    )


def _scores(results: Results) -> str:
    rows = []
    names = [c.name for c in CATEGORIES]
    for row in results["scores"]:
        values = [row["iou"].get(name) for name in names]
        counted = f"{row['counted']:.1%}" if "counted" in row else ""
        interval = " to ".join(f"{value:.3f}" for value in row.get("interval", ()))
        rows.append((
            f"{row['data']} {row['split']}", row["photos"], row["labels"], row["protocol"],
            counted, f"**{row['mean_iou']:.3f}**", interval,
            *("" if v is None else f"{v:.3f}" for v in values),
        ))  # fmt: skip
    definitions = "\n".join(f"- {name}: {text}" for name, text in results["protocols"].items())
    head = (
        "data set", "photos", "labels", "protocol", "pixels counted", "mean IoU", "95 %", *names,
    )  # fmt: skip
    tables = [_table(head, rows), *_outlines(results)]
    return "\n\n".join([*tables, f"{definitions}\n- 95 %: {INTERVAL_NOTE}"])


def _outlines(results: Results) -> list[str]:
    """How good the outlines are: the score of the pixels near one."""
    rows = [
        (f"{row['data']} {row['split']}", f"{width} pixels", f"{near['mean_iou']:.3f}",
         *(f"{near['iou'][name] or 0:.3f}" for name in ("object", "human")))
        for row in results["scores"]
        for width, near in row.get("outlines", {}).items()
    ]  # fmt: skip
    head = ("near outlines", "within", "mean IoU", "object", "human")
    return [_table(head, rows)] if rows else []


def _robustness(results: Results) -> str:
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for row in results["robustness"]:
        column = f"{row['kind']} {row['strength']}" if row["strength"] else "clean"
        digits = 3 if row["photos"] >= MANY else 2
        score = f"{row['mean_iou']:.{digits}f}"
        rows.setdefault((row["data"], row["split"]), {})[column] = score
    columns = list(next(iter(rows.values())))
    lines = [(" ".join(key), *(values.get(c, "") for c in columns)) for key, values in rows.items()]
    photos = {row["data"]: row["photos"] for row in results["robustness"]}
    return (
        _table(("official category IoU", *columns), lines)
        + f"\n\nOn {', '.join(f'{n} photos of {name}' for name, n in photos.items())}; three "
        "strengths of each corruption (`training/data/corruptions.py`)."
    )


def _failures(results: Results) -> str:
    lines = []
    for row in results["scores"]:
        if row["protocol"] != "official":
            continue
        known = {name: iou for name, iou in row["iou"].items() if iou is not None}
        lowest = sorted(known, key=lambda name: known[name])[:2]
        of_set = row["data"], row["split"]
        worst = [w for w in results["worst"] if (w["data"], w["split"]) == of_set][:3]
        photos = ", ".join(f"{w['id']} ({w['mean_iou']:.2f}: {w['worst_category']})" for w in worst)
        lines.append(
            f"- {' '.join(of_set)}: lowest "
            + " and ".join(f"{name} ({known[name]:.2f})" for name in lowest)
            + (f"; worst photos {photos}" if photos else "")
        )
    return "\n".join(lines)


def _confidence(results: Results) -> str:
    rows = [
        (
            f"{row['data']} {row['split']}",
            *(f"{row['at_least'][level]['share']:.0%} / {row['at_least'][level]['right']:.1%}"
              for level in row["at_least"]),
            f"{row['ece']:.3f}",
        )
        for row in results["calibration"]
    ]  # fmt: skip
    levels = results["calibration"][0]["at_least"] if results["calibration"] else {}
    head = ("share of pixels / of them right", *(f"confidence {v} or more" for v in levels), "ECE")
    return (
        "Confidence is the softmax of the winning category, 0 to 255. Over evaluated pixels:\n\n"
        + _table(head, rows)
        + "\n\nECE: expected calibration error over ten bins (Guo et al., ICML 2017); 0 is perfect."
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    return table(head, rows).rstrip("\n")
