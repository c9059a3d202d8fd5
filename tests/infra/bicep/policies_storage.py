"""Rules for storage, network, queues, logs, alerts and names."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from function_app.http.contract import contract
from function_app.http.problems import PROBLEMS
from function_app.settings import Settings
from function_app.storage.scene_store import PHOTO_PREFIX
from infra.check import PROJECT
from tests.infra.bicep.deployment import ACCOUNT, ROLE, SITE, Deployment, at, differences
from tests.infra.bicep.parameter_sets import Parameters
from tests.infra.bicep.policies import QUEUES, TRIGGERS

DATA = Settings()
CONTAINERS = {
    "sthost/default/deployments",
    *(f"stdata/default/{name}" for name in (
        DATA.models_container, DATA.scenes_container,
        DATA.predictions_container, DATA.batches_container,
    )),
}  # fmt: skip
VNET = "Microsoft.Network/virtualNetworks"
ENDPOINT = "Microsoft.Network/privateEndpoints"
RULE = "Microsoft.Insights/scheduledQueryRules"
OPERATIONS_PAGE = (PROJECT / "docs" / "operations.md").read_text()
HOST = json.loads((PROJECT / "host.json").read_text())
DELIVERIES = HOST["extensions"]["queues"]["maxDequeueCount"]
FUNCTIONS = set(re.findall(r'"operationId": "(\w+)"', contract().decode()))
TAGLESS = re.compile(
    r"roleAssignments|budgets|diagnosticSettings|Services|managementPolicies|config$|"
    r"basicPublishing|federated|privateDnsZoneGroups|eventSubscriptions"
)
"""Types of resources that have no tags."""


def accounts_are_closed_and_recoverable(of: Deployment, given: Parameters) -> Iterator[str]:
    static = given["publicDemo"] and not given["vnetEnabled"]
    for name, account in of.of(ACCOUNT).items():
        ranges = given["deployerIpRanges"] if name == "stdata" and given["vnetEnabled"] else []
        wanted = {
            "sku.name": given["storageRedundancy"],
            "properties.allowBlobPublicAccess": False,
            "properties.allowSharedKeyAccess": False,
            "properties.allowCrossTenantReplication": False,
            "properties.defaultToOAuthAuthentication": True,
            "properties.minimumTlsVersion": "TLS1_2",
            "properties.supportsHttpsTrafficOnly": True,
            "properties.publicNetworkAccess": (
                "Disabled" if given["vnetEnabled"] and not ranges else "Enabled"
            ),
            "properties.networkAcls.defaultAction": "Deny" if given["vnetEnabled"] else "Allow",
            "properties.networkAcls.ipRules": [{"value": r, "action": "Allow"} for r in ranges],
        }
        yield from differences(name, account, wanted)
        kept = {"enabled": True, "days": given["recoveryDays"]}
        service = {
            "properties.isVersioningEnabled": True,
            "properties.deleteRetentionPolicy": kept,
            "properties.containerDeleteRetentionPolicy": kept,
            "properties.staticWebsite.enabled": static and name == "stdata",
        }
        blobs = of.of(f"{ACCOUNT}/blobServices")[f"{name}/default"]
        yield from differences(f"{name}/default", blobs, service)
        policy = of.of(f"{ACCOUNT}/managementPolicies")[f"{name}/default"]
        yield from _expiry(name, at(policy, "properties.policy.rules"), given)
    containers = of.of(f"{ACCOUNT}/blobServices/containers")
    if containers.keys() != CONTAINERS:
        yield f"containers are {sorted(containers)}"
    for name, container in containers.items():
        yield from differences(name, container, {"properties.publicAccess": "None"})


def _expiry(name: str, rules: list[dict[str, object]], given: Parameters) -> Iterator[str]:
    """Current blobs are deleted below predictions/ and nowhere else."""
    prefix = [f"{DATA.predictions_container}/"]
    for rule in rules:
        base = at(rule, "definition.actions.baseBlob.delete.daysAfterModificationGreaterThan")
        days = at(rule, "definition.actions.version.delete.daysAfterCreationGreaterThan")
        filtered = at(rule, "definition.filters.prefixMatch")
        if base is not None and (base, filtered) != (given["predictionRetentionDays"], prefix):
            yield f"{name}: blobs of {filtered} are deleted after {base} days"
        if base is None and days != given["recoveryDays"]:
            yield f"{name}: replaced versions are deleted after {days} days"
    if len(rules) != (2 if name == "stdata" else 1):
        yield f"{name} has {len(rules)} rules of lifecycle"


def network_is_closed_if_asked_for(of: Deployment, given: Parameters) -> Iterator[str]:
    subnet = at(of.of(SITE)["func"], "properties.virtualNetworkSubnetId")
    if not given["vnetEnabled"]:
        yield from (f"{name} was not asked for" for name in of.of(VNET))
        if subnet:
            yield "the API is in a network that nobody asked for"
        return
    (vnet,) = of.of(VNET).values()
    delegated = [
        f"{vnet['id']}/subnets/{each['name']}"
        for each in at(vnet, "properties.subnets")
        if "Microsoft.App/environments" in json.dumps(at(each, "properties.delegations"))
    ]
    if [subnet] != delegated:
        yield f"the API is in {subnet}; delegated are {delegated}"
    reached, named = set(), set()
    for endpoint in of.of(ENDPOINT).values():
        (connection,) = at(endpoint, "properties.privateLinkServiceConnections")
        account = of.short(at(connection, "properties.privateLinkServiceId"))
        reached.add((account, *at(connection, "properties.groupIds")))
    for name, group in of.of(f"{ENDPOINT}/privateDnsZoneGroups").items():
        (config,) = at(group, "properties.privateDnsZoneConfigs")
        (kind,) = re.findall(
            r"privatelink\.(\w+)", of.readable(at(config, "properties.privateDnsZoneId"))
        )
        named.add((name.split("-")[2].partition("/")[0], kind))
    wanted = {(account, kind) for account in ("sthost", "stdata") for kind in ("blob", "queue")}
    if reached != wanted:
        yield f"private endpoints lead to {sorted(reached)}"
    if named != wanted:
        yield f"private names exist for {sorted(named)}"


def uploads_go_to_the_queue_if_asked_for(of: Deployment, given: Parameters) -> Iterator[str]:
    queues = {name.rpartition("/")[2] for name in of.of(f"{ACCOUNT}/queueServices/queues")}
    if queues != set(QUEUES):
        yield f"queues are {sorted(queues)}, functions listen to {sorted(QUEUES)}"
    topic = "Microsoft.EventGrid/systemTopics"
    found = of.of(topic) | of.of(f"{topic}/eventSubscriptions")
    if set(found) != ({"evgt", "evgt/photos-to-queue"} if given["predictOnUpload"] else set()):
        yield f"events: {sorted(found)}"
    if not found:
        return
    account = of.of(ACCOUNT)["stdata"]["id"]
    source = {"identity.type": "SystemAssigned", "properties.source": account}
    yield from differences("topic", found["evgt"], source)
    delivery = "properties.deliveryWithResourceIdentity"
    photos = f"/blobServices/default/containers/{DATA.scenes_container}/blobs/{PHOTO_PREFIX}"
    wanted = {
        "properties.destination": None,
        f"{delivery}.destination.endpointType": "StorageQueue",
        f"{delivery}.destination.properties": {"resourceId": account, "queueName": QUEUES[2]},
        "properties.filter.includedEventTypes": ["Microsoft.Storage.BlobCreated"],
        "properties.filter.subjectBeginsWith": photos,
    }
    yield from differences("subscription", found["evgt/photos-to-queue"], wanted)


def people_are_warned(of: Deployment, given: Parameters) -> Iterator[str]:
    (group,) = of.of("Microsoft.Insights/actionGroups").values()
    told = [each["emailAddress"] for each in at(group, "properties.emailReceivers")]
    if told != given["alertEmails"] or len(at(group, "properties.groupShortName")) > 12:
        yield f"told are {told}"
    if set(of.of(RULE)) != set(re.findall(r"^### ([\w-]+)$", OPERATIONS_PAGE, re.MULTILINE)):
        yield f"docs/operations.md explains others than {sorted(of.of(RULE))}"
    for name, rule in of.of(RULE).items():
        urgent = at(rule, "properties.severity") < 2
        kind = "Microsoft.OperationalInsights/workspaces" if name == "logs-stopped" else ""
        (scope,) = of.of(kind or "Microsoft.Insights/components").values()
        wanted = {
            "properties.enabled": True,
            "properties.skipQueryValidation": True,
            "properties.scopes": [scope["id"]],
            "properties.evaluationFrequency": "PT5M" if urgent else "PT15M",
            "properties.actions.actionGroups": [group["id"]],
        }
        yield from differences(name, rule, wanted)
        yield from _query(name, at(rule, "properties.criteria.allOf")[0]["query"])
    budgets = of.of("Microsoft.Consumption/budgets")
    starts = [at(each, "properties.timePeriod.startDate") for each in budgets.values()]
    if starts != ([given["budgetStartDate"]] if given["budgetStartDate"] else []):
        yield f"budgets start on {starts}"


def _query(name: str, query: str) -> Iterator[str]:
    """What it looks for is what the service writes."""
    problems = re.findall(r"line\.problem\) (?:==|in) (.*?) \|", query)
    slugs = {slug for found in problems for slug in re.findall(r'"([\w-]+)"', found)}
    names = set(re.findall(r'\bname == "(\w+)"', query)) - FUNCTIONS
    names |= {n for n in re.findall(r'function\) == "(\w+)"', query) if f"def {n}(" not in TRIGGERS}
    for unknown in (slugs - PROBLEMS.keys()) | names:
        yield f"{name} looks for {unknown}, which the service never writes"
    for times in re.findall(r"line\.deliveries\) >= (\d+)", query):
        if int(times) != DELIVERIES:
            yield f"{name} waits for {times} deliveries; the last is the {DELIVERIES}th"


def who_did_what_is_logged(of: Deployment, given: Parameters) -> Iterator[str]:
    sent = {
        name.partition(":")[0]: [each["category"] for each in at(setting, "properties.logs")]
        for name, setting in of.of("Microsoft.Insights/diagnosticSettings").items()
    }
    wanted = {"stdata/default": ["StorageWrite", "StorageDelete"]}
    if given["explorer"]:
        wanted["app"] = ["AppServiceHTTPLogs", "AppServiceConsoleLogs"]
    if sent != wanted:
        yield f"logged are {sent}"


def names_tags_and_outputs_are_found(of: Deployment, given: Parameters) -> Iterator[str]:
    for found, times in Counter(resource["id"] for resource in of.resources).items():
        if times > 1:
            yield f"{found} is declared {times} times"
    for resource in of.resources:
        # The real length is what counts, so that the token stays.
        name = of.readable(resource["name"], tokens=True).rpartition("/")[2]
        if resource["type"] != ROLE and not re.fullmatch(r"[a-zA-Z0-9][\w.-]{2,62}", name):
            yield f"{resource['type']} cannot be called {name!r}"
        if resource["type"] == ACCOUNT and not re.fullmatch(r"[a-z0-9]{3,24}", name):
            yield f"an account cannot be called {name!r}"
        if not TAGLESS.search(resource["type"]):
            tags = {"tags.app": "future-vision-segmentation"}
            tags["tags.azd-env-name"] = given["environmentName"]
            yield from differences(of.short(resource["id"]), resource, tags)
            for tag in set(at(resource, "tags") or ()) - {
                "app",
                "azd-env-name",
                "azd-service-name",
            }:
                yield f"{of.short(resource['id'])} has a tag {tag}"
    explorer = given["explorer"]
    wanted = {
        "AZURE_RESOURCE_GROUP": f"rg-{given['environmentName']}",
        "FUNCTION_APP_NAME": "<api.name>",
        "API_BASE_URL": "<api.url>",
        "EXPLORER_APP_NAME": "<explorerApp.name>" if explorer else "",
        "EXPLORER_URL": "<explorerApp.url>" if explorer else "",
        "DATA_BLOB_URL": "https://stdata.blob.core",
    }
    outputs = {name: of.readable(value) for name, value in of.outputs.items()}
    yield from differences("outputs", outputs, wanted)
