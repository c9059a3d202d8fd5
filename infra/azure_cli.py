"""The Azure CLI: the one place that runs `az`, with the login and subscription that it has."""

import json
import os
import shutil
import subprocess
from typing import Any

from infra.errors import ReleaseError


class AzureCliError(ReleaseError):
    """A command of `az` failed; the message is its own."""


class AzureCli:
    """Runs commands of `az`.

    The subscription is that of AZURE_SUBSCRIPTION_ID, which azd sets, or the CLI's own.
    """

    def __init__(self) -> None:
        self.subscription = os.environ.get("AZURE_SUBSCRIPTION_ID", "")

    def run(self, *command: str, stdin: str = "") -> Any:
        """Run a command and return what it prints, parsed; None if that is nothing.

        Args:
            command: its words and options. Other users of the machine can read them: a secret goes
                through `stdin`, as the value `@-` (azure-cli, _expand_file_prefixed_files).
            stdin: what it reads.

        Raises:
            AzureCliError: it failed, or nobody is logged in, which it says.
            ReleaseError: `az` is not installed.
        """
        program = shutil.which("az")
        if program is None:
            raise ReleaseError("the Azure CLI (az) is missing: https://aka.ms/install-azure-cli")
        options = ["--output", "json", "--only-show-errors"]
        if self.subscription:
            options += ["--subscription", self.subscription]
        ended = subprocess.run(  # noqa: S603
            [program, *command, *options], input=stdin, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            said = ended.stderr.strip()[-2000:] or f"status {ended.returncode}"
            raise AzureCliError(f"az {' '.join(command[:3])}: {said}")
        return json.loads(ended.stdout) if ended.stdout.strip() else None

    def token(self, resource: str) -> str:
        """Return a bearer token of whoever is logged in.

        Args:
            resource: what it is for, such as api://CLIENT-ID.

        Raises:
            ReleaseError: see `run`.
        """
        query = ("--resource", resource, "--query", "accessToken")
        token: str = self.run("account", "get-access-token", *query)
        return token
