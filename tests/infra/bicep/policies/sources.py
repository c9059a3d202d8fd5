"""What can only be seen in the templates' text: descriptions, and where secrets may go."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.infra.bicep import bicep_check
from tests.infra.bicep.policies.secrets import KEYS

CHANGING = {"utcNow", "newGuid"}
"""Functions that make each deployment another one."""


def templates(folder: Path) -> Iterator[tuple[str, list[Any]]]:
    for path in sorted(folder.rglob("*.bicep")):
        yield str(path.relative_to(folder)), bicep_check.statements(path)


def parameters_say_whether_they_are_required(folder: Path) -> Iterator[str]:
    for name, statements in templates(folder):
        for param in (s for s in statements if s.k == "param"):
            words = [d.args[0].v for d in param.decorators if d.name == "description"]
            said = re.match(r"(Required|Optional|Conditional)\. \S", words[0] if words else "")
            if said is None:
                yield f"{name}: {param.name} is described as {words}"
            elif (said[1] == "Required") != (param.default is None):
                yield f"{name}: {param.name} is {said[1]}, but its default says otherwise"


def secure_values_go_only_into_secure_parameters(folder: Path) -> Iterator[str]:
    """Other parameters, and all outputs, can be read in the list of deployments."""
    for name, statements in templates(folder):
        secret = _secret_names(statements)
        for output in (s for s in statements if s.k == "output"):
            if _mentions(output.value, secret):
                yield f"{name}: output {output.name} holds a secure value"
        for module in (s for s in statements if s.k == "module"):
            path = (folder / name).parent / module.path.v
            secure = _secure(bicep_check.statements(path))
            for given, value in _parameters(module):
                if _mentions(value, secret) and given not in secure:
                    yield f"{name}: {module.path.v} takes the secure value {given} as plain text"


def secrets_are_secure_parameters(folder: Path) -> Iterator[str]:
    for name, statements in templates(folder):
        for param in (s for s in statements if s.k == "param"):
            if re.search(r"key$|secret|password|token$", param.name, re.IGNORECASE):
                plain = param.name == "token" and name != "main.bicep"
                if param.name not in _secure(statements) and not plain:
                    yield f"{name}: parameter {param.name} should be @secure()"


def nothing_depends_on_the_day_of_deployment(folder: Path) -> Iterator[str]:
    for name, statements in templates(folder):
        for node in bicep_check.nodes(statements):
            if node.k == "call" and node.name in CHANGING:
                yield f"{name}: {node.name}()"


def no_template_reads_keys(folder: Path) -> Iterator[str]:
    """Also where no parameter set comes by."""
    for path in sorted(folder.rglob("*.bicep*")):
        for found in KEYS.finditer(path.read_text()):
            yield f"{path.name}: {found[0]}"


def _secure(statements: list[Any]) -> set[str]:
    return {
        s.name
        for s in statements
        if s.k == "param" and any(d.name == "secure" for d in s.decorators)
    }


def _secret_names(statements: list[Any]) -> set[str]:
    """Secure parameters, and variables made of them."""
    secret = _secure(statements)
    for _ in statements:
        secret |= {s.name for s in statements if s.k == "var" and _mentions(s.value, secret)}
    return secret


def _mentions(tree: object, names: set[str]) -> bool:
    return any(node.k == "id" and node.name in names for node in bicep_check.nodes(tree))


def _parameters(module: Any) -> Iterator[tuple[str, Any]]:
    for node in bicep_check.nodes(module.body):
        if node.k == "obj":
            for kind, key, value in node.items:
                if kind == "prop" and key.v == "params" and value.k == "obj":
                    yield from ((k.v, v) for kind, k, v in value.items if kind == "prop")
