"""The function app, on Flex Consumption."""

from collections.abc import Iterator

from function_app.batches.task_queue import CONNECTION
from function_app.settings import Settings
from local.package import AZURE_PYTHON
from tests.infra.bicep.deployment import CONTAINER, PLAN, SITE, Deployment, at, differences

# https://learn.microsoft.com/azure/azure-functions/functions-app-settings#flex-consumption-plan-deprecations
FORBIDDEN = {
    "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_CONTENTSHARE", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "SCM_DO_BUILD_DURING_DEPLOYMENT", "ENABLE_ORYX_BUILD", "WEBSITE_TIME_ZONE", "TZ",
}  # fmt: skip
"""Settings with which a Flex app is provisioned but broken."""

OWN = {name.upper() for name in Settings.__annotations__}

CORES = {512: 1, 2048: 1, 4096: 2}
"""Cores that an instance of so many MB can keep busy; a quarter, one and two are sold."""

GROUPS = 3
"""What scales by itself and can be busy for long: calls, batches, uploads."""

REGION_MB = 512_000
"""Of all instances of a subscription in a region, 250 cores.
https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#regional-subscription-memory-quotas"""

AAD = "ClientId=<api.properties.clientId>;Authorization=AAD"


def required_settings(of: Deployment) -> dict[str, str]:
    return {
        "AzureWebJobsStorage__accountName": f"sthost{of.token}",
        "AzureWebJobsStorage__credential": "managedidentity",
        "AzureWebJobsStorage__clientId": "<api.properties.clientId>",
        "APPLICATIONINSIGHTS_CONNECTION_STRING": "<appInsights.properties.ConnectionString>",
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": AAD,
        "AZURE_CLIENT_ID": "<api.properties.clientId>",
        # The connection of batches/task_queue.py, with an identity.
        f"{CONNECTION}__queueServiceUri": f"https://stdata{of.token}.queue.core.windows.net",
        f"{CONNECTION}__credential": "managedidentity",
        f"{CONNECTION}__clientId": "<api.properties.clientId>",
        "BLOB_SERVICE_URL": f"https://stdata{of.token}.blob.core.windows.net",
        "API_AUTH_LEVEL": "function" if of.wanted.callers == "key" else "anonymous",
        "INFERENCE_WORKERS": str(CORES[of.wanted.memory_mb]),
        "PYTHON_SCRIPT_FILE_NAME": "main.py",
    }


def required_settings_have_their_values(of: Deployment) -> Iterator[str]:
    settings = of.settings("func-")
    for name, value in required_settings(of).items():
        if settings.get(name) != value:
            yield f"{name} is {settings.get(name)!r}, not {value!r}"


def flex_consumption_gets_no_forbidden_setting(of: Deployment) -> Iterator[str]:
    yield from sorted(FORBIDDEN & of.settings("func-").keys())
    site = of.one(SITE, "func-")
    inline = ("linuxFxVersion", "appSettings", "alwaysOn", "pythonVersion", "appCommandLine")
    wanted = {f"properties.siteConfig.{name}": None for name in inline}
    yield from differences(site, wanted)
    for policy in of.of(f"{SITE}/basicPublishingCredentialsPolicies", "func-"):
        yield f"{policy['name']}: Flex Consumption has no publishing passwords to switch off"


def every_setting_is_one_that_somebody_reads(of: Deployment) -> Iterator[str]:
    known = required_settings(of).keys() | OWN | {"PYTHON_THREADPOOL_THREAD_COUNT"}
    # A key of an account; for Azurite.
    known -= {"BLOB_CONNECTION_STRING"}
    for name in of.settings("func-").keys() - known:
        yield f"nobody reads {name}"


def waiting_photos_leave_threads_for_other_requests(of: Deployment) -> Iterator[str]:
    threads = int(of.settings("func-").get("PYTHON_THREADPOOL_THREAD_COUNT", "0"))
    if threads <= _places(of):
        yield f"{threads} threads, of which {_places(of)} may work or wait"


def each_function_app_has_a_flex_plan_of_its_own(of: Deployment) -> Iterator[str]:
    flex = [plan for plan in of.of(PLAN) if at(plan, "sku.name") == "FC1"]
    for plan in flex:
        wanted = {
            "kind": "functionapp",
            "sku.tier": "FlexConsumption",
            "properties.reserved": True,
        }
        yield from differences(plan, wanted)
    plans = [plan["id"] for plan in flex]
    used = [site["name"] for site in of.of(SITE) if at(site, "properties.serverFarmId") in plans]
    if [of.one(SITE, "func-")["name"]] != used or len(flex) != 1:
        yield f"{used} run on {plans}"


def scale_is_what_was_asked_for_and_possible(of: Deployment) -> Iterator[str]:
    site = of.one(SITE, "func-")
    scale = "properties.functionAppConfig.scaleAndConcurrency"
    warm = of.wanted.always_ready
    wanted = {
        f"{scale}.instanceMemoryMB": of.wanted.memory_mb,
        f"{scale}.maximumInstanceCount": of.wanted.instances,
        f"{scale}.alwaysReady": [{"name": "http", "instanceCount": warm}] if warm else [],
    }
    yield from differences(site, wanted)
    # Fewer than 40 instances cannot be asked for.
    if not 40 <= (at(site, f"{scale}.maximumInstanceCount") or 0) <= 1000:
        yield f"{scale}.maximumInstanceCount is out of range"


def no_group_can_take_the_regions_cores_from_the_others(of: Deployment) -> Iterator[str]:
    scale = at(of.one(SITE, "func-"), "properties.functionAppConfig.scaleAndConcurrency") or {}
    ready = sum(group["instanceCount"] for group in scale.get("alwaysReady", []))
    instances = GROUPS * scale.get("maximumInstanceCount", 0) + ready
    if (asked := instances * scale.get("instanceMemoryMB", 0)) > REGION_MB:
        yield f"{instances} instances may ask for {asked} MB, of the {REGION_MB} that there are"


def an_instance_takes_no_more_requests_than_it_lets_wait(of: Deployment) -> Iterator[str]:
    path = "properties.functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency"
    taken = at(of.one(SITE, "func-"), path) or 0
    if not 1 <= taken <= _places(of):
        yield f"{taken} requests at a time; beyond {_places(of)} they are refused as busy"


def _places(of: Deployment) -> int:
    """Photos that an instance takes: worked on, and waiting."""
    settings = of.settings("func-")
    waiting = int(settings.get("MAX_WAITING", str(Settings().max_waiting)))
    return int(settings.get("INFERENCE_WORKERS", "0")) + waiting


def the_package_is_read_with_the_identity_from_a_container_that_exists(
    of: Deployment,
) -> Iterator[str]:
    deployment = "properties.functionAppConfig.deployment.storage"
    identity = of.one("Microsoft.ManagedIdentity/userAssignedIdentities", "id-api-")
    wanted = {
        f"{deployment}.type": "blobContainer",
        f"{deployment}.authentication.type": "UserAssignedIdentity",
        f"{deployment}.authentication.userAssignedIdentityResourceId": identity.get("id"),
    }
    site = of.one(SITE, "func-")
    yield from differences(site, wanted)
    value = str(at(site, f"{deployment}.value"))
    containers = {c["name"].rpartition("/")[2] for c in of.of(CONTAINER, "sthost")}
    blobs = "<hostStorage.properties.primaryEndpoints.blob>"
    if value not in {blobs + name for name in containers}:
        yield f"{value} is none of {sorted(containers)} in the host's account"


def both_apps_run_the_python_that_packages_are_built_for(of: Deployment) -> Iterator[str]:
    runtime = {"name": "python", "version": AZURE_PYTHON}
    yield from differences(of.one(SITE, "func-"), {"properties.functionAppConfig.runtime": runtime})
    if of.wanted.explorer:
        wanted = {"properties.siteConfig.linuxFxVersion": f"PYTHON|{AZURE_PYTHON}"}
        yield from differences(of.one(SITE, "app-"), wanted)
