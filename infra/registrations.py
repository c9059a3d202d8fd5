"""App registrations in Entra, by which visitors of the explorer and callers of the API sign in."""

import json
import uuid

from infra.azure_cli import AzureCli, AzureCliError
from infra.errors import ReleaseError
from infra.outputs import Outputs

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""Client id of the Azure CLI in every tenant (azure-cli, AZURE_CLI_CLIENT_ID)."""

DENIED = ("Authorization_RequestDenied", "Insufficient privileges")


def register_explorer(cli: AzureCli, name: str) -> str:
    """Return the client id of the registration of that name; make it if there is none.

    Raises:
        ReleaseError: several have that name, or the login may not make one.
    """
    return _find(cli, name) or _create(cli, name, "--enable-id-token-issuance", "true")


def register_api(cli: AzureCli, name: str) -> str:
    """Return the client id of the API's registration; make it if there is none.

    Its tokens are of version 2, as the templates expect, and the Azure CLI may ask for them.

    Raises:
        ReleaseError: see `register_explorer`.
    """
    if known := _find(cli, name):
        return known
    client = _create(cli, name, "--requested-access-token-version", "2")
    cli.run("ad", "app", "update", "--id", client, "--identifier-uris", f"api://{client}")
    scope = {
        "id": str(uuid.uuid4()), "value": "user_impersonation", "type": "Admin", "isEnabled": True,
        "adminConsentDisplayName": "Call the API",
        "adminConsentDescription": "Call the segmentation API",
    }  # fmt: skip
    trusted = {"appId": AZURE_CLI, "delegatedPermissionIds": [scope["id"]]}
    # A scope can be trusted only once it is there.
    for change in {"oauth2PermissionScopes": [scope]}, {"preAuthorizedApplications": [trusted]}:
        cli.run(
            "rest", "--method", "patch", "--headers", "Content-Type=application/json",
            "--url", f"https://graph.microsoft.com/v1.0/applications(appId='{client}')",
            "--body", json.dumps({"api": change}),
        )  # fmt: skip
    return client


def trust_explorer(cli: AzureCli, to: Outputs) -> str:
    """Have the explorer's registration know its address, and trust its identity for a secret.

    Returns:
        What there was to do. A login that may not read registrations, such as a workflow's, is no
        failure: a person has done it once.

    Raises:
        ReleaseError: the registration is not there, or cannot be changed.
    """
    client = to.explorer_auth_client_id
    callback = f"{to.explorer_url}/.auth/login/aad/callback"
    try:
        known = cli.run("ad", "app", "show", "--id", client, "--query", "web.redirectUris") or []
        subjects = cli.run(
            "ad", "app", "federated-credential", "list", "--id", client, "--query", "[].subject"
        )
    except AzureCliError as error:
        if any(said in str(error) for said in DENIED):
            return "not looked at: this login may not read app registrations"
        raise
    done = []
    if callback not in known:
        cli.run("ad", "app", "update", "--id", client, "--web-redirect-uris", *known, callback)
        done.append("address added")
    if to.explorer_principal_id not in (subjects or []):
        tenant = cli.run("account", "show", "--query", "tenantId")
        credential = {
            "name": to.explorer_app_name,
            "issuer": f"https://login.microsoftonline.com/{tenant}/v2.0",
            "subject": to.explorer_principal_id,
            "audiences": ["api://AzureADTokenExchange"],
        }
        cli.run(
            "ad", "app", "federated-credential", "create", "--id", client,
            "--parameters", json.dumps(credential),
        )  # fmt: skip
        done.append("identity trusted")
    return ", ".join(done) or "nothing to do"


def _find(cli: AzureCli, name: str) -> str:
    listed = cli.run(
        "ad", "app", "list", "--display-name", name, "--query", "[].[displayName, appId]"
    )
    # The filter is for names that begin so.
    clients = [client for shown, client in listed or [] if shown == name]
    if len(clients) > 1:
        raise ReleaseError(f"{len(clients)} app registrations are called {name}: {clients}")
    return str(clients[0]) if clients else ""


def _create(cli: AzureCli, name: str, *options: str) -> str:
    client = str(
        cli.run(
            "ad", "app", "create", "--display-name", name, "--sign-in-audience",
            "AzureADMyOrg", *options, "--query", "appId",
        )
    )  # fmt: skip
    cli.run("ad", "sp", "create", "--id", client)
    return client
