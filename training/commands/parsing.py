"""What the commands' parsers share."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[[argparse.Namespace], None]


def add_command(commands: Any, name: str, run: Command, example: str) -> argparse.ArgumentParser:
    """Add a subcommand whose help is `run`'s docstring and an example."""
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=run.__doc__, description=run.__doc__, epilog=f"example: {example}"
    )
    command.set_defaults(run_command=run)
    return command


def add_data_root(command: argparse.ArgumentParser) -> None:
    """Add --data-root, the folder that holds the data sets' folders."""
    command.add_argument(
        "--data-root", type=Path, required=True, help="folder that holds the data sets' folders"
    )
