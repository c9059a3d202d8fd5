"""Who asks a running service: options of a command line, headers, and where they never go."""

import argparse
import os
import urllib.request
from typing import NamedTuple


class Login(NamedTuple):
    """A function key and a bearer token of Entra; "" where none is asked for."""

    key: str = ""
    token: str = ""

    def headers(self) -> dict[str, str]:
        """Return what a request to the service carries."""
        found = {"x-functions-key": self.key} if self.key else {}
        return found | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirection as the answer it is: a key must not follow it to another host."""

    def redirect_request(self, *_: object) -> None:
        """Make no further request."""


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
