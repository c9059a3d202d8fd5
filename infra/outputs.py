"""What a deployment of main.bicep says about itself."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from infra.azure_cli import AzureCli
from infra.errors import ReleaseError

CALLERS = ("key", "entra", "anonymous")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Outputs of main.bicep that a release needs, under their names in lower case.

    Attributes:
        azure_resource_group, function_app_name: where the code goes.
        api_base_url: address of the API, without /api.
        data_blob_url: Blob endpoint of the account with models, scenes and site.
        api_access: who may call: "key", "entra", or "anonymous" in a public demo.
        api_auth_client_id: the API's application; "" unless callers sign in with Entra.
        explorer_app_name, explorer_url: the explorer; "" if there is none.
        explorer_auth_client_id: the application by which its visitors sign in; "" if they do not.
        explorer_principal_id: object id of its identity.
        static_site_url: the static site; "" if there is none.
    """

    azure_resource_group: str
    function_app_name: str
    api_base_url: str
    data_blob_url: str
    api_access: str
    api_auth_client_id: str = ""
    explorer_app_name: str = ""
    explorer_url: str = ""
    explorer_auth_client_id: str = ""
    explorer_principal_id: str = ""
    static_site_url: str = ""

    @property
    def is_public(self) -> bool:
        """Whether anybody may see every scene."""
        return self.api_access == "anonymous"


MANDATORY = (
    "azure_resource_group", "function_app_name", "api_base_url", "data_blob_url", "api_access",
)  # fmt: skip


def outputs_of_deployment(environment: str, cli: AzureCli) -> Outputs:
    """Read the outputs of the latest deployment of an environment that succeeded.

    It was made by az or by azd, which name deployments differently, so that it is found by its
    parameter environmentName. If a later one did not succeed, standard error says so: code can be
    rolled back all the same.

    Raises:
        ReleaseError: there is none, or none succeeded.
    """
    query = (
        "[].{name: name, state: properties.provisioningState, time: properties.timestamp, "
        "parameters: properties.parameters}"
    )
    listed = cli.run("deployment", "sub", "list", "--query", query) or []
    found = [each for each in listed if _environment(each) == environment]
    if not found:
        others = sorted({_environment(each) for each in listed} - {""})
        raise ReleaseError(
            f"this subscription has no deployment of an environment {environment!r}"
            + (f", only of {', '.join(others)}" if others else "")
            + ": deploy infra/bicep/main.bicep, or choose another subscription by `az account set`"
        )
    found.sort(key=lambda each: str(each["time"]))
    latest = found[-1]
    said = (
        f"deployment {latest['name']!r} is {latest['state']}, not Succeeded: "
        f"see `az deployment operation sub list --name {latest['name']}`, then provision again"
    )
    succeeded = [each["name"] for each in found if each["state"] == "Succeeded"]
    if not succeeded:
        raise ReleaseError(said)
    name = succeeded[-1]
    if name != latest["name"]:
        print(f"warning: {said}. Going on with {name!r}", file=sys.stderr)
    query = "properties.outputs"
    outputs = cli.run("deployment", "sub", "show", "--name", name, "--query", query)
    values = {key: str(entry["value"]) for key, entry in _upper(outputs).items()}
    return _outputs(values, f"deployment {name!r}", "was it made from infra/bicep/main.bicep?")


def outputs_of_environment() -> Outputs:
    """Read the outputs from environment variables, as azd sets them for its hooks.

    Raises:
        ReleaseError: some are missing.
    """
    todo = "name an environment (make release DEPLOYMENT=...), or have azd do it (azd up)"
    return _outputs(os.environ, "the environment", todo)


def _environment(deployment: Mapping[str, Any]) -> str:
    parameter = _upper(deployment["parameters"]).get("ENVIRONMENTNAME", {})
    return str(parameter.get("value", ""))


def _upper(named: Mapping[str, Any] | None) -> dict[str, Any]:
    """Azure Resource Manager gives names back in other capitals, such as apI_BASE_URL."""
    return {key.upper(): value for key, value in (named or {}).items()}


def _outputs(values: Mapping[str, str], where: str, todo: str) -> Outputs:
    found = {field.name: values.get(field.name.upper(), "") for field in fields(Outputs)}
    missing = [name.upper() for name in MANDATORY if not found[name]]
    if missing:
        raise ReleaseError(f"{where} says no {', '.join(missing)}: {todo}")
    if found["api_access"] not in CALLERS:
        raise ReleaseError(
            f"API_ACCESS={found['api_access']!r} of {where} must be one of {', '.join(CALLERS)}"
        )
    return Outputs(**{name: value.rstrip("/") for name, value in found.items()})
