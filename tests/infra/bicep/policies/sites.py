"""What both apps have in common, the explorer, and who may call them."""

from collections.abc import Iterator

from tests.infra.bicep.deployment import IDENTITY, SITE, Deployment, at, differences
from tests.infra.bicep.parameter_sets import API_CLIENT

OPEN = [
    "/api/health/live", "/api/health/ready", "/api/openapi.json", "/api/docs",
    "/api/docs/page.js", "/api/docs/swagger-ui-bundle.js", "/api/docs/swagger-ui.css",
]  # fmt: skip

FEDERATED = "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID"
"""The setting by which sign-in uses a managed identity in place of a client secret.
https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad"""

SWITCHED_OFF = {"properties": {"platform": {"enabled": False}}}
"""Sign-in that is not wanted. Were it left out, an app that had it would keep it."""


def sites_take_https_and_nothing_older(of: Deployment) -> Iterator[str]:
    for site in of.of(SITE):
        wanted = {
            "properties.httpsOnly": True,
            "properties.siteConfig.minTlsVersion": "1.2",
            "properties.siteConfig.ftpsState": "Disabled",
            "properties.siteConfig.http20Enabled": True,
        }
        yield from differences(site, wanted)


def sites_run_with_their_own_identities(of: Deployment) -> Iterator[str]:
    for start, owner in (("func-", "id-api-"), ("app-", "id-explorer-")):
        for site in of.of(SITE, start):
            owned = [at(r, "id") for r in of.of(IDENTITY, owner)]
            wanted = {
                "identity.type": "UserAssigned",
                "identity.userAssignedIdentities": {identity: {} for identity in owned},
            }
            yield from differences(site, wanted)


def there_is_an_explorer_if_asked_for(of: Deployment) -> Iterator[str]:
    sites = sorted(site["name"].partition("-")[0] for site in of.of(SITE))
    wanted = ["app", "func"] if of.wanted.explorer else ["func"]
    if sites != wanted:
        yield f"sites are {sites}, not {wanted}"


def the_explorer_takes_no_publishing_password(of: Deployment) -> Iterator[str]:
    allowed = {
        policy["name"].rpartition("/")[2]: at(policy, "properties.allow")
        for policy in of.of(f"{SITE}/basicPublishingCredentialsPolicies", "app-")
    }
    if allowed != ({"ftp": False, "scm": False} if of.wanted.explorer else {}):
        yield f"publishing with a password: {allowed}"


def the_explorer_is_told_how_to_call_the_api(of: Deployment) -> Iterator[str]:
    if not of.wanted.explorer:
        return
    settings = of.settings("app-")
    entra = of.wanted.callers == "entra"
    wanted = {
        "API_BASE_URL": of.outputs.get("API_BASE_URL"),
        "EXPLORER_BATCHES": "start" if of.wanted.explorer_sign_in else "view",
        "API_AUDIENCE": f"api://{API_CLIENT}" if entra else None,
        "AZURE_CLIENT_ID": "<explorer.properties.clientId>" if entra else None,
        "SCM_DO_BUILD_DURING_DEPLOYMENT": "true",
        "WEBSITES_PORT": "8000",
    }
    for name, value in wanted.items():
        if settings.get(name) != value:
            yield f"{name} is {settings.get(name)!r}, not {value!r}"
    for name in settings.keys() - wanted.keys() - {"API_KEY", FEDERATED}:
        yield f"nobody reads {name}"


def a_session_of_the_explorer_stays_in_its_process(of: Deployment) -> Iterator[str]:
    for site in of.of(SITE, "app-"):
        wanted = {
            "properties.clientAffinityEnabled": True,
            "properties.siteConfig.webSocketsEnabled": True,
            "properties.siteConfig.alwaysOn": True,
            "properties.siteConfig.healthCheckPath": "/_stcore/health",
        }
        yield from differences(site, wanted)


def only_pages_of_the_frontends_may_call_the_api(of: Deployment) -> Iterator[str]:
    explorers = [f"https://{site['name']}.azurewebsites.net" for site in of.of(SITE, "app-")]
    sites = [of.outputs.get("STATIC_SITE_URL")] if of.wanted.static_site else []
    wanted = {
        "properties.siteConfig.cors.allowedOrigins": explorers + sites,
        "properties.siteConfig.cors.supportCredentials": False,
    }
    yield from differences(of.one(SITE, "func-"), wanted)
    for site in of.of(SITE):
        if "*" in (at(site, "properties.siteConfig.cors.allowedOrigins") or []):
            yield f"{site['name']} may be called by any page"


def the_api_asks_for_tokens_if_asked_to(of: Deployment) -> Iterator[str]:
    asks = of.sign_in("func-")
    if of.wanted.callers != "entra":
        yield from differences(asks, SWITCHED_OFF)
        return
    entra = "properties.identityProviders.azureActiveDirectory"
    explorer = ["<explorer.properties.clientId>"] if of.wanted.explorer else []
    wanted = {
        "properties.platform.enabled": True,
        "properties.globalValidation.requireAuthentication": True,
        "properties.globalValidation.unauthenticatedClientAction": "Return401",
        "properties.globalValidation.excludedPaths": OPEN,
        f"{entra}.enabled": True,
        f"{entra}.registration.clientId": API_CLIENT,
        f"{entra}.registration.clientSecretSettingName": None,
        f"{entra}.validation.allowedAudiences": [API_CLIENT, f"api://{API_CLIENT}"],
        f"{entra}.validation.defaultAuthorizationPolicy.allowedApplications": [
            *of.wanted.caller_ids, *explorer
        ],
        "properties.login.tokenStore.enabled": False,
    }  # fmt: skip
    yield from differences(asks, wanted)


def visitors_of_the_explorer_sign_in_without_a_client_secret(of: Deployment) -> Iterator[str]:
    client, asks = of.wanted.explorer_sign_in, of.sign_in("app-")
    identity = "<explorer.properties.clientId>" if client else None
    if of.settings("app-").get(FEDERATED) != identity:
        yield f"{FEDERATED} is {of.settings('app-').get(FEDERATED)!r}, not {identity!r}"
    if not client:
        if of.wanted.explorer:
            yield from differences(asks, SWITCHED_OFF)
        return
    entra = "properties.identityProviders.azureActiveDirectory"
    wanted = {
        "properties.platform.enabled": True,
        "properties.globalValidation.requireAuthentication": True,
        "properties.globalValidation.unauthenticatedClientAction": "RedirectToLoginPage",
        "properties.globalValidation.excludedPaths": ["/_stcore/health"],
        f"{entra}.enabled": True,
        f"{entra}.registration.clientId": client,
        f"{entra}.registration.clientSecretSettingName": FEDERATED,
    }
    yield from differences(asks, wanted)
