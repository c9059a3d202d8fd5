"""The command that scores a package."""

import argparse
from pathlib import Path
from typing import Any

from training.commands.parsing import add_command, add_data_root
from training.config import DataConfig
from training.data import READERS, DataError

VALIDATION = (
    DataConfig("cityscapes", "cityscapes_256", "val"),
    DataConfig("camvid", "camvid", "val"),
    DataConfig("kitti", "kitti", "val"),
)


def evaluate(args: argparse.Namespace) -> None:
    """Score a package on the validation sets, and record the scores in its manifest."""
    from training.evaluator import evaluate as evaluate_set
    from training.evaluator import load_package, record, store

    segmenter = load_package(args.package)
    rows = []
    for data in VALIDATION:
        if not (args.data_root / data.path).is_dir():
            print(f"{args.data_root / data.path} is not there: left out")
            continue
        scenes = READERS[data.reader](args.data_root / data.path, data.split)
        rows += evaluate_set(segmenter, scenes, data.path, data.split)
    if not rows:
        raise DataError(f"{args.data_root} holds none of {', '.join(d.path for d in VALIDATION)}")
    for row in rows:
        scores = "  ".join(
            f"{name} {value:.3f}" for name, value in row["iou"].items() if value is not None
        )
        print(f"{row['data']:16}{row['protocol']:10}{row['mean_iou']:.4f}   {scores}")
    ref = segmenter.manifest.ref
    out = store(rows, args.results / f"{ref.name}-{ref.version}.json")
    print(f"scores: {out}")
    if args.record:
        print(f"recorded in {record(args.package, rows)}")


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "evaluate", evaluate,
        "python -m training evaluate models/lite0-fpn/0.1.0 --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("package", type=Path, help="folder with model.onnx and manifest.json")
    add_data_root(command)
    command.add_argument("--results", type=Path, default=Path("results/evaluation"))
    command.add_argument("--record", action="store_true", help="write the scores to the manifest")
