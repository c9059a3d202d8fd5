"""Commands of az as a release runs them."""

from pathlib import Path

import pytest

from infra.azure_cli import AzureCli, AzureCliError
from infra.errors import ReleaseError
from infra.outputs import Outputs, outputs_of_deployment, outputs_of_environment
from tests.conftest import PROJECT
from tests.infra.standins import StandInAz

VALUES = {
    "AZURE_RESOURCE_GROUP": "rg-1",
    "FUNCTION_APP_NAME": "func-1",
    "API_BASE_URL": "https://func-1.azurewebsites.net/",
    "API_ACCESS": "key",
    "API_AUTH_CLIENT_ID": "",
    "EXPLORER_APP_NAME": "app-1",
    "EXPLORER_URL": "https://app-1.azurewebsites.net",
    "EXPLORER_AUTH_CLIENT_ID": "id-2",
    "EXPLORER_PRINCIPAL_ID": "object-1",
    "STATIC_SITE_URL": "",
    "DATA_BLOB_URL": "https://stdata1.blob.core.windows.net/",
}


def test_answers_are_parsed_and_secrets_go_through_stdin(az: StandInAz) -> None:
    az.answer("functionapp keys set", {"name": "explorer", "value": None})
    cli = AzureCli()
    assert cli.run("functionapp", "keys", "set", "--key-value", "@-", stdin="secret") == {
        "name": "explorer", "value": None,
    }  # fmt: skip
    ((command, stdin),) = az.asked
    assert stdin == "secret"
    assert "secret" not in command
    assert command[-3:] == ["--output", "json", "--only-show-errors"]
    assert cli.token("api://1") == "a-token"


def test_the_subscription_of_azd_is_named(az: StandInAz, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "00000000-1111")
    AzureCli().token("api://1")
    assert az.asked[0][0][-2:] == ["--subscription", "00000000-1111"]


def test_az_that_is_missing_or_logged_out_or_refuses(
    az: StandInAz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    az.fail("account", "Please run 'az login' to setup account.")
    with pytest.raises(ReleaseError, match="Please run 'az login'"):
        AzureCli().token("api://1")
    az.fail("webapp deploy", "Status Code: 400")
    with pytest.raises(AzureCliError, match=r"^az webapp deploy --name: ERROR: Status Code: 400$"):
        AzureCli().run("webapp", "deploy", "--name", "app-1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReleaseError, match=r"Azure CLI .* is missing: https://"):
        AzureCli().token("api://1")


def odd(name: str) -> str:
    """As Azure Resource Manager gives names back."""
    return name[:2].lower() + name[2:]


def deployed(az: StandInAz, values: dict[str, str], state: str = "Succeeded") -> None:
    """An environment deployed by azd, then again by az; and another one."""
    parameters = {"environmentName": {"value": "fvs-1"}}
    older = {"name": "fvs-1-1700000000", "state": "Failed", "time": "2026-11-01T08:00:00Z"}
    latest = {"name": "by-hand", "state": state, "time": "2026-11-02T08:00:00Z"}
    other = {"name": "x", "state": "Succeeded", "time": "2026-11-03", "parameters": None}
    listed = [{**older, "parameters": parameters}, {**latest, "parameters": parameters}, other]
    az.answer("deployment sub list", listed)
    outputs = {odd(name): {"type": "String", "value": value} for name, value in values.items()}
    az.answer("deployment sub show --name by-hand --query properties.outputs", outputs)


def test_outputs_come_from_the_latest_deployment_or_the_environment(
    az: StandInAz, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(az, VALUES)
    outputs = outputs_of_deployment("fvs-1", AzureCli())
    assert outputs == Outputs(
        "rg-1", "func-1", "https://func-1.azurewebsites.net",
        "https://stdata1.blob.core.windows.net", "key",
        explorer_app_name="app-1", explorer_url="https://app-1.azurewebsites.net",
        explorer_auth_client_id="id-2", explorer_principal_id="object-1",
    )  # fmt: skip
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    assert outputs_of_environment() == outputs


def test_after_a_deployment_that_failed_the_one_before_it_counts(
    az: StandInAz, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed(az, VALUES)
    outputs = outputs_of_deployment("fvs-1", AzureCli())
    assert capsys.readouterr().err == ""
    parameters = {"environmentName": {"value": "fvs-1"}}
    states = ("Succeeded", "Failed", "Succeeded", "Failed", "Running")
    names = ("first", "second", "by-hand", "fourth", "fifth")
    listed = [
        {"name": name, "state": state, "time": f"2026-11-0{day}", "parameters": parameters}
        for day, (name, state) in enumerate(zip(names, states, strict=True), 1)
    ]
    az.answer("deployment sub list", listed[::-1])
    assert outputs_of_deployment("fvs-1", AzureCli()) == outputs
    said, written = capsys.readouterr()
    assert said == "", "a shell evaluates it"
    assert "warning: deployment 'fifth' is Running" in written
    assert "Going on with 'by-hand'" in written


def test_deployments_that_cannot_be_released_into(az: StandInAz) -> None:
    deployed(az, VALUES)
    with pytest.raises(ReleaseError, match=r"of an environment 'fvs-2', only of fvs-1: deploy "):
        outputs_of_deployment("fvs-2", AzureCli())
    az.answer("deployment sub list", [])
    with pytest.raises(ReleaseError, match=r"of an environment 'fvs-1': deploy .*main\.bicep"):
        outputs_of_deployment("fvs-1", AzureCli())
    deployed(az, {}, "Failed")
    with pytest.raises(ReleaseError, match="'by-hand' is Failed, not Succeeded: see `az deploy"):
        outputs_of_deployment("fvs-1", AzureCli())
    deployed(az, VALUES | {"API_BASE_URL": ""})
    with pytest.raises(ReleaseError, match="says no API_BASE_URL: was it made from"):
        outputs_of_deployment("fvs-1", AzureCli())
    deployed(az, VALUES | {"API_ACCESS": "keys"})
    with pytest.raises(ReleaseError, match=r"API_ACCESS='keys' .* one of key, entra, anonymous"):
        outputs_of_deployment("fvs-1", AzureCli())


def test_an_environment_without_azd(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VALUES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ReleaseError, match=r"no AZURE_RESOURCE_GROUP, .*: name an environment"):
        outputs_of_environment()


def test_the_templates_say_all_that_is_read() -> None:
    lines = (PROJECT / "infra" / "bicep" / "main.bicep").read_text().splitlines()
    said = {line.split()[1] for line in lines if line.startswith("output ")}
    assert set(VALUES) <= said
    assert set(VALUES) == {name.upper() for name in Outputs.__dataclass_fields__}
