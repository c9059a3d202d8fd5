"""From photographs to a published model: python -m training COMMAND --help."""

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

SCORE = Path(__file__).parent.parent / "frontend" / "score_batch.py"


def main() -> int:
    """Parse the command line and run one command."""
    if sys.argv[1:2] == ["score"]:
        _score(sys.argv[2:])

    from function_app.vision.model_package import PackageError
    from training.config import ConfigError
    from training.data import DataError
    from training.registry import RegistryError

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    logging.getLogger("azure").setLevel(logging.WARNING)
    args = parser().parse_args()
    try:
        args.run_command(args)
    except KeyboardInterrupt:
        print("\ninterrupted")
        return 130
    except (ConfigError, DataError, PackageError, RegistryError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _score(arguments: list[str]) -> NoReturn:
    """Become the client's command, which needs nothing of training; it was one of these once."""
    print(f"python -m training score is now: python {SCORE}", file=sys.stderr, flush=True)
    address = ["--api"] if arguments and not arguments[0].startswith("-") else []
    os.execv(sys.executable, [sys.executable, str(SCORE), *address, *arguments])  # noqa: S606


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    from training.commands import packaging, publishing, training

    whole = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    for module in (training, packaging, publishing):  # in the order of a model's way
        module.add_commands(commands)
    return whole


if __name__ == "__main__":
    sys.exit(main())
