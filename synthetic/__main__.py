"""Draw synthetic street scenes with exact masks, as a folder in the Cityscapes layout."""

import argparse
import sys
from pathlib import Path

from synthetic import write_dataset


def main(arguments: list[str] | None = None) -> int:
    """Draw the scenes that the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m synthetic",
        description=__doc__,
        epilog="example: python -m synthetic --count 24 data/synthetic",
    )
    parser.add_argument("folder", type=Path, help="leftImg8bit/ and gtFine/ are made in it")
    parser.add_argument("--count", type=int, default=100, help="number of scenes (default 100)")
    parser.add_argument("--split", default="train", help="train, val ... (default train)")
    parser.add_argument("--seed", type=int, default=10_000, help="of the first scene")
    given = parser.parse_args(arguments)
    if given.count < 1:
        parser.error(f"--count {given.count}: expected 1 or more")
    try:
        write_dataset(given.folder, given.count, given.split, given.seed, progress=_show)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    print(f"{given.count} scenes in {given.folder}")
    return 0


def _show(done: int, count: int) -> None:
    end = "\n" if done == count else ""
    print(f"\r{done}/{count} scenes", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
