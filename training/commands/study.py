"""The command that compares on equal budgets."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.commands.evaluation import add_set_option, choose_sets, list_scenes
from training.commands.parsing import add_command, add_data_root
from training.config import ConfigError
from training.data.listing import read_scenes

if TYPE_CHECKING:
    from training.study.plan import Cell, Places


def compare(args: argparse.Namespace) -> None:
    """Train and score every run of studies, or go on where that stopped, and sum up."""
    from training.study.plan import Places, in_order, read_study
    from training.study.rows import read_rows
    from training.study.runner import run_all
    from training.study.summary import summarise, table, write_summary

    studies = [read_study(path) for path in args.studies]
    cells = in_order(studies, args.only)
    if not cells:
        raise ConfigError(f"--only {args.only}: no run is named so; --dry-run lists them")
    sets = tuple(data for data, _ in list_scenes(choose_sets(args.set, []), args.data_root))
    for data in {d for cell in cells for d in (*cell.config.train, *cell.config.validation)}:
        read_scenes(data, args.data_root)  # what is missing shows now, not hours later
    places = Places(args.data_root, args.runs, args.results / "runs", sets, args.unit)
    if args.dry_run:
        _list(cells, places)
        return
    every = [cell.run for study in studies for cell in study.cells]

    def sum_up() -> list[str]:
        rows = read_rows(places.rows, every, sets)
        summaries = [summarise(study, rows) for study in studies]
        for summary in summaries:
            write_summary(args.results, summary)
        return [table(summary) for summary in summaries if summary["finished"]]

    failed = run_all(cells, places, sum_up)
    print("\n\n".join(sum_up()))
    if failed:
        reasons = "".join(f"\n  {label}: {reason}" for label, reason in failed.items())
        sys.exit(
            f"{len(failed)} of {len(cells)} runs failed, the same command tries again:{reasons}"
        )


def _list(cells: "list[Cell]", places: "Places") -> None:
    """Print every run and how long it takes here; nothing is written."""
    from training.study.estimate import kind, minutes_by_kind, timed_minutes
    from training.study.rows import read_rows

    rows = read_rows(places.rows, (cell.run for cell in cells), places.sets)
    known, waiting = minutes_by_kind(rows.values()), 0.0
    for cell in cells:
        if cell.run in rows:
            print(f"    done  {cell.run:36}{cell.label}")
            continue
        like = kind(cell.config.to_dict())
        if like not in known:
            known[like] = timed_minutes(cell.config, places.data_root)
        waiting += known[like]
        print(f"{known[like]:4.0f} min  {cell.run:36}{cell.label}")
    print(f"{len(cells)} runs, {len(rows)} done, the others about {waiting / 60:.1f} h here")


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "compare", compare,
        "python -m training compare training/configs/study/*.yaml --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("studies", type=Path, nargs="+", help="YAML files, see training/study")
    add_data_root(command)
    command.add_argument(
        "--only", default="*", metavar="PATTERN",
        help="only runs whose label study/variant/form/seed matches, like 'models/unet/*'",
    )  # fmt: skip
    command.add_argument("--dry-run", action="store_true", help="list the runs and their time")
    add_set_option(command, "score on this set instead")
    command.add_argument("--runs", type=Path, default=Path("runs/study"), help="folder of runs")
    command.add_argument(
        "--results", type=Path, default=Path("results/study"),
        help="folder of the rows and summaries (default results/study)",
    )  # fmt: skip
    command.add_argument(
        "--unit", type=Path, default=Path("models/lite0-fpn/0.3.0"),
        help="package whose ONNX time is 1 (default models/lite0-fpn/0.3.0)",
    )  # fmt: skip
