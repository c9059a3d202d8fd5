"""Who calls a deployed API: the keys and tokens that the Azure CLI gives."""

from infra.azure_cli import AzureCli, AzureCliError
from infra.errors import ReleaseError
from infra.outputs import Outputs
from infra.registrations import AZURE_CLI
from local.login import Login


def explorer_key(cli: AzureCli, to: Outputs) -> str:
    """Return the key that the explorer calls with, as it was provisioned.

    Raises:
        ReleaseError: it has none.
    """
    app = to.explorer_app_name
    key = cli.run(
        "webapp", "config", "appsettings", "list",
        "--resource-group", to.azure_resource_group, "--name", app,
        "--query", "[?name=='API_KEY'].value | [0]",
    )  # fmt: skip
    if not key:
        raise ReleaseError(
            f"{app} has no API_KEY to call with: make one (openssl rand -hex 32), set it as "
            "EXPLORER_API_KEY (in azd: azd env set EXPLORER_API_KEY ...), and provision again"
        )
    return str(key)


def caller_login(cli: AzureCli, to: Outputs) -> Login:
    """Return what callers of this deployment show: a key, a token or nothing.

    Raises:
        ReleaseError: Azure gives none.
    """
    if to.api_access == "key":
        return Login(key=explorer_key(cli, to) if to.explorer_app_name else _default_key(cli, to))
    if to.api_access == "entra":
        return Login(token=_api_token(cli, to))
    return Login()


def _default_key(cli: AzureCli, to: Outputs) -> str:
    where = ("--resource-group", to.azure_resource_group, "--name", to.function_app_name)
    key = cli.run("functionapp", "keys", "list", *where, "--query", "functionKeys.default")
    return str(key or "")


def _api_token(cli: AzureCli, to: Outputs) -> str:
    try:
        return cli.token(f"api://{to.api_auth_client_id}")
    except AzureCliError as error:
        raise ReleaseError(
            f"{error}\nThe API admits the applications of apiCallerClientIds: name this "
            f"identity there, for people the Azure CLI ({AZURE_CLI})"
        ) from error
