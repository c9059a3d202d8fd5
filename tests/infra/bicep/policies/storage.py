"""Blobs: closed, recoverable, and deleted only where that was promised; the network before them."""

from collections.abc import Iterator

from function_app.settings import Settings
from tests.infra.bicep.deployment import (
    ACCOUNT,
    BLOBS,
    CONTAINER,
    LIFECYCLE,
    SITE,
    VNET,
    Deployment,
    Resource,
    at,
    differences,
)

PREDICTIONS = Settings().predictions_container
CONTAINERS = {
    "sthost": {"deployments"},
    "stdata": {
        Settings().models_container,
        Settings().scenes_container,
        PREDICTIONS,
        Settings().batches_container,
    },
}
ENDPOINT = "Microsoft.Network/privateEndpoints"


def accounts_are_closed_to_the_public(of: Deployment) -> Iterator[str]:
    for account in of.of(ACCOUNT):
        wanted = {
            "properties.allowBlobPublicAccess": False,
            "properties.allowCrossTenantReplication": False,
            "properties.minimumTlsVersion": "TLS1_2",
            "properties.supportsHttpsTrafficOnly": True,
        }
        yield from differences(account, wanted)
    for container in of.of(CONTAINER):
        yield from differences(container, {"properties.publicAccess": "None"})


def containers_are_those_that_the_service_reads(of: Deployment) -> Iterator[str]:
    for account, wanted in CONTAINERS.items():
        names = {container["name"].rpartition("/")[2] for container in of.of(CONTAINER, account)}
        if names != wanted:
            yield f"{account} has {sorted(names)}, not {sorted(wanted)}"


def what_is_deleted_or_replaced_can_be_brought_back(of: Deployment) -> Iterator[str]:
    if len(of.of(BLOBS)) != len(CONTAINERS):
        yield f"blob services: {[service['name'] for service in of.of(BLOBS)]}"
    for service in of.of(BLOBS):
        kept = {"enabled": True, "days": of.wanted.recovery_days}
        wanted = {
            "properties.isVersioningEnabled": True,
            "properties.deleteRetentionPolicy": kept,
            "properties.containerDeleteRetentionPolicy": kept,
        }
        yield from differences(service, wanted)


def only_predictions_grow_old(of: Deployment) -> Iterator[str]:
    """Current versions are deleted below predictions/ and nowhere else."""
    deleted = {}
    for rule in _rules(of):
        filters = at(rule, "definition.filters")
        if at(rule, "definition.actions.baseBlob") is not None:
            for prefix in filters.get("prefixMatch", ["everything"]):
                deleted[prefix] = at(rule, "definition.actions.baseBlob")
    old = {"delete": {"daysAfterModificationGreaterThan": of.wanted.prediction_days}}
    if deleted != {f"{PREDICTIONS}/": old}:
        yield f"deleted with time: {deleted}"


def replaced_versions_are_kept_for_the_promised_days(of: Deployment) -> Iterator[str]:
    accounts = [policy for policy in of.of(LIFECYCLE) if _keeps_versions(of, policy)]
    if len(accounts) != len(CONTAINERS):
        yield f"only {[policy['name'] for policy in accounts]} delete replaced versions"
    for rule in _rules(of):
        prefixes = at(rule, "definition.filters.prefixMatch")
        days = at(rule, "definition.actions.version.delete.daysAfterCreationGreaterThan")
        if days is not None and days < of.wanted.recovery_days and prefixes != [f"{PREDICTIONS}/"]:
            yield f"{rule['name']} deletes versions after {days} days"


def _rules(of: Deployment) -> list[dict[str, object]]:
    policies = of.of(LIFECYCLE)
    return [rule for policy in policies for rule in at(policy, "properties.policy.rules") or []]


def _keeps_versions(of: Deployment, policy: Resource) -> bool:
    days = "definition.actions.version.delete.daysAfterCreationGreaterThan"
    rules = at(policy, "properties.policy.rules") or []
    return any(at(rule, days) == of.wanted.recovery_days for rule in rules)


def the_static_site_is_on_if_asked_for(of: Deployment) -> Iterator[str]:
    for start, site in (("stdata", of.wanted.static_site), ("sthost", False)):
        service = of.one(BLOBS, start)
        yield from differences(service, {"properties.staticWebsite.enabled": site})


def accounts_can_be_reached_from_where_they_should(of: Deployment) -> Iterator[str]:
    """Without a network from anywhere, with an identity: Flex has no fixed addresses."""
    ranges = {"sthost": (), "stdata": of.wanted.ip_ranges if of.wanted.private else ()}
    for start, allowed in ranges.items():
        reachable = not of.wanted.private or bool(allowed)
        wanted = {
            "properties.publicNetworkAccess": "Enabled" if reachable else "Disabled",
            "properties.networkAcls.defaultAction": "Deny" if of.wanted.private else "Allow",
            "properties.networkAcls.ipRules": [{"value": r, "action": "Allow"} for r in allowed],
        }
        yield from differences(of.one(ACCOUNT, start), wanted)


def the_api_is_in_a_subnet_delegated_to_it(of: Deployment) -> Iterator[str]:
    path = "properties.virtualNetworkSubnetId"
    if not of.wanted.private:
        yield from differences(of.one(SITE, "func-"), {path: None})
        yield from (f"{vnet['name']} was not asked for" for vnet in of.of(VNET))
        return
    network = of.one(VNET)
    delegated = {
        f"{network.get('id')}/subnets/{subnet['name']}"
        for subnet in at(network, "properties.subnets") or []
        for delegation in at(subnet, "properties.delegations") or []
        if at(delegation, "properties.serviceName") == "Microsoft.App/environments"
    }
    subnet = at(of.one(SITE, "func-"), path)
    if subnet not in delegated:
        yield f"the API is in {subnet}; delegated to Flex Consumption are {sorted(delegated)}"


def both_accounts_have_private_endpoints_and_names_for_them(of: Deployment) -> Iterator[str]:
    yield from _private(of, "blob", of.of(ACCOUNT))
    yield from _private(of, "queue", of.of(ACCOUNT, "stdata"))


def _private(of: Deployment, kind: str, accounts: list[Resource]) -> Iterator[str]:
    start = f"privatelink.{kind}."
    zones = [zone["id"] for zone in of.of("Microsoft.Network/privateDnsZones", start)]
    links = of.of("Microsoft.Network/privateDnsZones/virtualNetworkLinks", start)
    linked = [at(link, "properties.virtualNetwork.id") for link in links]
    wanted_links = [vnet["id"] for vnet in of.of(VNET)] if of.wanted.private else []
    if linked != wanted_links or len(zones) != len(wanted_links):
        yield f"the private zones {zones} are linked to {linked}, not {wanted_links}"
    reached = sorted(
        str(at(connection, "properties.privateLinkServiceId"))
        for endpoint in of.of(ENDPOINT)
        for connection in at(endpoint, "properties.privateLinkServiceConnections") or []
        if at(connection, "properties.groupIds") == [kind]
    )
    wanted = sorted(account["id"] for account in accounts) if of.wanted.private else []
    if reached != wanted:
        yield f"private endpoints for {kind}s lead to {reached}, not {wanted}"
    named = [
        at(config, "properties.privateDnsZoneId")
        for group in of.of(f"{ENDPOINT}/privateDnsZoneGroups", f"pe-{kind}-")
        for config in at(group, "properties.privateDnsZoneConfigs") or []
    ]
    if named != zones * len(wanted):
        yield f"endpoints for {kind}s have names in {named}"
