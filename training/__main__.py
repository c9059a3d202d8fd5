"""From photographs to a published model: python -m training COMMAND --help."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from function_app.model_package import ModelRef, PackageError
from function_app.storage import StorageError, storage_errors
from training.config import ConfigError, DataConfig, read_config
from training.data import READERS, DataError

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

# TensorFlow is imported inside the commands that need it: it takes seconds, and --help,
# evaluation and publishing do without.

VALIDATION = (
    DataConfig("cityscapes", "cityscapes_256", "val"),
    DataConfig("camvid", "camvid", "val"),
    DataConfig("kitti", "kitti", "val"),
)


def main() -> int:
    """Parse the command line and run one command."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("azure").setLevel(logging.WARNING)
    args = _parser().parse_args()
    try:
        args.run_command(args)
    except KeyboardInterrupt:
        print("\ninterrupted")
        return 130
    except (ConfigError, DataError, PackageError, StorageError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def train_command(args: argparse.Namespace) -> None:
    """Train, or go on after the last complete epoch of an interrupted run."""
    from training.trainer import train

    config = read_config(args.config)
    run = args.run or Path("runs") / config.name
    print(f"best weights: {train(config, args.data_root, run)}")


def synthesize_command(args: argparse.Namespace) -> None:
    """Draw synthetic scenes."""
    from tqdm import tqdm

    from training.data.synthetic import write_dataset

    with tqdm(total=args.count, unit="scene") as bar:
        write_dataset(args.out, args.count, args.split, args.seed, progress=lambda *_: bar.update())
    print(f"{args.count} scenes in {args.out}")


def export_command(args: argparse.Namespace) -> None:
    """Export the best weights of a run as a model package."""
    from training.export import export
    from training.trainer import BEST, CONFIG, read_scenes

    config = read_config(args.run / CONFIG)
    scenes = [scene for data in config.validation for scene in read_scenes(data, args.data_root)]
    chosen = scenes[:: max(1, len(scenes) // args.photos)][: args.photos]
    ref = ModelRef(config.name, args.version)
    export(config, args.run / BEST, ref, chosen, args.out)


def evaluate_command(args: argparse.Namespace) -> None:
    """Score a package on the validation sets, and record the scores in its manifest."""
    from training.evaluator import evaluate, load_package, record, store

    segmenter = load_package(args.package)
    rows = []
    for data in VALIDATION:
        if not (args.data_root / data.path).is_dir():
            print(f"{args.data_root / data.path} is not there: left out")
            continue
        scenes = READERS[data.reader](args.data_root / data.path, data.split)
        rows += evaluate(segmenter, scenes, data.path, data.split)
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


def publish_command(args: argparse.Namespace) -> None:
    """Upload a package, and activate it unless told otherwise."""
    from training.publish import activate, publish

    with storage_errors():
        models = _models_container(args)
        ref = publish(args.package, models)
        print(f"published {ref}")
        if not args.keep_active:
            activate(ref, models)
            print(f"active is {ref}; running services follow within a minute")


def _models_container(args: argparse.Namespace) -> "ContainerClient":
    from azure.storage.blob import BlobServiceClient

    if args.connection_string:
        account = BlobServiceClient.from_connection_string(args.connection_string)
    elif args.account_url:
        from azure.identity import DefaultAzureCredential

        account = BlobServiceClient(args.account_url, credential=DefaultAzureCredential())
    else:
        raise ConfigError("say where to: --account-url, or --connection-string for Azurite")
    return account.get_container_client(args.container)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, run: Callable[[argparse.Namespace], None], example: str) -> Any:
        command = commands.add_parser(
            name, help=run.__doc__, description=run.__doc__, epilog=f"example: {example}"
        )
        command.set_defaults(run_command=run)
        return command

    command = add("synthesize", synthesize_command, "python -m training synthesize data/synthetic")
    command.add_argument("out", type=Path, help="folder; Cityscapes layout is made in it")
    command.add_argument("--count", type=int, default=100, help="how many (default 100)")
    command.add_argument("--split", default="train", help="train or val (default train)")
    command.add_argument("--seed", type=int, default=10_000, help="of the first scene")

    command = add(
        "train", train_command,
        "python -m training train training/configs/lite0_fpn.yaml --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("config", type=Path, help="YAML file, see training/config.py")
    _add_data_root(command)
    command.add_argument("--run", type=Path, help="folder of the run (default runs/NAME)")

    command = add(
        "export", export_command,
        "python -m training export runs/lite0-fpn 0.1.0 --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("run", type=Path, help="folder of a run")
    command.add_argument("version", help="like 1.0.0; versions are immutable once published")
    _add_data_root(command)
    command.add_argument("--photos", type=int, default=40, help="photos of the parity check")
    command.add_argument("--out", type=Path, default=Path("models"), help="default models/")

    command = add(
        "evaluate", evaluate_command,
        "python -m training evaluate models/lite0-fpn/0.1.0 --data-root ../shared/data",
    )  # fmt: skip
    command.add_argument("package", type=Path, help="folder with model.onnx and manifest.json")
    _add_data_root(command)
    command.add_argument("--results", type=Path, default=Path("results/evaluation"))
    command.add_argument("--record", action="store_true", help="write the scores to the manifest")

    command = add(
        "publish", publish_command,
        "python -m training publish models/lite0-fpn/0.1.0 --account-url https://NAME.blob...",
    )  # fmt: skip
    command.add_argument("package", type=Path, help="folder with model.onnx and manifest.json")
    command.add_argument("--account-url", help="storage account, reached with your Entra login")
    command.add_argument("--connection-string", help="storage account, reached with a key")
    command.add_argument("--container", default="models")
    command.add_argument("--keep-active", action="store_true", help="publish without activating")
    return parser


def _add_data_root(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data-root", type=Path, required=True, help="folder that holds the data sets' folders"
    )


if __name__ == "__main__":
    sys.exit(main())
