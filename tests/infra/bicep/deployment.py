"""What a parameter file would deploy, for policies to look at."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Resource = Mapping[str, Any]

ACCOUNT = "Microsoft.Storage/storageAccounts"
SITE = "Microsoft.Web/sites"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
ROLE = "Microsoft.Authorization/roleAssignments"

OUTPUT = re.compile(
    r"reference\(resourceId\(.*?format\('(\w+)-\{0\}'.*?\)\)\), '[\d-]+'\)\.outputs\.(\w+)\.value"
)
"""Of another module."""
ARGUMENT = r"'[^']*'|<[^>]+>[\w.]*"
FORMAT = re.compile(rf"format\('([^']*)'((?:, (?:{ARGUMENT}))+)\)")


@dataclass(frozen=True)
class Deployment:
    """A snapshot of `bicep snapshot`."""

    snapshot: dict[str, Any]

    @property
    def resources(self) -> list[Resource]:
        listed: list[Resource] = self.snapshot["predictedResources"]
        return listed

    @property
    def outputs(self) -> dict[str, Any]:
        named: dict[str, Any] = self.snapshot["outputs"]
        return named

    @cached_property
    def token(self) -> str:
        """What all names end in."""
        (name,) = (r["name"] for r in self.resources if r["name"].startswith("log-"))
        return str(name).removeprefix("log-")

    def of(self, kind: str, start: str = "") -> dict[str, Resource]:
        """Resources of a type whose short names start so, by short name."""
        found = ((self.short(r["id"]), r) for r in self.resources if r["type"] == kind)
        return {name: r for name, r in found if name.startswith(start)}

    def settings(self, app: str) -> dict[str, str]:
        """Settings of an app."""
        found = self.of(f"{SITE}/config").get(f"{app}/appsettings", {"properties": {}})
        return {name: self.readable(value) for name, value in found["properties"].items()}

    def short(self, resource_id: str) -> str:
        """The names in a resource's id, without the token: stdata/default/models.

        Queues have stdata/queues/batches, as there is a container of that name. Resources on
        another one have both: stdata/default:to-log-analytics.
        """
        if made := re.match(r"\[extensionResourceId\('([^']+)'", resource_id):
            return f"{self.short(made[1])}:deployer"  # its name is known to Azure only
        path = self.readable(resource_id).partition("/providers/")[2]
        path = path.replace("/queueServices/default", "/queueServices/queues")
        parts = ("/".join(each.split("/")[2::2]) for each in path.split("/providers/"))
        return ":".join(parts)

    def readable(self, value: Any, *, tokens: bool = False) -> str:
        """A text without the token, and with reference(...), format(...) in a few words."""
        text = str(value) if tokens else re.sub(f"-?{self.token}", "", str(value))
        text = OUTPUT.sub(r"<\1.\2>", text)
        text = text.replace("environment().suffixes.storage", "'core'")
        text = re.sub(r"reference\('[^']*/([^'/]+)', '[\w-]+'(?:, 'full')?\)", r"<\1>", text)
        while made := FORMAT.search(text):
            values = re.findall(ARGUMENT, made[2])
            shown = made[1].format(*(value.strip("'") for value in values))
            text = text.replace(made[0], f"'{shown}'")
        return re.sub(r"^\['?([^'()]*)'?\]$", r"\1", text)


def at(resource: Resource, path: str) -> Any:
    """The value at a path such as properties.sku.name; None if there is none."""
    value: Any = resource
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def differences(name: str, resource: Resource, wanted: Mapping[str, object]) -> Iterator[str]:
    """Where a resource differs from wanted values, given by path."""
    for path, value in wanted.items():
        if at(resource, path) != value:
            yield f"{name}: {path} is {at(resource, path)!r}, not {value!r}"
