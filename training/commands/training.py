"""The command that trains."""

import argparse
from pathlib import Path
from typing import Any

from training.commands.parsing import add_command, add_data_root
from training.config import read_config


def train(args: argparse.Namespace) -> None:
    """Train, or go on after the last complete epoch of an interrupted run."""
    from training.trainer import dry_run, store_result
    from training.trainer import train as run_training

    config = read_config(args.config)
    if args.dry_run:
        dry_run(config, args.data_root)
        return
    run = args.run or Path("runs") / config.name
    print(f"best weights: {run_training(config, args.data_root, run)}")
    print(f"row of this run: {store_result(run, args.results)}")


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "train", train,
        "python -m training train training/configs/lite0_fpn.yaml --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("config", type=Path, help="YAML file, see training/config.py")
    add_data_root(command)
    command.add_argument("--run", type=Path, help="folder of the run (default runs/NAME)")
    command.add_argument(
        "--dry-run", action="store_true", help="say what would be trained and how long it takes"
    )
    command.add_argument(
        "--results", type=Path, default=Path("results/training"),
        help="where the row of a finished run is kept (default results/training)",
    )  # fmt: skip
