"""Who may do what: all of it in one table."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from function_app.batches import uploads
from tests.infra.bicep.deployment import IDENTITY, Deployment, Resource, at
from tests.infra.bicep.policies.queues import QUEUES

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Storage Queue Data Message Sender",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
}


class Grant(NamedTuple):
    """A role of somebody on something."""

    who: str
    kind: str
    role: str
    scope: str


def table(of: Deployment) -> list[Grant]:
    """Everything that is granted, and nothing more: the explorer may only call the API."""
    api, wanted = ("api", "ServicePrincipal"), of.wanted
    grants = [
        Grant(*api, "Storage Blob Data Owner", "sthost"),
        Grant(*api, "Storage Blob Data Reader", "stdata/default/models"),
        Grant(*api, "Storage Blob Data Reader", "stdata/default/scenes"),
        Grant(*api, "Storage Blob Data Contributor", "stdata/default/predictions"),
        Grant(*api, "Storage Blob Data Contributor", "stdata/default/batches"),
        *(Grant(*api, "Storage Queue Data Contributor", f"stdata/queues/{q}") for q in QUEUES),
        Grant(*api, "Monitoring Metrics Publisher", "appi"),
        Grant("deployer", wanted.deployer_type, "Storage Blob Data Contributor", "stdata"),
    ]
    if wanted.github:
        role = "Storage Blob Data Contributor"
        grants.append(Grant("publisher", "ServicePrincipal", role, "stdata/default/models"))
    if wanted.predict_on_upload:
        role = "Storage Queue Data Message Sender"
        grants.append(Grant("topic", "ServicePrincipal", role, f"stdata/queues/{uploads.QUEUE}"))
    return grants


def roles_are_exactly_those_of_the_table(of: Deployment) -> Iterator[str]:
    granted = Counter(_grant(of, r) for r in of.of("Microsoft.Authorization/roleAssignments"))
    wanted = Counter(table(of))
    yield from (f"granted, but not in the table: {grant}" for grant in granted - wanted)
    yield from (f"in the table, but not granted: {grant}" for grant in wanted - granted)


def _grant(of: Deployment, assignment: Resource) -> Grant:
    principal = str(at(assignment, "properties.principalId"))
    identity = re.fullmatch(r"<(\w+)\.(?:properties|identity)\.principalId>", principal)
    who = identity[1] if identity else principal
    who = "deployer" if who == of.wanted.deployer else who
    role = str(at(assignment, "properties.roleDefinitionId")).rpartition("/")[2]
    scope = of.short(assignment["scope"]) if "scope" in assignment else "the resource group"
    kind = str(at(assignment, "properties.principalType"))
    return Grant(who, kind, ROLES.get(role, role), scope)


def publishers_come_from_one_environment_of_the_repository(of: Deployment) -> Iterator[str]:
    trusted = [
        (at(credential, "properties.issuer"), at(credential, "properties.subject"))
        for credential in of.of(f"{IDENTITY}/federatedIdentityCredentials")
    ]
    issuer = "https://token.actions.githubusercontent.com"
    environment = f"environment:{of.wanted.name}-models"
    wanted = [(issuer, f"repo:{of.wanted.github}:{environment}")] if of.wanted.github else []
    if trusted != wanted:
        yield f"trusted are {trusted}, not {wanted}"
    publishers = len(of.of(IDENTITY, "id-publisher-"))
    if publishers != len(wanted):
        yield f"there are {publishers} publishers, not {len(wanted)}"
