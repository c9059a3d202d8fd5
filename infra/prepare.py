"""The variables of an environment: made where missing, kept in a file for later updates."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from infra.azure_cli import AzureCli
from infra.content import data_account, has_own_scenes
from infra.errors import ReleaseError
from infra.patience import with_rights
from infra.registrations import AZURE_CLI, register_api, register_explorer

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


def prepare(environment: str, location: str, folder: Path, cli: AzureCli) -> Path:
    """Complete folder/ENVIRONMENT.env, which `. FILE` and `azd env set --file` read.

    What the process's environment has goes before what the file has; the rest is made: a key for
    the explorer, app registrations, who is warned, when the budget begins.

    Args:
        environment: its name.
        location: Azure region; "" where azd has not asked for it yet.
        folder: where the file is kept.
        cli: logged in at the tenant of the registrations.

    Raises:
        ReleaseError: a value cannot be made or is none that a shell reads back, the process's
            environment is that of another deployment, or a public demo would show scenes that
            are not the drawn ones.
    """
    other = os.environ.get("AZURE_ENV_NAME", environment)
    if other != environment:
        raise ReleaseError(f"this shell has the variables of {other}: open another one")
    path = folder / f"{environment}.env"
    lines = path.read_text().splitlines() if path.exists() else []
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    values |= {name: os.environ[name] for name in VARIABLES if name in os.environ}
    values |= {"AZURE_ENV_NAME": environment} | ({"AZURE_LOCATION": location} if location else {})
    if _is_public(values):
        _refuse_own_scenes(cli, environment)
    for name, (is_needed, make) in MAKERS.items():
        if not values.get(name) and is_needed(values):
            values[name] = make(cli, environment)
            print(f"{name}: made")
    for name, value in values.items():
        if not re.fullmatch(r"[\w.,:/@+#-]*", value):
            raise ReleaseError(f"{name}={value!r} has characters that a shell reads otherwise")
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)  # it holds the explorer's key
    part.write_text("".join(f"{name}={value}\n" for name, value in values.items() if value))
    part.replace(path)
    return path


def _address(cli: AzureCli, _: str) -> str:
    user = cli.run("account", "show", "--query", "user") or {}
    name = str(user.get("name", ""))
    if user.get("type") != "user" or "@" not in name:
        raise ReleaseError("nobody is named who is warned: ALERT_EMAILS=you@example.org")
    return name


def _is_public(values: Mapping[str, str]) -> bool:
    return values.get("PUBLIC_DEMO", "").lower() == "true"


def _refuse_own_scenes(cli: AzureCli, environment: str) -> None:
    """Raise ReleaseError if the environment is there and stores others than drawn scenes."""
    listed = cli.run("storage", "account", "list", "--query", ACCOUNTS) or []
    group = f"rg-{environment}"
    for url in (each["blob"] for each in listed if each["group"].lower() == group.lower()):
        with data_account(url, cli.subscription) as account:
            scenes = account.get_container_client("scenes")
            if with_rights(partial(_shows_own, scenes)):
                raise ReleaseError(
                    f"PUBLIC_DEMO=true would show everybody the scenes of {url}, which has others "
                    "than the drawn ones: leave it off, or delete them"
                )


def _shows_own(scenes: "ContainerClient") -> bool:
    return scenes.exists() and has_own_scenes(scenes)


def _wants_tokens(values: Mapping[str, str]) -> bool:
    return values.get("API_CALLERS") == "entra" and not _is_public(values)


ACCOUNTS = "[?starts_with(name, 'stdata')].{group: resourceGroup, blob: primaryEndpoints.blob}"
"""The data accounts of all environments of a subscription."""

Maker = Callable[[AzureCli, str], str]
MAKERS: dict[str, tuple[Callable[[Mapping[str, str]], bool], Maker]] = {
    "ALERT_EMAILS": (lambda _: True, _address),
    "BUDGET_START_DATE": (lambda _: True, lambda *_: f"{datetime.now(UTC):%Y-%m}-01"),
    "EXPLORER_API_KEY": (
        lambda values: not _is_public(values) and not _wants_tokens(values),
        lambda *_: secrets.token_hex(32),
    ),
    "EXPLORER_AUTH_CLIENT_ID": (
        lambda values: not _is_public(values),
        lambda cli, environment: register_explorer(cli, f"{environment}-explorer"),
    ),
    "API_AUTH_CLIENT_ID": (
        _wants_tokens,
        lambda cli, environment: register_api(cli, f"{environment}-api"),
    ),
    "API_CALLER_CLIENT_IDS": (_wants_tokens, lambda *_: AZURE_CLI),
}
"""When a variable is needed, and how it is made."""

VARIABLES = (
    "PUBLIC_DEMO", "API_CALLERS", "PREDICT_ON_UPLOAD", "PUBLISHER_REPOSITORY", *MAKERS,
)  # fmt: skip
"""What main.bicepparam reads besides name and location."""
