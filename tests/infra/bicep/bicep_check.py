"""The offline Bicep checker and evaluator, run inside this process: 20 ms a snapshot, not 300."""

import contextlib
import importlib
import io
import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest import mock

from tests.conftest import PROJECT
from tests.infra.bicep.more_types import with_more_types

FOLDER = PROJECT.parent / "shared" / "tools" / "bicep-check"
TEMPLATES = PROJECT / "infra" / "bicep"


@cache
def _module(name: str) -> ModuleType:
    # The folder is shared and not ours to write into.
    patched = mock.patch.multiple(sys, path=[str(FOLDER), *sys.path], dont_write_bytecode=True)
    with patched:
        return importlib.import_module(name)


@cache
def _types() -> "TemporaryDirectory[str]":
    """A folder with the checker's types and ours, for as long as the process lives."""
    folder = TemporaryDirectory()
    types = with_more_types(json.loads((FOLDER / "types.json").read_text()))
    (Path(folder.name) / "types.json").write_text(json.dumps(types))
    return folder


def check(*files: Path) -> str:
    """What bicep-check says of parameter files or templates, with strict enums.

    Its last line counts: "12 files, 0 errors, 0 warnings".
    """
    said = io.StringIO()
    types = str(Path(_types().name) / "types.json")
    with contextlib.redirect_stdout(said):
        _module("bcheck").main(["--types", types, "--strict-enum", *map(str, files)])
    return said.getvalue()


def is_clean(said: str) -> bool:
    return said.rstrip().endswith("files, 0 errors, 0 warnings")


def snapshot(
    file: Path, environment: Mapping[str, str], parameters: Mapping[str, object]
) -> dict[str, Any]:
    """The resources and outputs of a parameter file; values known only in Azure stay `<text>`.

    Args:
        file: the parameter file.
        environment: all the environment variables there are.
        parameters: parameters that are given beside the file.
    """
    with mock.patch.dict(os.environ, environment, clear=True):
        evaluated: dict[str, Any] = _module("beval").snapshot(str(file), dict(parameters))
    return evaluated


def arm(evaluated: dict[str, Any]) -> dict[str, Any]:
    """The same as an ARM template without parameters or expressions."""
    template: dict[str, Any] = _module("beval").to_arm(evaluated)
    return template


def statements(template: Path) -> list[Any]:
    """The syntax tree of a template: nodes with `k` (kind), `name`, `decorators` ..."""
    parsed: list[Any] = _module("bparse").parse_file(str(template))
    return parsed


def nodes(tree: object) -> list[Any]:
    """A node and all below it."""
    return list(_module("bcheck").walk(tree))
