"""What all measurements share: their command line, and where their numbers go."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.files import write_atomically
from training.lineage import machine

PROJECT = Path(__file__).parent.parent
RESULTS = PROJECT / "results"

Document = dict[str, Any]


def command(file: str, description: str | None, example: str = "") -> argparse.ArgumentParser:
    """Return the parser of `python -m bench.NAME`, with `--out` for its result.

    Args:
        file: `__file__` of the module; its name, or its folder's, is NAME.
        description: docstring of the module.
        example: arguments of the example that --help shows.
    """
    path = Path(file)
    name = path.parent.name if path.stem == "__main__" else path.stem
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.{name}", description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"example: python -m bench.{name} {example}",
    )  # fmt: skip
    out = RESULTS / f"{name}.json"
    parser.add_argument("--out", type=Path, default=out, help=f"default: results/{out.name}")
    return parser


def record(out: Path, result: Mapping[str, Any]) -> None:
    """Print a result, and store it with the machine that it was measured on."""
    store(out, {"machine": machine(), **result})


def store(out: Path, result: Mapping[str, Any]) -> None:
    """Print a result, and write it as JSON, as a whole or not at all."""
    text = json.dumps(result, indent=1)
    write_atomically(out, text.encode() + b"\n")
    print(f"{text}\nstored: {out}")


def verdict(value: float, at_most: float) -> str:
    """Return a number beside the most that it may be."""
    return f"{value:.2f} (at most {at_most:g}: {'met' if value <= at_most else 'missed'})"
