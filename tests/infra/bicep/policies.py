"""Rules for what is deployed: each yields what breaks it, in words."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator

from function_app.batches import messages, uploads
from function_app.batches.task_queue import CONNECTION
from function_app.settings import Settings
from infra.check import EXAMPLE, PROJECT
from local.package import AZURE_PYTHON
from tests.infra.bicep.deployment import ACCOUNT, IDENTITY, ROLE, SITE, Deployment, at, differences
from tests.infra.bicep.parameter_sets import Parameters

Policy = Callable[[Deployment, Parameters], Iterator[str]]

QUEUES = (messages.QUEUE, messages.POISON, uploads.QUEUE, f"{uploads.QUEUE}-poison")
LOCAL = json.loads((PROJECT / "local.settings.example.json").read_text())
TRIGGERS = (PROJECT / "function_app" / "http" / "routes" / "queue_triggers.py").read_text()
SCALE_GROUPS = 1 + TRIGGERS.count("@blueprint.queue_trigger")
"""What scales by itself: calls, and each queue's function."""
REGION_MB = 512_000
"""Of all instances of a subscription in a region.
https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#regional-subscription-memory-quotas"""
SCALE = "properties.functionAppConfig.scaleAndConcurrency"
OPEN = [
    "/api/health/live", "/api/health/ready", "/api/openapi.json", "/api/docs",
    "/api/docs/page.js", "/api/docs/swagger-ui-bundle.js", "/api/docs/swagger-ui.css",
]  # fmt: skip
OFF = {"properties": {"platform": {"enabled": False}}}
"""Sign-in that is not wanted. Were it left out, an app that had it would keep it."""
FEDERATED = "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID"
"""https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad"""
KEYS = re.compile(r"listKeys|AccountSas|ServiceSas|AccountKey=|InstrumentationKey|sharedKeys", re.I)
ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Blob Data Owner",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Blob Data Contributor",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Blob Data Reader",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Queue Data Contributor",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Queue Data Message Sender",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
}


def access(given: Parameters) -> str:
    return "anonymous" if given["publicDemo"] else str(given["callers"])


def roles_are_exactly_these(of: Deployment, given: Parameters) -> Iterator[str]:
    api, deployer = "<id-api>.principalId", "[deployer().objectId]"
    wanted = {
        (api, "Blob Data Owner", "sthost"), (api, "Queue Data Contributor", "sthost"),
        (api, "Blob Data Reader", "stdata/default/models"),
        (api, "Blob Data Reader", "stdata/default/scenes"),
        (api, "Blob Data Contributor", "stdata/default/predictions"),
        (api, "Blob Data Contributor", "stdata/default/batches"),
        (api, "Monitoring Metrics Publisher", "appi"),
        *((api, "Queue Data Contributor", f"stdata/queues/{queue}") for queue in QUEUES),
        (deployer, "Blob Data Contributor", "stdata"),
    }  # fmt: skip
    if given["githubRepository"]:
        publisher = "<id-publisher>.principalId"
        wanted.add((publisher, "Blob Data Contributor", "stdata/default/models"))
    if given["predictOnUpload"]:
        topic = "<evgt>.identity.principalId"
        wanted.add((topic, "Queue Data Message Sender", f"stdata/queues/{uploads.QUEUE}"))
    granted = Counter()
    for name, role in of.of(ROLE).items():
        who, what = (at(role, f"properties.{key}") for key in ("principalId", "roleDefinitionId"))
        guid = str(what).rpartition("/")[2]
        granted[of.readable(who), ROLES.get(guid, guid), name.partition(":")[0]] += 1
        if at(role, "properties.principalType") is None:
            yield f"{name} has no principalType: a new identity is not found"
    yield from (f"granted, but not wanted: {each}" for each in granted - Counter(wanted))
    yield from (f"wanted, but not granted: {each}" for each in Counter(wanted) - granted)


def publishers_come_from_one_environment(of: Deployment, given: Parameters) -> Iterator[str]:
    repository, name = given["githubRepository"], given["environmentName"]
    wanted = [f"repo:{repository}:environment:{name}-models"] if repository else []
    trusted = of.of(f"{IDENTITY}/federatedIdentityCredentials").values()
    if [at(credential, "properties.subject") for credential in trusted] != wanted:
        yield f"trusted are {trusted}, not {wanted}"
    for each in trusted:
        issuer = {"properties.issuer": "https://token.actions.githubusercontent.com"}
        yield from differences("github", each, issuer)


def nobody_needs_a_key(of: Deployment, given: Parameters) -> Iterator[str]:
    for found in KEYS.finditer(json.dumps(of.snapshot)):
        yield f"{found[0]} in what is deployed"
    sent = access(given) == "key" and given["explorer"]
    for resource in of.resources:
        is_app = sent and of.short(resource["id"]) == "app/appsettings"
        if EXAMPLE["EXPLORER_API_KEY"] in json.dumps(resource) and not is_app:
            yield f"the explorer's key is in {resource['name']}"
    if EXAMPLE["EXPLORER_API_KEY"] in json.dumps(of.outputs):
        yield "the explorer's key is in an output"
    component = of.of("Microsoft.Insights/components")["appi"]
    yield from differences("appi", component, {"properties.DisableLocalAuth": True})
    workspace = of.of("Microsoft.OperationalInsights/workspaces")["log"]
    yield from differences("log", workspace, {"properties.features.disableLocalAuth": True})


def function_app_has_these_settings(of: Deployment, given: Parameters) -> Iterator[str]:
    identity, settings = "<id-api>.clientId", of.settings("func")
    wanted = {
        "AzureWebJobsStorage__blobServiceUri": "https://sthost.blob.core",
        "AzureWebJobsStorage__queueServiceUri": "https://sthost.queue.core",
        "AzureWebJobsStorage__credential": "managedidentity",
        "AzureWebJobsStorage__clientId": identity,
        "AzureWebJobsDisableHomepage": "true",
        "APPLICATIONINSIGHTS_CONNECTION_STRING": "<appi>.ConnectionString",
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": f"ClientId={identity};Authorization=AAD",
        "AZURE_CLIENT_ID": identity,
        f"{CONNECTION}__queueServiceUri": "https://stdata.queue.core",
        f"{CONNECTION}__credential": "managedidentity",
        f"{CONNECTION}__clientId": identity,
        "BLOB_SERVICE_URL": "https://stdata.blob.core",
        "API_AUTH_LEVEL": "function" if access(given) == "key" else "anonymous",
        "INFERENCE_WORKERS": "2" if given["instanceMemoryMB"] == 4096 else "1",
        "PYTHON_SCRIPT_FILE_NAME": "main.py",
    }
    alike = ("PYTHON_THREADPOOL_THREAD_COUNT", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
    wanted |= {name: LOCAL["Values"][name] for name in alike}  # as it is tested
    yield from differences("func", settings, wanted)
    yield from (f"nobody reads {name}" for name in settings.keys() - wanted.keys())
    places = int(wanted["INFERENCE_WORKERS"]) + Settings().max_waiting
    if int(settings.get("PYTHON_THREADPOOL_THREAD_COUNT", 0)) <= places:
        yield f"no thread for health checks beside {places} photos"
    if int(settings.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", 0)) <= Settings().max_body_bytes:
        yield "the host refuses bodies that the service would explain"
    if given["httpConcurrency"] > places:
        yield f"more than {places} requests at a time are refused as busy"


def function_app_fits_flex_consumption(of: Deployment, given: Parameters) -> Iterator[str]:
    storage = "properties.functionAppConfig.deployment.storage"
    wanted = {
        f"{SCALE}.instanceMemoryMB": given["instanceMemoryMB"],
        f"{SCALE}.maximumInstanceCount": given["maximumInstanceCount"],
        f"{SCALE}.triggers.http.perInstanceConcurrency": given["httpConcurrency"],
        f"{storage}.authentication.type": "UserAssignedIdentity",
        "properties.functionAppConfig.runtime": {"name": "python", "version": AZURE_PYTHON},
        **{f"properties.siteConfig.{name}": None for name in ("linuxFxVersion", "appSettings")},
    }
    app, plan = of.of(SITE)["func"], of.of("Microsoft.Web/serverfarms")["plan-api"]
    yield from differences("func", app, wanted)
    ready = given["alwaysReadyInstances"]
    groups = [{"name": "http", "instanceCount": ready}] if ready else []
    yield from differences("func", app, {f"{SCALE}.alwaysReady": groups})
    yield from differences("plan", plan, {"sku.name": "FC1", "properties.reserved": True})
    if [of.short(each["id"]) for each in of.of(SITE).values()
            if at(each, "properties.serverFarmId") == plan["id"]] != ["func"]:  # fmt: skip
        yield "a Flex plan holds one app"
    package = of.readable(at(app, f"{storage}.value")).removeprefix("https://sthost.blob.core/")
    if f"sthost/default/{package}" not in of.of(f"{ACCOUNT}/blobServices/containers"):
        yield f"the package comes from {package}, which is no container"
    most = SCALE_GROUPS * at(app, f"{SCALE}.maximumInstanceCount") + ready
    if most * given["instanceMemoryMB"] > REGION_MB:
        yield f"{most} instances are more than a region has cores for"


def sites_are_closed_to_passwords_and_plain_http(of: Deployment, _: Parameters) -> Iterator[str]:
    for name, site in of.of(SITE).items():
        wanted = {
            "properties.httpsOnly": True,
            "properties.siteConfig.minTlsVersion": "1.2",
            "properties.siteConfig.ftpsState": "Disabled",
            "identity.userAssignedIdentities": {
                of.of(IDENTITY)["id-api" if name == "func" else "id-explorer"]["id"]: {}
            },
            "tags.azd-service-name": "api" if name == "func" else "explorer",
        }
        yield from differences(name, site, wanted)
        allowed = of.of(f"{SITE}/basicPublishingCredentialsPolicies", f"{name}/")
        shown = {key: at(policy, "properties.allow") for key, policy in allowed.items()}
        if shown != {f"{name}/ftp": False, f"{name}/scm": False}:
            yield f"{name} takes passwords: {shown}"


def only_whom_was_named_may_call(of: Deployment, given: Parameters) -> Iterator[str]:
    entra = "properties.identityProviders.azureActiveDirectory"
    check = "properties.globalValidation"
    asks, client = of.of(f"{SITE}/config")["func/authsettingsV2"], given["apiAuthClientId"]
    explorer = ["<roles.explorerClientId>"] if given["explorer"] else []
    applications = at(asks, f"{entra}.validation.defaultAuthorizationPolicy.allowedApplications")
    if access(given) == "entra":
        wanted = {
            "properties.platform.enabled": True,
            f"{check}.requireAuthentication": True,
            f"{check}.unauthenticatedClientAction": "Return401",
            f"{check}.excludedPaths": OPEN,
            f"{entra}.registration.clientId": client,
            f"{entra}.validation.allowedAudiences": [client, f"api://{client}"],
        }
        yield from differences("func", asks, wanted)
        named = [of.readable(each).strip("[]") for each in applications or []]
        if named != [*given["apiCallerClientIds"], *explorer]:
            yield f"callers are {named}"
    else:
        yield from differences("func", asks, OFF)
    origins = ["https://app.azurewebsites.net"] if given["explorer"] else []
    origins += ["<dataStorage.siteUrl>"] if given["publicDemo"] and not given["vnetEnabled"] else []
    cors = at(of.of(SITE)["func"], "properties.siteConfig.cors")
    if [of.readable(each).strip("[]") for each in cors["allowedOrigins"]] != origins:
        yield f"pages that may call: {cors}"


def visitors_of_the_explorer_sign_in(of: Deployment, given: Parameters) -> Iterator[str]:
    if not given["explorer"]:
        yield from (f"{name} was not asked for" for name in of.of(SITE, "app"))
        return
    client = "" if given["publicDemo"] else given["explorerAuthClientId"]
    entra = "properties.identityProviders.azureActiveDirectory"
    wanted = {
        "properties.platform.enabled": True,
        "properties.globalValidation.requireAuthentication": True,
        "properties.globalValidation.excludedPaths": ["/_stcore/health"],
        f"{entra}.registration.clientId": client,
        f"{entra}.registration.clientSecretSettingName": FEDERATED,
    }
    asks = of.of(f"{SITE}/config")["app/authsettingsV2"]
    yield from differences("app", asks, wanted if client else OFF)
    # With the key in it, which is secure, the whole stays an expression.
    settings = of.readable(of.of(f"{SITE}/config")["app/appsettings"]["properties"])
    mode = "start" if client else "view"
    parts = {mode: True, "<api.url>": True, FEDERATED: bool(client)}
    parts |= {"API_KEY": access(given) == "key", "API_AUDIENCE": access(given) == "entra"}
    for part, there in parts.items():
        if (part in settings) != there:
            yield f"the explorer's settings {'lack' if there else 'have'} {part}"
    site = {
        "properties.clientAffinityEnabled": True,
        "properties.siteConfig.webSocketsEnabled": True,
        "properties.siteConfig.linuxFxVersion": f"PYTHON|{AZURE_PYTHON}",
    }
    yield from differences("app", of.of(SITE)["app"], site)
