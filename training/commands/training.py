"""Commands up to trained weights: show-augmentation, train, compare."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from training.commands import (
    add_command,
    add_data_root,
    add_set_option,
    align,
    choose_sets,
    list_scenes,
)
from training.data import Scene, read_scenes
from training.errors import ConfigError, DataError

if TYPE_CHECKING:
    from training.config import DataConfig
    from training.study.plan import Run
    from training.study.run import Row

DEFAULT_CONFIG = Path(__file__).parent.parent / "configs" / "lite0_fpn.yaml"


def show_augmentation(args: argparse.Namespace) -> None:
    """Draw a contact sheet of what augmentation does to photos and labels."""
    from PIL import Image

    from training.config import read_config
    from training.data.augment import Augmentation
    from training.data.augment.sheet import columns, contact_sheet

    config = read_config(args.config)
    augmentation = Augmentation.from_config(config.augmentation)
    scenes = _some_scenes(config.train, args.data_root, args.scenes, args.seed)
    sheet = contact_sheet(scenes, augmentation, config.input_size, config.crop_size, args.seed)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(args.out, "PNG")
    print(f"{args.out}: {len(columns(augmentation))} columns, {len(scenes)} scenes: "
          f"{', '.join(scene.id for scene in scenes)}")  # fmt: skip


def _some_scenes(sets: "Sequence[DataConfig]", root: Path, count: int, seed: int) -> list[Scene]:
    """Pick `count` training scenes, from each data set that is there in turn."""
    import numpy as np

    if count < 1:
        raise ConfigError(f"--scenes is {count}: it must be at least 1")
    shuffled: list[list[Scene]] = []
    for data in sets:
        try:
            scenes = read_scenes(data, root)
        except DataError as error:
            print(f"left out: {error}")
            continue
        order = np.random.default_rng(seed).permutation(len(scenes))
        shuffled.append([scenes[i] for i in order])
    turns = range(max(map(len, shuffled), default=0))
    picked = [scenes[turn] for turn in turns for scenes in shuffled if turn < len(scenes)]
    if not picked:
        named = ", ".join(data.path for data in sets)
        raise DataError(f"{root} holds none of the configuration's training sets ({named})")
    return picked[:count]


def train(args: argparse.Namespace) -> None:
    """Train, or go on after the last complete epoch of an interrupted run."""
    from training.config import read_config
    from training.runs import store_result
    from training.trainer import dry_run
    from training.trainer import train as run_training

    config = read_config(args.config)
    if args.dry_run:
        dry_run(config, args.data_root)
        return
    run = args.run or Path("runs") / config.name
    print(f"best weights: {run_training(config, args.data_root, run)}")
    print(f"row of this run: {store_result(run, args.results)}")


def compare(args: argparse.Namespace) -> None:
    """Train and score every run of studies, or go on where that stopped, and sum up."""
    from training.study.plan import in_order, read_study
    from training.study.run import Setup, read_rows, run_all
    from training.study.summary import summarise, table, write_summary

    studies = [read_study(path) for path in args.studies]
    runs = in_order(studies, args.only)
    if not runs:
        raise ConfigError(f"--only {args.only}: no run has such a label; --dry-run lists them")
    sets = tuple(data for data, _ in list_scenes(choose_sets(args.set), args.data_root))
    for data in {d for run in runs for d in (*run.config.train, *run.config.validation)}:
        read_scenes(data, args.data_root)  # a missing data set shows now, not hours later
    setup = Setup(args.data_root, args.runs, args.results / "runs", sets, args.unit)
    every = [run.name for study in studies for run in study.runs]
    if args.dry_run:
        _list(runs, read_rows(setup, every))
        return

    def sum_up() -> list[str]:
        rows = read_rows(setup, every)
        kept = {path.stem for path in setup.rows.glob("*.json")}
        summaries = [summarise(study, rows) for study in studies]
        for summary in summaries:
            write_summary(args.results, summary, kept)
        return [
            f"{summary['question']} {summary['finished']} of {summary['runs']} runs\n"
            f"{align(table(summary))}"
            for summary in summaries
            if summary["finished"]
        ]

    sum_up()  # what must not be overwritten shows now
    failed = run_all(runs, setup, sum_up)
    print("\n\n".join(sum_up()))
    if failed:
        names = "".join(f"\n  {label}" for label in failed)
        sys.exit(f"{len(failed)} of {len(runs)} runs failed, the same command tries again:{names}")


def _list(runs: "list[Run]", rows: "dict[str, Row]") -> None:
    """Print every run and whether it is done; nothing is written."""
    from training.study.summary import minutes

    for run in runs:
        print(f"{'done' if run.name in rows else '':6}{run.name:36}{run.label}")
    left = sum(run.name not in rows for run in runs)
    time = ""
    if rows:
        hours = left * median(map(minutes, rows.values())) / 60
        time = f", about {hours:.1f} h if they take as long as the others did"
    print(f"{len(runs)} runs, {left} to train{time}")


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "show-augmentation", show_augmentation, "--data-root data --out augmentation.png"
    )
    command.add_argument(
        "config", type=Path, nargs="?", default=DEFAULT_CONFIG,
        help="YAML file, see training/config.py (default training/configs/lite0_fpn.yaml)",
    )  # fmt: skip
    add_data_root(command)
    command.add_argument("--out", type=Path, required=True, help="PNG file to write")
    command.add_argument("--scenes", type=int, default=4, help="how many (default 4)")
    command.add_argument("--seed", type=int, default=0, help="of scenes and augmentation")

    command = add_command(
        commands, "train", train, "training/configs/lite0_fpn.yaml --data-root ../shared/data"
    )
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

    command = add_command(
        commands, "compare", compare, "training/configs/study/*.yaml --data-root ../shared/data"
    )
    command.add_argument("studies", type=Path, nargs="+", help="YAML files, see training/study")
    add_data_root(command)
    command.add_argument(
        "--only", default="*", metavar="PATTERN",
        help="only runs whose label study/variant/form/seed matches, like 'models/unet/*'",
    )  # fmt: skip
    command.add_argument("--dry-run", action="store_true", help="list the runs")
    add_set_option(command, "score on this set instead")
    command.add_argument("--runs", type=Path, default=Path("runs/study"), help="folder of runs")
    command.add_argument(
        "--results", type=Path, default=Path("results/study"),
        help="folder of the rows and summaries (default results/study)",
    )  # fmt: skip
    command.add_argument(
        "--unit", type=Path, default=Path("models/lite0-fpn/1.0.0"),
        help="package whose ONNX time is 1 (default models/lite0-fpn/1.0.0)",
    )  # fmt: skip
