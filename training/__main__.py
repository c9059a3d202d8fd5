"""From photographs to a published model: python -m training COMMAND --help."""

import argparse
import logging
import os
import sys

MOVED = {"score": "python frontend/score_batch.py", "synthesize": "python -m synthetic"}
"""What were commands of training, and need nothing of it."""


def main() -> int:
    """Parse the command line and run one command."""
    if moved := MOVED.get(" ".join(sys.argv[1:2])):
        sys.exit(f"error: {sys.argv[1]} is another program: {moved} --help")

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
