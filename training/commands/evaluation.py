"""The command that scores a package.

What is measured of a data set is stored as soon as that set is done, beside what was stored of
others before: an interrupted evaluation goes on with --only.
"""

import argparse
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from training.commands.parsing import add_command, add_data_root
from training.config import ConfigError, DataConfig
from training.data import READERS, DataError, Scene
from training.data.listing import read_scenes

if TYPE_CHECKING:
    from function_app.vision.segmenter import Segmenter
    from training.evaluator.results import Results, Rows

VALIDATION = (
    DataConfig("cityscapes", "cityscapes_256", "val"),
    DataConfig("camvid", "camvid", "val"),
    DataConfig("kitti", "kitti", "val"),
)

DataSets = list[tuple[DataConfig, list[Scene]]]


def evaluate(args: argparse.Namespace) -> None:
    """Score a package on validation sets: whole, photo by photo, and under corruptions."""
    from training.evaluator.package import load_package, record
    from training.evaluator.results import read_results, results_path

    if args.robustness is not None and args.robustness < 1:
        raise ConfigError(f"--robustness {args.robustness}: take every n-th scene, n from 1")
    if args.threads < 1:
        raise ConfigError(f"--threads {args.threads}: at least 1")
    chosen = choose_sets(args.set, args.only)
    segmenter = load_package(args.package, args.threads)
    path = results_path(args.results, segmenter.manifest)
    results = read_results(path, segmenter.manifest)
    for data, scenes in list_scenes(chosen, args.data_root):
        results = _evaluate_set(segmenter, data, scenes, path, args)
    print(f"scores: {path}")
    if args.record:
        print(f"recorded in {record(args.package, results)}")
    if args.plots:
        from training.evaluator.plots import draw_plots

        for plot in draw_plots(results, args.plots / path.stem):
            print(plot)


def choose_sets(texts: list[str], only: list[str]) -> list[DataConfig]:
    """Read --set and --only; raises ConfigError naming what cannot be used."""
    sets = [_parse_set(text) for text in texts] or list(VALIDATION)
    if unknown := set(only) - {data.path for data in sets}:
        raise ConfigError(
            f"--only {' '.join(sorted(unknown))}: choose from {', '.join(d.path for d in sets)}"
        )
    return [data for data in sets if not only or data.path in only]


def _parse_set(text: str) -> DataConfig:
    reader, _, rest = text.partition(":")
    path, _, split = rest.rpartition(":")
    if not path or not split:
        raise ConfigError(f"--set {text}: expected reader:path:split, like cityscapes:my_city:val")
    if reader not in READERS:
        raise ConfigError(f"--set {text}: no reader {reader!r}: choose from {', '.join(READERS)}")
    folder = PurePosixPath(path)
    if folder.is_absolute() or ".." in folder.parts:
        raise ConfigError(f"--set {text}: the path must be a folder below --data-root")
    return DataConfig(reader, str(folder), split)


def list_scenes(sets: list[DataConfig], root: Path) -> DataSets:
    """List the scenes of every set there is, before any is scored: a mistake shows at once.

    Raises:
        DataError: a set is not laid out as its reader expects, or none is there.
    """
    listed = []
    for data in sets:
        if (root / data.path).is_dir():
            listed.append((data, read_scenes(data, root)))
        else:
            print(f"{root / data.path} is not there: left out")
    if not listed:
        raise DataError(f"{root} holds none of {', '.join(data.path for data in sets)}")
    return listed


def _evaluate_set(
    segmenter: "Segmenter",
    data: DataConfig,
    scenes: list[Scene],
    path: Path,
    args: argparse.Namespace,
) -> "Results":
    """Score one set, store and print the scores; then, where wanted, its robustness."""
    from training.evaluator.calibration import calibration_row
    from training.evaluator.results import store
    from training.evaluator.robustness import evaluate_robustness
    from training.evaluator.scoring import measure, run_row, score_rows, total, worst_photos

    manifest, names = segmenter.manifest, (data.path, data.split)
    photos = list(measure(segmenter, scenes, " ".join(names)))
    scores = score_rows(photos, manifest, *names)
    results = store(
        path,
        manifest,
        runs=[run_row(photos, args.threads, *names)],
        scores=scores,
        calibration=calibration_row((photo.by_confidence for photo in photos), *names),
        worst=worst_photos(photos, *names),
    )
    print_rows(scores, "protocol")
    if args.robustness:
        every = slice(None, None, args.robustness)
        clean = total(photos[every], "official")
        rows = evaluate_robustness(segmenter, scenes[every], clean, *names)
        results = store(path, manifest, robustness=rows)
        print_rows([{**row, "at": f"{row['kind']} {row['strength']}"} for row in rows], "at")
    return results


def print_rows(rows: "Rows", label: str) -> None:
    """Print rows of data, mean_iou, iou by category and what `label` names, a line each."""
    for row in rows:
        values = [(name, iou) for name, iou in row["iou"].items() if iou is not None]
        scores = "  ".join(f"{name} {iou:.3f}" for name, iou in values)
        print(f"{row['data']:15} {row[label]:10}{row['mean_iou']:.4f}   {scores}")


def add_set_option(command: argparse.ArgumentParser, what: str) -> None:
    """Add --set, read by `choose_sets`."""
    command.add_argument(
        "--set", action="append", default=[], metavar="READER:PATH:SPLIT",
        help=f"{what}; may be repeated; readers: {', '.join(READERS)}",
    )  # fmt: skip


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "evaluate", evaluate,
        "python -m training evaluate models/lite0-fpn/0.3.0 --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("package", type=Path, help="folder with model.onnx and manifest.json")
    add_data_root(command)
    command.add_argument(
        "--only", nargs="+", default=[], metavar="FOLDER",
        help=f"of {', '.join(d.path for d in VALIDATION)}, or of the sets given with --set",
    )  # fmt: skip
    add_set_option(command, "score this set instead")
    command.add_argument(
        "--robustness", type=int, metavar="EVERY",
        help="score every n-th scene under noise, blur, night and fog too",
    )  # fmt: skip
    command.add_argument("--plots", type=Path, metavar="DIR", help="draw what is stored, as PNG")
    command.add_argument(
        "--results", type=Path, default=Path("results/evaluation"),
        help="folder of the JSON file (default results/evaluation)",
    )  # fmt: skip
    command.add_argument("--record", action="store_true", help="write the scores to the manifest")
    command.add_argument(
        "--threads", type=int, default=os.cpu_count(), help="cores a photo may use (default all)"
    )
