"""Commands that bring a package to where services find it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from function_app.storage import storage_errors
from training.commands.parsing import add_command
from training.config import ConfigError

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


def publish(args: argparse.Namespace) -> None:
    """Upload a package, and activate it unless told otherwise."""
    from training.publish import activate
    from training.publish import publish as publish_package

    with storage_errors():
        models = _models_container(args)
        ref = publish_package(args.package, models)
        print(f"published {ref}")
        if not args.keep_active:
            activate(ref, models)
            print(f"active is {ref}; running services follow within a minute")


def _models_container(args: argparse.Namespace) -> "ContainerClient":
    from azure.storage.blob import BlobServiceClient

    if args.connection_string:
        account = BlobServiceClient.from_connection_string(args.connection_string)
    elif args.account_url:
        from azure.identity import DefaultAzureCredential

        account = BlobServiceClient(args.account_url, credential=DefaultAzureCredential())
    else:
        raise ConfigError("say where to: --account-url, or --connection-string for Azurite")
    return account.get_container_client(args.container)


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    command = add_command(
        commands, "publish", publish,
        "python -m training publish models/lite0-fpn/0.1.0 --account-url https://NAME.blob...",
    )  # fmt: skip
    command.add_argument("package", type=Path, help="folder with model.onnx and manifest.json")
    command.add_argument("--account-url", help="storage account, reached with your Entra login")
    command.add_argument("--connection-string", help="storage account, reached with a key")
    command.add_argument("--container", default="models")
    command.add_argument("--keep-active", action="store_true", help="publish without activating")
