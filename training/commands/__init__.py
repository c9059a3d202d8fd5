"""The subcommands of `python -m training`, and what their parsers share.

TensorFlow, ONNX, pydantic, tqdm and the Azure SDK are imported inside the commands that need them:
they take seconds, and publishing has the packages of the service alone.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from training.data import READERS, Scene, read_scenes
from training.errors import ConfigError, DataError

if TYPE_CHECKING:
    from training.config import DataConfig

VALIDATION = (
    "cityscapes:cityscapes_sharp:val",
    "cityscapes:cityscapes_exact:val",
    "kitti:kitti:val",
    "camvid:camvid:val",
)
"""What models are scored on unless --set says otherwise."""


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], None], example: str
) -> argparse.ArgumentParser:
    """Add a subcommand whose help is `run`'s docstring and an example."""
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=run.__doc__, description=run.__doc__,
        epilog=f"example: python -m training {name} {example}",
    )  # fmt: skip
    command.set_defaults(run_command=run)
    return command


def add_data_root(command: argparse.ArgumentParser) -> None:
    """Add --data-root, the folder that holds the data sets' folders."""
    command.add_argument(
        "--data-root", type=Path, required=True, help="folder that holds the data sets' folders"
    )


def add_set_option(command: argparse.ArgumentParser, what: str) -> None:
    """Add --set, read by `choose_sets`."""
    command.add_argument(
        "--set", action="append", default=[], metavar="READER:PATH:SPLIT",
        help=f"{what}; may be repeated; readers: {', '.join(READERS)}",
    )  # fmt: skip


def choose_sets(texts: Sequence[str] = (), only: Sequence[str] = ()) -> list["DataConfig"]:
    """Read --set and --only.

    Raises:
        ConfigError: a set has the wrong form, or --only names an unknown one.
    """
    sets = [_parse_set(text) for text in texts or VALIDATION]
    if unknown := set(only) - {data.path for data in sets}:
        raise ConfigError(
            f"--only {' '.join(sorted(unknown))}: choose from {', '.join(d.path for d in sets)}"
        )
    return [data for data in sets if not only or data.path in only]


def _parse_set(text: str) -> "DataConfig":
    from training.config import DataConfig

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


def list_scenes(sets: Sequence["DataConfig"], root: Path) -> list[tuple["DataConfig", list[Scene]]]:
    """List the scenes of every set that exists, before any is scored: a mistake shows at once.

    Raises:
        DataError: a set is not laid out as its reader expects, or none exists.
    """
    listed = []
    for data in sets:
        if (root / data.path).is_dir():
            listed.append((data, read_scenes(data, root)))
        else:
            print(f"{root / data.path} does not exist: left out")
    if not listed:
        raise DataError(f"{root} holds none of {', '.join(data.path for data in sets)}")
    return listed


def align(rows: Sequence[Sequence[str]]) -> str:
    """Return a table's rows as lines, its columns padded to their widest text."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
