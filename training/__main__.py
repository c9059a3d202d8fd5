"""From photographs to a published model: python -m training COMMAND --help."""

import argparse
import logging
import os
import sys

from function_app.storage.deadline import StorageError
from function_app.vision.model_package import PackageError
from training.batch_api import ApiError
from training.commands import MODULES
from training.config import ConfigError
from training.data import DataError


def main() -> int:
    """Parse the command line and run one command."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    logging.getLogger("azure").setLevel(logging.WARNING)
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for module in MODULES:
        module.add_commands(commands)
    args = parser.parse_args()
    try:
        args.run_command(args)
    except KeyboardInterrupt:
        print("\ninterrupted")
        return 130
    except (ApiError, ConfigError, DataError, PackageError, StorageError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
