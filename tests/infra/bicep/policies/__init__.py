"""Rules for what is deployed: each yields what breaks it, in words."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.infra.bicep.deployment import Deployment
from tests.infra.bicep.policies import (
    function_app,
    operations,
    queues,
    roles,
    secrets,
    sites,
    sources,
    storage,
)

Policy = Callable[[Deployment], Iterator[str]]
SourcePolicy = Callable[[Path], Iterator[str]]


def _rules(first: str, *modules: ModuleType) -> dict[str, Callable[[Any], Iterator[str]]]:
    """Public functions of the modules with one parameter of that name."""
    return {
        name: function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and list(inspect.signature(function).parameters) == [first]
        and inspect.signature(function).return_annotation == Iterator[str]
    }


POLICIES: dict[str, Policy] = _rules(
    "of", secrets, roles, function_app, sites, storage, queues, operations
)
SOURCE_POLICIES: dict[str, SourcePolicy] = _rules("folder", sources)
