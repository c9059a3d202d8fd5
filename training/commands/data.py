"""Commands that make or show data."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.commands.parsing import add_command, add_data_root

if TYPE_CHECKING:
    from training.config import TrainingConfig
    from training.data import Scene

DEFAULT_CONFIG = Path(__file__).parent.parent / "configs" / "lite0_fpn.yaml"


def synthesize(args: argparse.Namespace) -> None:
    """Draw synthetic scenes."""
    from tqdm import tqdm

    from synthetic import write_dataset

    with tqdm(total=args.count, unit="scene") as bar:
        write_dataset(args.out, args.count, args.split, args.seed, progress=lambda *_: bar.update())
    print(f"{args.count} scenes in {args.out}")


def show_augmentation(args: argparse.Namespace) -> None:
    """Draw a contact sheet of what augmentation does to photos and labels."""
    import io

    from PIL import Image

    from training.config import read_config
    from training.data.augment import Augmentation
    from training.data.augment.sheet import columns, contact_sheet
    from training.files import write_atomically

    config = read_config(args.config)
    augmentation = Augmentation.from_config(config.augmentation)
    scenes = _some_scenes(config, args.data_root, args.scenes, args.seed)
    sheet = contact_sheet(scenes, augmentation, config.input_size, config.crop_size, args.seed)
    png = io.BytesIO()
    Image.fromarray(sheet).save(png, "PNG")
    write_atomically(args.out, png.getvalue())
    print(f"{args.out}: {len(columns(augmentation))} columns, {len(scenes)} scenes: "
          f"{', '.join(scene.id for scene in scenes)}")  # fmt: skip


def _some_scenes(config: "TrainingConfig", root: Path, count: int, seed: int) -> list["Scene"]:
    """Pick `count` training scenes, from each data set that is there in turn."""
    import numpy as np

    from training.config import ConfigError
    from training.data import DataError
    from training.data.listing import read_scenes

    if count < 1:
        raise ConfigError(f"--scenes is {count}: it must be at least 1")
    shuffled: list[list[Scene]] = []
    for data in config.train:
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
        named = ", ".join(data.path for data in config.train)
        raise DataError(f"{root} holds none of the configuration's training sets ({named})")
    return picked[:count]


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "synthesize", synthesize, "python -m training synthesize data/synthetic"
    )
    command.add_argument("out", type=Path, help="folder; Cityscapes layout is made in it")
    command.add_argument("--count", type=int, default=100, help="how many (default 100)")
    command.add_argument("--split", default="train", help="train or val (default train)")
    command.add_argument("--seed", type=int, default=10_000, help="of the first scene")

    command = add_command(
        commands, "show-augmentation", show_augmentation,
        "python -m training show-augmentation --data-root data --out augmentation.png",
    )  # fmt: skip
    command.add_argument(
        "config", type=Path, nargs="?", default=DEFAULT_CONFIG,
        help="YAML file, see training/config.py (default training/configs/lite0_fpn.yaml)",
    )  # fmt: skip
    add_data_root(command)
    command.add_argument("--out", type=Path, required=True, help="PNG file to write")
    command.add_argument("--scenes", type=int, default=4, help="how many (default 4)")
    command.add_argument("--seed", type=int, default=0, help="of scenes and augmentation")
