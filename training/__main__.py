"""From photographs to a published model: python -m training COMMAND --help."""

import argparse
import logging
import sys

from function_app.vision.model_package import PackageError
from training.commands import packaging, publishing, training
from training.errors import ConfigError, DataError
from training.registry import RegistryError


def main() -> int:
    """Parse the command line and run one command."""
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
    whole = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    for module in (training, packaging, publishing):  # in the order of a model's way
        module.add_commands(commands)
    return whole


if __name__ == "__main__":
    sys.exit(main())
