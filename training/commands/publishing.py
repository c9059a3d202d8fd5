"""Commands of the model registry: what is published, and which package serves."""

import argparse
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from function_app.vision.model_package import ModelRef, PackageError
from training import registry as registries
from training.commands import add_command, align
from training.errors import ConfigError
from training.registry import BlobRegistry, FolderRegistry, Listed, Move, Pointer, Registry

CONNECTION_VARIABLE = "AZURE_STORAGE_CONNECTION_STRING"
"""What the Azure CLI calls it too."""

BLOCK = 4 << 20
"""Bytes sent at once, so that a slow line shows progress and repeats little."""


def publish(args: argparse.Namespace) -> None:
    """Add a package to a registry, and activate it unless told otherwise."""
    registry = _registry(args)
    published = registries.publish(args.package, registry, _show_progress)
    if published.new:
        print(f"published {published.ref} in {registry}")
    else:
        print(f"{published.ref} is in {registry} already, with the same bytes: nothing to publish")
    if not args.keep_active:
        _say(registries.activate(published.ref, registry), registry)


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done / 1e6:.1f} of {total / 1e6:.1f} MB", end="\r", file=sys.stderr, flush=True)


def activate(args: argparse.Namespace) -> None:
    """Make a published package the active one, after verifying and loading it."""
    registry = _registry(args)
    _say(registries.activate(ModelRef.parse(args.model), registry), registry)


def rollback(args: argparse.Namespace) -> None:
    """Undo the last activation; once more undoes the one before it."""
    registry = _registry(args)
    _say(registries.rollback(registry), registry)


def list_(args: argparse.Namespace) -> None:
    """List the packages of a registry with state, size and official category IoU."""
    registry = _registry(args)
    packages = registries.list_packages(registry, verify=args.verify)
    pointer, problem = None, None
    try:
        pointer = registries.read_pointer(registry)
    except PackageError as error:
        problem = str(error)
    document = {
        "registry": str(registry),
        "active": str(pointer.ref) if pointer else None,
        "problem": problem,
        "history": [entry.to_dict() for entry in pointer.history] if pointer else [],
        "packages": [_row(package, pointer) for package in packages],
    }
    print(json.dumps(document, indent=1) if args.json else _lines(document))


def _say(move: Move, registry: Registry) -> None:
    if move.before == move.after:
        print(f"{move.after} is active in {registry} already: nothing to activate")
    else:
        print(
            f"active in {registry} is {move.after}, before {move.before or 'none'}; "
            "running services that read it follow within a minute"
        )


def _row(package: Listed, pointer: Pointer | None) -> dict[str, Any]:
    manifest = package.manifest
    return {
        "name": package.ref.name,
        "version": package.ref.version,
        "active": pointer is not None and pointer.ref == package.ref,
        "state": package.state,
        "problem": package.problem,
        "bytes": package.size,
        "input": f"{manifest.width}x{manifest.height}" if manifest else None,
        "official_iou": package.official_iou(),
        "created": manifest.created if manifest else None,
    }


def _lines(document: dict[str, Any]) -> str:
    """Return the table and, below it, what is wrong."""
    rows = document["packages"]
    lines = [f"{document['registry']} holds no package"]
    if rows:
        head = ("package", "state", "MB", "input", "created", "official category IoU")
        lines = [align([head, *map(_cells, rows)])]
    lines += [f"{row['name']}:{row['version']}: {row['problem']}" for row in rows if row["problem"]]
    if document["problem"]:
        lines.append(document["problem"])
    elif document["active"] is None:
        lines.append("no package is active")
    elif not any(row["active"] for row in rows):
        lines.append(f"active.json points to {document['active']}, which is not published")
    return "\n".join(lines)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    state = row["state"]
    if row["active"]:
        state = "active" if state == "published" else f"active, {state}"
    return (
        f"{row['name']}:{row['version']}",
        state,
        "" if row["bytes"] is None else f"{row['bytes'] / 1e6:.1f}",
        row["input"] or "",
        (row["created"] or "")[:10],
        ", ".join(f"{data} {iou:.3f}" for data, iou in row["official_iou"].items()),
    )


def _registry(args: argparse.Namespace) -> Registry:
    if args.folder:
        return FolderRegistry(args.folder)
    from azure.storage.blob import BlobServiceClient

    options: dict[str, Any] = {
        "max_single_put_size": BLOCK,
        "max_block_size": BLOCK,
        # The SDK's own would wait for minutes.
        "connection_timeout": 10,
        "read_timeout": 10,
        "retry_total": 2,
        "initial_backoff": 2,
        "increment_base": 2,
    }
    if args.account_url:
        if not args.account_url.startswith("https://"):
            raise ConfigError(f"--account-url {args.account_url}: expected https://...")
        from azure.identity import DefaultAzureCredential

        # It warns over twenty lines of every kind of login it tried; ours is one line.
        logging.getLogger("azure.identity").setLevel(logging.ERROR)
        account = BlobServiceClient(
            args.account_url, credential=DefaultAzureCredential(), **options
        )
        return BlobRegistry(account.get_container_client(args.container))
    connection = args.connection_string or os.environ.get(CONNECTION_VARIABLE)
    if not connection:
        raise ConfigError(
            "say which registry: --account-url URL (your Entra login), --folder DIR, or "
            f"--connection-string S (better in the environment as {CONNECTION_VARIABLE}, which "
            "keeps the key out of your shell's history)"
        )
    try:
        account = BlobServiceClient.from_connection_string(connection, **options)
        return BlobRegistry(account.get_container_client(args.container))
    except ValueError as error:
        raise ConfigError(f"the connection string cannot be used: {error}") from error


def _add_registry(command: argparse.ArgumentParser) -> None:
    """Add the options that say which registry."""
    kinds = command.add_mutually_exclusive_group()
    kinds.add_argument(
        "--account-url", metavar="URL", help="storage account, reached with your Entra login"
    )
    kinds.add_argument(
        "--connection-string",
        metavar="S",
        help="storage account, reached with a key (Azurite); without any of these options it is "
        f"read from the environment variable {CONNECTION_VARIABLE}",
    )
    kinds.add_argument(
        "--folder", metavar="DIR", type=Path, help="a folder of packages, like models/"
    )
    command.add_argument(
        "--container", default="models", help="of the storage account (default models)"
    )


def add_commands(commands: Any) -> None:
    """Add this module's subcommands."""
    account = "--account-url https://NAME.blob.core.windows.net"
    command = add_command(commands, "publish", publish, f"models/lite0-fpn/1.0.0 {account}")
    command.add_argument("package", type=Path, help="folder with model.onnx and manifest.json")
    command.add_argument("--keep-active", action="store_true", help="publish without activating")
    _add_registry(command)

    command = add_command(commands, "activate", activate, "lite0-fpn:1.0.0 --folder models")
    command.add_argument("model", metavar="NAME:VERSION", help="a published package")
    _add_registry(command)

    command = add_command(commands, "rollback", rollback, account)
    _add_registry(command)

    command = add_command(commands, "list", list_, "--folder models")
    command.add_argument("--json", action="store_true", help="print JSON, history included")
    command.add_argument(
        "--verify", action="store_true", help="read every model and compare its sha256"
    )
    _add_registry(command)
