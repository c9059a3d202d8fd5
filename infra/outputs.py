"""What a deployment of main.bicep says about itself."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from infra.azure_cli import AzureCli, AzureCliError
from infra.errors import ReleaseError

CALLERS = ("key", "entra", "anonymous")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Outputs of main.bicep that a release needs, under their names in lower case.

    Attributes:
        azure_resource_group, function_app_name: where the code goes.
        api_base_url: address of the API, without /api.
        data_blob_url: Blob endpoint of the account with models, scenes and site.
        api_callers: who may call: "key", "entra" or "anonymous".
        api_auth_client_id: the API's application; "" unless callers sign in with Entra.
        explorer_app_name, explorer_url: the explorer; "" if there is none.
        static_site_url: the static site; "" if there is none.
    """

    azure_resource_group: str
    function_app_name: str
    api_base_url: str
    data_blob_url: str
    api_callers: str
    api_auth_client_id: str = ""
    explorer_app_name: str = ""
    explorer_url: str = ""
    static_site_url: str = ""


MANDATORY = (
    "azure_resource_group", "function_app_name", "api_base_url", "data_blob_url", "api_callers",
)  # fmt: skip


def outputs_of_deployment(name: str, cli: AzureCli) -> Outputs:
    """Read the outputs of a deployment at subscription scope.

    Raises:
        ReleaseError: there is none of that name, or it did not succeed.
    """
    query = "{state: properties.provisioningState, outputs: properties.outputs}"
    try:
        found = cli.run("deployment", "sub", "show", "--name", name, "--query", query)
    except AzureCliError as error:
        if "DeploymentNotFound" in str(error):
            raise ReleaseError(
                f"this subscription has no deployment {name!r}: see `az deployment sub list "
                "--query [].name`, or choose another subscription by `az account set`"
            ) from error
        raise
    if found["state"] != "Succeeded":
        raise ReleaseError(
            f"deployment {name!r} is {found['state']}, not Succeeded: "
            f"see `az deployment operation sub list --name {name}`, then provision again"
        )
    # Azure Resource Manager gives names back in other capitals, such as apI_BASE_URL.
    values = {key.upper(): str(entry["value"]) for key, entry in found["outputs"].items()}
    return _outputs(values, f"deployment {name!r}", "was it made from infra/bicep/main.bicep?")


def outputs_of_environment() -> Outputs:
    """Read the outputs from environment variables, as azd sets them for its hooks.

    Raises:
        ReleaseError: some are missing.
    """
    todo = "name a deployment (make release DEPLOYMENT=...), or have azd do it (azd provision)"
    return _outputs(os.environ, "the environment", todo)


def _outputs(values: Mapping[str, str], where: str, todo: str) -> Outputs:
    found = {field.name: values.get(field.name.upper(), "") for field in fields(Outputs)}
    missing = [name.upper() for name in MANDATORY if not found[name]]
    if missing:
        raise ReleaseError(f"{where} says no {', '.join(missing)}: {todo}")
    if found["api_callers"] not in CALLERS:
        raise ReleaseError(
            f"API_CALLERS={found['api_callers']!r} of {where} must be one of {', '.join(CALLERS)}"
        )
    return Outputs(**{name: value.rstrip("/") for name, value in found.items()})
