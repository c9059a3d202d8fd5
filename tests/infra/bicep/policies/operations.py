"""Logs, alerts, budget, tags, names and outputs."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from function_app.http.contract import contract
from function_app.http.problems import PROBLEMS
from function_app.http.routes import queue_triggers
from tests.conftest import PROJECT
from tests.infra.bicep.deployment import (
    ACCOUNT,
    BLOBS,
    BUDGET,
    COMPONENT,
    CONFIG,
    CONTAINER,
    IDENTITY,
    LIFECYCLE,
    PLAN,
    QUEUE,
    QUEUE_SERVICE,
    SITE,
    SUBSCRIPTION,
    TOPIC,
    VNET,
    WORKSPACE,
    Deployment,
    at,
    differences,
)

DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings"
GROUP = "Microsoft.Insights/actionGroups"
RULE = "Microsoft.Insights/scheduledQueryRules"
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
CREDENTIAL = f"{IDENTITY}/federatedIdentityCredentials"
PUBLISHING = f"{SITE}/basicPublishingCredentialsPolicies"
ENDPOINT = "Microsoft.Network/privateEndpoints"
ZONE = "Microsoft.Network/privateDnsZones"
RESOURCE_GROUP = "Microsoft.Resources/resourceGroups"

UNTAGGABLE = {
    ASSIGNMENT, CREDENTIAL, BUDGET, DIAGNOSTICS, BLOBS, CONTAINER, LIFECYCLE, CONFIG, PUBLISHING,
    f"{ENDPOINT}/privateDnsZoneGroups", QUEUE_SERVICE, QUEUE, SUBSCRIPTION,
}  # fmt: skip

# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
NAMES = {
    RESOURCE_GROUP: r"[\w().-]{0,89}[\w()-]",
    ACCOUNT: r"[a-z0-9]{3,24}",
    BLOBS: "default",
    CONTAINER: r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*",
    LIFECYCLE: "default",
    QUEUE_SERVICE: "default",
    QUEUE: r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*",
    TOPIC: r"[A-Za-z0-9-]{3,50}",
    SUBSCRIPTION: r"[A-Za-z0-9-]{3,64}",
    PLAN: r"[A-Za-z0-9-]{1,60}",
    SITE: r"[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]",
    CONFIG: "appsettings|authsettingsV2",
    PUBLISHING: "ftp|scm",
    IDENTITY: r"[A-Za-z0-9][\w-]{2,127}",
    CREDENTIAL: r"[A-Za-z0-9][\w-]{2,119}",
    WORKSPACE: r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    COMPONENT: r"[\w().-]{0,259}[\w()-]",
    GROUP: r"[^:<>+/&%\\?|]{0,259}[^:<>+/&%\\?|. ]",
    RULE: r"[^*<>%:\\?+/#&{}]{0,259}[^*<>%:\\?+/#&{}. ]",
    DIAGNOSTICS: r"[^*<>%:\\?+/#&{}]{1,260}",
    BUDGET: r"[A-Za-z0-9_-]{1,63}",
    VNET: r"[A-Za-z0-9][\w.-]{0,62}\w",
    ENDPOINT: r"[A-Za-z0-9][\w.-]{0,62}\w",
    f"{ENDPOINT}/privateDnsZoneGroups": r"[A-Za-z0-9][\w.-]{0,78}\w",
    ZONE: r"(?=.{1,63}$)[\w-]+(\.[\w-]+)+",
    f"{ZONE}/virtualNetworkLinks": r"[A-Za-z0-9][\w.-]{0,78}\w",
    ASSIGNMENT: r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}

QUERIED = re.compile(r'line\.problem\) (?:==|in) \(?((?:"[\w-]+"(?:, )?)+)')
TASKS = re.compile(r'line\.function\) == "(\w+)"')
GIVEN_UP = re.compile(r"line\.deliveries\) >= (\d+)")
FUNCTIONS = set(re.findall(r'"operationId": "(\w+)"', contract().decode()))
ALERTS = ["busy", "gave-up", "logs-stopped", "not-ready", "server-failures", "slow-predictions"]

DELIVERIES = json.loads((PROJECT / "host.json").read_text())["extensions"]["queues"][
    "maxDequeueCount"
]


def names_fit(of: Deployment) -> Iterator[str]:
    for resource in of.resources:
        name = resource["name"].rpartition("/")[2]
        if not re.fullmatch(NAMES.get(resource["type"], "(?!)"), name, re.ASCII):
            yield f"{resource['type']} cannot be called {name!r}, or nobody said what it can"
    for group in of.of(GROUP):
        short = str(at(group, "properties.groupShortName"))
        if not 1 <= len(short) <= 12:
            yield f"the action group's short name {short!r} is too long"


def nothing_is_declared_twice(of: Deployment) -> Iterator[str]:
    for found, times in Counter(resource["id"] for resource in of.resources).items():
        if times > 1:
            yield f"{found} is declared {times} times"


def nothing_that_is_needed_is_missing(of: Deployment) -> Iterator[str]:
    """A template's own fail() stops the deployment before anything is changed."""
    yield from re.findall(r"<fail\((.*?)\)>", str(of.evaluated))


def everything_is_tagged(of: Deployment) -> Iterator[str]:
    services = {"func-": "api", "app-": "explorer"}
    for resource in of.resources:
        if resource["type"] in UNTAGGABLE:
            continue
        wanted = {"app": "future-vision-segmentation", "azd-env-name": of.wanted.name}
        if resource["type"] == SITE:
            wanted["azd-service-name"] = services[f"{resource['name'].partition('-')[0]}-"]
        yield from differences(resource, {"tags": wanted})


def sites_and_blobs_send_what_happens_to_the_workspace(of: Deployment) -> Iterator[str]:
    logs = {
        # Application Insights has the function app's logs.
        "func": (set(), {"AllMetrics"}),
        "app": ({"AppServiceHTTPLogs", "AppServiceConsoleLogs"}, {"AllMetrics"}),
        "stdata/default": ({"StorageWrite", "StorageDelete"}, {"Transaction"}),
        "stdata/queues": (set(), {"Transaction"}),
        "sthost/default": (set(), {"Transaction"}),
    }
    if not of.wanted.explorer:
        del logs["app"]
    sent = {}
    for setting in of.of(DIAGNOSTICS):
        kinds = (at(setting, "properties.logs"), at(setting, "properties.metrics"))
        on = tuple({r["category"] for r in rows or [] if r["enabled"]} for rows in kinds)
        sent[of.short(setting["scope"])] = on
        yield from differences(setting, {"properties.workspaceId": of.one(WORKSPACE).get("id")})
    if sent != logs:
        yield f"sent are {sent}, not {logs}"


def alerts_reach_those_who_were_named(of: Deployment) -> Iterator[str]:
    told = [
        [receiver["emailAddress"] for receiver in at(group, "properties.emailReceivers")]
        for group in of.of(GROUP)
    ]
    if told != ([list(of.wanted.emails)] if of.wanted.emails else []):
        yield f"told are {told}, not {of.wanted.emails}"
    names = [of.short(rule["id"]) for rule in of.of(RULE)]
    if sorted(names) != (ALERTS if of.wanted.emails else []):
        yield f"alerts are {names}"
    for rule in of.of(RULE):
        wanted = {
            "properties.enabled": True,
            # The tables that it asks are made by the first rows in them.
            "properties.skipQueryValidation": True,
            "properties.scopes": [
                of.one(WORKSPACE if "logs-" in rule["name"] else COMPONENT)["id"]
            ],
            "properties.actions.actionGroups": [of.one(GROUP).get("id")],
        }
        yield from differences(rule, wanted)


def alerts_look_for_what_the_service_writes(of: Deployment) -> Iterator[str]:
    explained = (PROJECT / "docs" / "operations.md").read_text()
    for rule in of.of(RULE):
        if f"\n### {of.short(rule['id'])}\n" not in explained:
            yield f"docs/operations.md does not say what to do about {of.short(rule['id'])}"
        query = at(rule, "properties.criteria.allOf")[0]["query"]
        slugs = {slug for found in QUERIED.findall(query) for slug in re.findall(r"[\w-]+", found)}
        names = set(re.findall(r'name == "(\w+)"', query))
        names |= {name for name in TASKS.findall(query) if not hasattr(queue_triggers, name)}
        for unknown in (slugs - PROBLEMS.keys()) | (names - FUNCTIONS):
            yield f"{rule['name']} looks for {unknown}, which the service never writes"
        if "line.problem" in query and not slugs:
            yield f"{rule['name']} looks for no problem: {query}"
        for times in GIVEN_UP.findall(query):
            if int(times) != DELIVERIES:
                yield f"{rule['name']} waits for {times} deliveries; the last is the {DELIVERIES}th"


def the_budget_starts_on_the_day_that_was_given(of: Deployment) -> Iterator[str]:
    """Azure refuses to change it later, so that the day of a deployment must not be in it."""
    starts = [at(budget, "properties.timePeriod.startDate") for budget in of.of(BUDGET)]
    if starts != ([of.wanted.budget_start] if of.wanted.budget_start else []):
        yield f"budgets start on {starts}, not on {of.wanted.budget_start!r}"
    yield from (f"{start} is no first of a month" for start in starts if not start.endswith("-01"))
    for budget in of.of(BUDGET):
        notices = at(budget, "properties.notifications") or {}
        if not 1 <= len(notices) <= 5:
            yield f"a budget warns of 1 to 5 amounts, not {len(notices)}"
        for name, notice in notices.items():
            if notice["contactEmails"] != list(of.wanted.emails) or not notice["contactRoles"]:
                yield f"{name} warns {notice['contactEmails']}"


def outputs_are_those_that_release_and_azd_read(of: Deployment) -> Iterator[str]:
    site, wanted = of.one(SITE, "func-"), of.wanted
    explorer = of.one(SITE, "app-")["name"] if wanted.explorer else ""
    known = {
        "AZURE_RESOURCE_GROUP": f"rg-{wanted.name}",
        "FUNCTION_APP_NAME": site["name"],
        "API_CALLERS": wanted.callers,
        "EXPLORER_APP_NAME": explorer,
        "DATA_BLOB_URL": f"https://stdata{of.token}.blob.core.windows.net",
    }
    for name, value in known.items():
        if of.outputs.get(name) != value:
            yield f"{name} is {of.outputs.get(name)!r}, not {value!r}"
    given = {
        "API_BASE_URL": True,
        "API_AUTH_CLIENT_ID": wanted.callers == "entra",
        "EXPLORER_URL": wanted.explorer,
        "STATIC_SITE_URL": wanted.static_site,
        "PUBLISHER_CLIENT_ID": bool(wanted.github),
    }
    for name, some in given.items():
        if bool(of.outputs.get(name)) != some or str(of.outputs.get(name)).endswith("/"):
            yield f"{name} is {of.outputs.get(name)!r}"
    for name in of.outputs.keys() - known.keys() - given.keys():
        yield f"nobody reads {name}"
