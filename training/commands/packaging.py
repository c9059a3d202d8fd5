"""Commands from weights to a scored package: export, quantize, evaluate, package.

`evaluate` stores the scores of a data set as soon as that set is done, beside those of others: an
interrupted evaluation goes on with --only.
"""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from function_app.vision.model_package import ModelRef, PackageError
from training.commands import (
    VALIDATION,
    add_command,
    add_data_root,
    add_set_option,
    choose_sets,
    list_scenes,
)
from training.data import Scene
from training.errors import ConfigError
from training.registry import FolderRegistry, read_pointer

if TYPE_CHECKING:
    from function_app.vision.segmenter import Segmenter
    from training.config import DataConfig
    from training.evaluator.results import Results, Rows


def export(args: argparse.Namespace) -> None:
    """Export the best weights of a run as a model package, behind a parity gate."""
    from training.config import read_config
    from training.export import export as export_package
    from training.runs import BEST, CONFIG, summary

    _at_least_1("--photos", args.photos)
    config = read_config(args.run / CONFIG)
    listed = list_scenes(config.validation, args.data_root)
    scenes = [scene for _, scenes in listed for scene in scenes]
    export_package(
        config,
        args.run / BEST,
        ModelRef(args.name or config.name, args.version),
        scenes[:: max(1, len(scenes) // args.photos)][: args.photos],
        args.out,
        input_size=args.input,
        training=summary(args.run),
        notes=args.note,
    )


def quantize(args: argparse.Namespace) -> None:
    """Make the 8-bit form of a package: calibrated on training photos, behind an accuracy gate."""
    from training.config import DataConfig
    from training.packages import read_package
    from training.quantize import quantize as quantize_package

    _at_least_1("--photos", args.photos)
    manifest = read_package(args.package).manifest
    try:
        trained_on = [DataConfig(**entry) for entry in manifest.lineage["config"]["train"]]
    except (KeyError, TypeError) as error:
        raise ConfigError(
            f"{args.package}: its manifest does not say what the model learned from"
        ) from error
    listed = list_scenes(trained_on, args.data_root)
    total = sum(data.share for data, _ in listed)
    calibration = []
    for data, scenes in listed:
        wanted = max(1, round(args.photos * data.share / total))
        calibration += scenes[:: max(1, len(scenes) // wanted)][:wanted]
    gate = {
        data.path: scenes for data, scenes in list_scenes(choose_sets(args.set), args.data_root)
    }
    name = args.name or f"{manifest.ref.name}-int8"
    quantize_package(args.package, name, calibration, gate, args.out)


def evaluate(args: argparse.Namespace) -> None:
    """Score a package on validation sets: whole, photo by photo, and under corruptions."""
    from training.evaluator import load_package, record
    from training.evaluator.results import read_results, results_path

    if args.robustness is not None:
        _at_least_1("--robustness", args.robustness)
    _at_least_1("--threads", args.threads)
    chosen = choose_sets(args.set, args.only)
    segmenter = load_package(args.package, args.threads)
    if args.record:
        _refuse_active(args.package)
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


def _refuse_active(package: Path) -> None:
    """Refuse to change the active package of the folder of packages that `package` lies in."""
    pointer = read_pointer(FolderRegistry(package.resolve().parent.parent))
    if pointer and package.resolve().parts[-2:] == (pointer.ref.name, pointer.ref.version):
        raise PackageError(
            f"{pointer.ref} is active, and versions do not change: evaluate it without --record, "
            "or export a new version"
        )


def _evaluate_set(
    segmenter: "Segmenter",
    data: "DataConfig",
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
    _print_rows(scores, "protocol")
    if args.robustness:
        every = slice(None, None, max(1, len(scenes) // args.robustness))
        clean = total(photos[every], "official")
        rows = evaluate_robustness(segmenter, scenes[every], clean, *names)
        results = store(path, manifest, robustness=rows)
        _print_rows([{**row, "at": f"{row['kind']} {row['strength']}"} for row in rows], "at")
    return results


def _print_rows(rows: "Rows", label: str) -> None:
    """Print rows of data, mean_iou, iou by category and what `label` names, a line each."""
    for row in rows:
        values = [(name, iou) for name, iou in row["iou"].items() if iou is not None]
        scores = "  ".join(f"{name} {iou:.3f}" for name, iou in values)
        print(f"{row['data']:15} {row[label]:10}{row['mean_iou']:.4f}   {scores}")


def package(args: argparse.Namespace) -> None:
    """Check that a package is complete, and write its model card."""
    from training.model_card import write_card

    for folder in args.packages:
        print(f"model card: {write_card(folder, args.results)}")


def _at_least_1(option: str, value: int) -> None:
    if value < 1:
        raise ConfigError(f"{option} {value}: at least 1")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    try:
        return int(height), int(width)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}': expected WIDTHxHEIGHT like 512x256") from error


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "export", export, "runs/lite0-fpn 1.0.0 --data-root ../shared/data"
    )
    command.add_argument("run", type=Path, help="folder of a run")
    command.add_argument("version", help="like 1.0.0; versions are immutable once published")
    add_data_root(command)
    command.add_argument("--name", help="of the package (default: the configuration's)")
    command.add_argument(
        "--input", type=_size, help="WIDTHxHEIGHT of the graph (default: the configuration's)"
    )
    command.add_argument("--photos", type=int, default=40, help="photos of the parity check")
    command.add_argument(
        "--note", action="append", default=[], help="a sentence for the model card; may be repeated"
    )
    command.add_argument("--out", type=Path, default=Path("models"), help="default models/")

    command = add_command(
        commands, "quantize", quantize, "models/lite0-fpn/1.0.0 --data-root ../shared/data"
    )
    command.add_argument("package", type=Path, help="folder of a float package")
    add_data_root(command)
    command.add_argument("--name", help="of the new package (default: NAME-int8)")
    command.add_argument("--photos", type=int, default=100, help="training photos to calibrate on")
    add_set_option(command, "judge by this set instead")
    command.add_argument("--out", type=Path, default=Path("models"), help="default models/")

    command = add_command(
        commands, "evaluate", evaluate, "models/lite0-fpn/1.0.0 --data-root ../shared/data"
    )
    command.add_argument("package", type=Path, help="folder with model.onnx and manifest.json")
    add_data_root(command)
    command.add_argument(
        "--only", nargs="+", default=[], metavar="FOLDER",
        help=f"of {', '.join(s.split(':')[1] for s in VALIDATION)}, or of the sets of --set",
    )  # fmt: skip
    add_set_option(command, "score this set instead")
    command.add_argument(
        "--robustness", type=int, metavar="PHOTOS",
        help="score so many photos of a set, evenly spread, under noise, blur, night and fog too "
        "(each takes as long as a dozen; from 100 on the card gives three decimals)",
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

    command = add_command(commands, "package", package, "models/lite0-fpn/1.0.0")
    command.add_argument("packages", type=Path, nargs="+", help="folders of packages")
    command.add_argument("--results", type=Path, default=Path("results/evaluation"))
