"""Commands that make or show data."""

import argparse
from pathlib import Path
from typing import Any

from training.commands.parsing import add_command


def synthesize(args: argparse.Namespace) -> None:
    """Draw synthetic scenes."""
    from tqdm import tqdm

    from training.data.synthetic import write_dataset

    with tqdm(total=args.count, unit="scene") as bar:
        write_dataset(args.out, args.count, args.split, args.seed, progress=lambda *_: bar.update())
    print(f"{args.count} scenes in {args.out}")


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "synthesize", synthesize, "python -m training synthesize data/synthetic"
    )
    command.add_argument("out", type=Path, help="folder; Cityscapes layout is made in it")
    command.add_argument("--count", type=int, default=100, help="how many (default 100)")
    command.add_argument("--split", default="train", help="train or val (default train)")
    command.add_argument("--seed", type=int, default=10_000, help="of the first scene")
