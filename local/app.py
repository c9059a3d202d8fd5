"""The function app of a project folder: its settings, and its functions."""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import azure.functions as func

from local.bindings import HostError


def load_settings(project: Path) -> frozenset[str]:
    """Put the Values of local.settings.json into the environment, where not set already.

    Returns:
        The origins whose scripts may call: "*" for all.
    """
    path = project / "local.settings.json"
    if not path.exists():
        path = project / "local.settings.example.json"
    settings = json.loads(path.read_text())
    for name, value in settings["Values"].items():
        os.environ.setdefault(name, value)
    origins = settings.get("Host", {}).get("CORS", "").split(",")
    return frozenset(origin.strip() for origin in origins) - {""}


def load_functions(project: Path) -> list[Any]:
    """Import the app and list its functions.

    Raises:
        HostError: the entry file holds no single function app.
    """
    entry = Path(os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")).stem
    if str(project) not in sys.path:
        sys.path.insert(0, str(project))
    module = importlib.import_module(entry)
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionApp)]
    if len(apps) != 1:
        raise HostError(f"{entry}.py holds {len(apps)} function apps; exactly one is needed")
    functions: list[Any] = apps[0].get_functions()
    return functions


def extension_settings(project: Path, extension: str) -> dict[str, Any]:
    """Return what host.json says of an extension."""
    settings: dict[str, Any] = json.loads((project / "host.json").read_text())
    found: dict[str, Any] = settings.get("extensions", {}).get(extension, {})
    return found
