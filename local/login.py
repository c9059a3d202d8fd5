"""Who calls a running service: options of a command line."""

import argparse
import os
from typing import NamedTuple


class Login(NamedTuple):
    """A function key and an Entra bearer token; "" where there is none."""

    key: str = ""
    token: str = ""


def add_login(command: argparse.ArgumentParser) -> None:
    """Add --key and --token."""
    command.add_argument(
        "--key", default="", help="function key (better in the environment, as API_KEY)"
    )
    command.add_argument(
        "--token", default="",
        help="bearer token of Entra (better in the environment, as API_TOKEN)",
    )  # fmt: skip


def given_login(args: argparse.Namespace) -> Login:
    """Return the login of the command line, else that of API_KEY and API_TOKEN."""
    key = args.key or os.environ.get("API_KEY", "")
    token = args.token or os.environ.get("API_TOKEN", "")
    return Login(key.strip(), token.strip())
