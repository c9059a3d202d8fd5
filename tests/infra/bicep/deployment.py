"""What a parameter set deploys, for policies to look at."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.infra.bicep import bicep_check
from tests.infra.bicep.parameter_sets import ParameterSet

Resource = Mapping[str, Any]

ACCOUNT = "Microsoft.Storage/storageAccounts"
BLOBS = f"{ACCOUNT}/blobServices"
CONTAINER = f"{BLOBS}/containers"
QUEUE_SERVICE = f"{ACCOUNT}/queueServices"
QUEUE = f"{QUEUE_SERVICE}/queues"
LIFECYCLE = f"{ACCOUNT}/managementPolicies"
PLAN = "Microsoft.Web/serverfarms"
SITE = "Microsoft.Web/sites"
CONFIG = f"{SITE}/config"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
COMPONENT = "Microsoft.Insights/components"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"
VNET = "Microsoft.Network/virtualNetworks"
BUDGET = "Microsoft.Consumption/budgets"
TOPIC = "Microsoft.EventGrid/systemTopics"
SUBSCRIPTION = f"{TOPIC}/eventSubscriptions"


@dataclass(frozen=True)
class Deployment:
    """Resources and outputs of one parameter set, and what they are to be."""

    wanted: ParameterSet
    evaluated: dict[str, Any]

    @property
    def resources(self) -> list[Resource]:
        listed: list[Resource] = self.evaluated["resources"]
        return listed

    @property
    def outputs(self) -> dict[str, Any]:
        named: dict[str, Any] = self.evaluated["outputs"]
        return named

    def of(self, kind: str, start: str = "") -> list[Resource]:
        """Resources of a type whose names start so."""
        return [r for r in self.resources if r["type"] == kind and r["name"].startswith(start)]

    def one(self, kind: str, start: str = "") -> Resource:
        """The only one of them; an empty one where there is none, which fits no policy."""
        found = self.of(kind, start)
        return found[0] if len(found) == 1 else {"type": kind, "name": f"({len(found)} {start}*)"}

    def settings(self, start: str) -> dict[str, str]:
        """Settings of the app whose name starts so."""
        found = [r for r in self.of(CONFIG, start) if r["name"].endswith("/appsettings")]
        return dict(found[0]["properties"]) if len(found) == 1 else {}

    def sign_in(self, start: str) -> Resource:
        """How the platform asks callers of an app who they are."""
        found = [r for r in self.of(CONFIG, start) if r["name"].endswith("/authsettingsV2")]
        return found[0] if found else {"name": f"({start}* without authsettingsV2)"}

    @property
    def token(self) -> str:
        """What all names end in."""
        name: str = self.one(ACCOUNT, "stdata")["name"]
        return name.removeprefix("stdata")

    def short(self, resource_id: str) -> str:
        """The names in a resource's id, without the token: stdata/default/models.

        Queues have stdata/queues/batches, as there is a container of that name.
        """
        _, _, path = resource_id.rpartition("/providers/")
        names = path.replace("/queueServices/default", "/queueServices/queues").split("/")[2::2]
        return "/".join(re.sub(f"-?{self.token}$", "", name) for name in names)


def deployment(wanted: ParameterSet, folder: Path = bicep_check.TEMPLATES) -> Deployment:
    """Evaluate the templates of a folder."""
    file = folder / wanted.file
    evaluated = bicep_check.snapshot(file, wanted.variables(), wanted.parameters)
    return Deployment(wanted, evaluated)


def at(resource: Resource, path: str) -> Any:
    """The value at a path such as properties.sku.name; None if there is none."""
    value: Any = resource
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def differences(resource: Resource, wanted: Mapping[str, object]) -> Iterator[str]:
    """Where a resource differs from wanted values, given by path."""
    for path, value in wanted.items():
        if at(resource, path) != value:
            yield f"{resource['name']}: {path} is {at(resource, path)!r}, not {value!r}"
