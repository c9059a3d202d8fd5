"""Commands from weights to a package: export, quantize, package."""

import argparse
from pathlib import Path
from typing import Any

from function_app.vision.model_package import ModelRef
from training.commands.evaluation import add_set_option, choose_sets, list_scenes
from training.commands.parsing import add_command, add_data_root
from training.config import ConfigError, DataConfig, read_config


def export(args: argparse.Namespace) -> None:
    """Export the best weights of a run as a model package, behind a parity gate."""
    from training.callbacks import BEST
    from training.export import export as export_package
    from training.trainer import CONFIG, summary

    _check_photos(args.photos)
    config = read_config(args.run / CONFIG)
    listed = list_scenes(list(config.validation), args.data_root)
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
    from training.packages import read_package
    from training.quantize import quantize as quantize_package

    _check_photos(args.photos)
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
        data.path: scenes for data, scenes in list_scenes(choose_sets(args.set, []), args.data_root)
    }
    name = args.name or f"{manifest.ref.name}-int8"
    quantize_package(args.package, name, calibration, gate, args.out)


def package(args: argparse.Namespace) -> None:
    """Check that a package is complete, and write its model card."""
    from training.model_card import write_card

    for folder in args.packages:
        print(f"model card: {write_card(folder, args.results)}")


def _check_photos(count: int) -> None:
    if count < 1:
        raise ConfigError(f"--photos {count}: at least 1")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    try:
        return int(height), int(width)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}': expected WIDTHxHEIGHT like 512x256") from error


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "export", export,
        "python -m training export runs/lite0-fpn 0.3.0 --data-root ../shared/data",
    )  # fmt: skip
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
        commands, "quantize", quantize,
        "python -m training quantize models/lite0-fpn/0.3.0 --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("package", type=Path, help="folder of a float package")
    add_data_root(command)
    command.add_argument("--name", help="of the new package (default: NAME-int8)")
    command.add_argument("--photos", type=int, default=100, help="training photos to calibrate on")
    add_set_option(command, "judge by this set instead")
    command.add_argument("--out", type=Path, default=Path("models"), help="default models/")

    command = add_command(
        commands, "package", package, "python -m training package models/lite0-fpn/0.3.0"
    )
    command.add_argument("packages", type=Path, nargs="+", help="folders of packages")
    command.add_argument("--results", type=Path, default=Path("results/evaluation"))
