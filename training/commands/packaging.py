"""Commands from weights to a package."""

import argparse
from pathlib import Path
from typing import Any

from function_app.model_package import ModelRef
from training.commands.parsing import add_command, add_data_root
from training.config import read_config


def export(args: argparse.Namespace) -> None:
    """Export the best weights of a run as a model package."""
    from training.export import export as export_package
    from training.trainer import BEST, CONFIG, read_scenes

    config = read_config(args.run / CONFIG)
    scenes = [scene for data in config.validation for scene in read_scenes(data, args.data_root)]
    chosen = scenes[:: max(1, len(scenes) // args.photos)][: args.photos]
    ref = ModelRef(config.name, args.version)
    export_package(config, args.run / BEST, ref, chosen, args.out)


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "export", export,
        "python -m training export runs/lite0-fpn 0.1.0 --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("run", type=Path, help="folder of a run")
    command.add_argument("version", help="like 1.0.0; versions are immutable once published")
    add_data_root(command)
    command.add_argument("--photos", type=int, default=40, help="photos of the parity check")
    command.add_argument("--out", type=Path, default=Path("models"), help="default models/")
