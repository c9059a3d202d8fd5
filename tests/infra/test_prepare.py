"""The variables of an environment, and the app registrations behind them."""

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from infra.azure_cli import AzureCli, AzureCliError
from infra.errors import ReleaseError
from infra.prepare import VARIABLES, prepare
from infra.registrations import AZURE_CLI, register_explorer, trust_explorer
from tests.infra.standins import OUTPUTS, StandInAz


@pytest.fixture
def tenant(az: StandInAz, monkeypatch: pytest.MonkeyPatch) -> StandInAz:
    """An az of a tenant without registrations."""
    for name in "AZURE_ENV_NAME", *VARIABLES:
        monkeypatch.delenv(name, raising=False)
    az.answer("account show --query user", {"name": "me@example.org", "type": "user"})
    az.answer("ad app list", [["fvs-1-explorer-old", "id-0"]])
    az.answer("ad app create", "id-1")
    az.answer("ad sp create", None)
    az.answer("storage account list", [])
    return az


def values(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def commands(az: StandInAz, start: str) -> list[list[str]]:
    return [command for command, _ in az.asked if " ".join(command).startswith(start)]


def test_what_is_missing_is_made_once(tenant: StandInAz, tmp_path: Path) -> None:
    path = prepare("fvs-1", "swedencentral", tmp_path / "state", AzureCli())
    made = values(path)
    assert len(made.pop("EXPLORER_API_KEY")) == 64
    assert made == {
        "AZURE_ENV_NAME": "fvs-1",
        "AZURE_LOCATION": "swedencentral",
        "ALERT_EMAILS": "me@example.org",
        "BUDGET_START_DATE": f"{datetime.now(UTC):%Y-%m}-01",
        "EXPLORER_AUTH_CLIENT_ID": "id-1",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before, asked = path.read_text(), len(tenant.asked)
    assert prepare("fvs-1", "swedencentral", tmp_path / "state", AzureCli()) == path
    assert path.read_text() == before
    assert len(tenant.asked) == asked, "nothing is asked for again"


def test_what_is_given_is_taken(
    tenant: StandInAz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_DEMO", "true")
    monkeypatch.setenv("ALERT_EMAILS", "ops@example.org,boss@example.org")
    made = values(prepare("fvs-1", "swedencentral", tmp_path, AzureCli()))
    assert made["ALERT_EMAILS"] == "ops@example.org,boss@example.org"
    assert made["PUBLIC_DEMO"] == "true"
    assert not made.keys() & {"EXPLORER_API_KEY", "EXPLORER_AUTH_CLIENT_ID"}
    assert [command[:3] for command, _ in tenant.asked] == [["storage", "account", "list"]]
    monkeypatch.setenv("ALERT_EMAILS", "new@example.org")
    monkeypatch.setenv("PUBLIC_DEMO", "")
    made = values(prepare("fvs-1", "", tmp_path, AzureCli()))
    assert made["ALERT_EMAILS"] == "new@example.org", "what is said now goes before the file"
    assert made["AZURE_LOCATION"] == "swedencentral"
    assert made["EXPLORER_AUTH_CLIENT_ID"] == "id-1", "no public demo any more"
    monkeypatch.setenv("PREDICT_ON_UPLOAD", "true; rm")
    with pytest.raises(ReleaseError, match="PREDICT_ON_UPLOAD='true; rm' has characters"):
        prepare("fvs-2", "swedencentral", tmp_path, AzureCli())


def test_no_public_demo_of_scenes_that_are_there(
    tenant: StandInAz,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    data_account: BlobServiceClient,
    data_connection: str,
) -> None:
    def open_account(url: str, _: str) -> BlobServiceClient:
        assert url == "https://stdata1.example"
        return BlobServiceClient.from_connection_string(data_connection)

    monkeypatch.setattr("infra.prepare.data_account", open_account)
    monkeypatch.setenv("PUBLIC_DEMO", "true")
    accounts = [("rg-fvs-2", "https://stdata2.example"), ("RG-fvs-1", "https://stdata1.example")]
    listed = [{"group": group, "blob": url} for group, url in accounts]
    tenant.answer("storage account list", listed)
    prepare("fvs-1", "swedencentral", tmp_path, AzureCli())
    scenes = data_account.get_container_client("scenes")
    scenes.upload_blob("photos/berlin/synthetic/me.png", b"")
    with pytest.raises(
        ReleaseError, match=r"show everybody the scenes of https://stdata1\.example"
    ):
        prepare("fvs-1", "swedencentral", tmp_path, AzureCli())
    prepare("fvs-3", "swedencentral", tmp_path, AzureCli())
    data_account.delete_container("scenes")  # a deployment that failed half-way
    prepare("fvs-1", "swedencentral", tmp_path, AzureCli())


def test_another_environment_s_variables_are_not_taken_over(
    tenant: StandInAz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_ENV_NAME", "fvs-dev")
    with pytest.raises(ReleaseError, match="has the variables of fvs-dev: open another"):
        prepare("fvs-prod", "swedencentral", tmp_path, AzureCli())


def test_nobody_to_warn(tenant: StandInAz, tmp_path: Path) -> None:
    tenant.answer("account show --query user", {"name": "0000-1", "type": "servicePrincipal"})
    with pytest.raises(ReleaseError, match="ALERT_EMAILS=you@example"):
        prepare("fvs-1", "swedencentral", tmp_path, AzureCli())
    assert not list(tmp_path.glob("*.env"))


def test_callers_with_tokens_get_a_registration_that_the_azure_cli_may_use(
    tenant: StandInAz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_CALLERS", "entra")
    tenant.answer("ad app update", None)
    tenant.answer("rest", None)
    made = values(prepare("fvs-1", "swedencentral", tmp_path, AzureCli()))
    assert made["API_AUTH_CLIENT_ID"] == "id-1"
    assert made["API_CALLER_CLIENT_IDS"] == AZURE_CLI
    assert "EXPLORER_API_KEY" not in made
    created = commands(tenant, "ad app create --display-name fvs-1-api")
    assert created[0][created[0].index("--requested-access-token-version") + 1] == "2"
    scope, trusted = (
        json.loads(command[command.index("--body") + 1])["api"]
        for command in commands(tenant, "rest --method patch")
    )
    (offered,), (admitted,) = scope["oauth2PermissionScopes"], trusted["preAuthorizedApplications"]
    assert admitted == {"appId": AZURE_CLI, "delegatedPermissionIds": [offered["id"]]}


def test_a_registration_is_found_by_its_whole_name(tenant: StandInAz) -> None:
    tenant.answer("ad app list", [["fvs-1-explorer-old", "id-0"], ["fvs-1-explorer", "id-7"]])
    assert register_explorer(AzureCli(), "fvs-1-explorer") == "id-7"
    assert commands(tenant, "ad app create") == []
    tenant.answer("ad app list", [["fvs-1-explorer", "id-7"], ["fvs-1-explorer", "id-8"]])
    with pytest.raises(ReleaseError, match="2 app registrations are called fvs-1-explorer"):
        register_explorer(AzureCli(), "fvs-1-explorer")


def test_the_explorer_s_address_and_identity_are_added_once(tenant: StandInAz) -> None:
    callback = "https://app-1.azurewebsites.net/.auth/login/aad/callback"
    tenant.answer("ad app show", ["https://other.example/callback"])
    tenant.answer("ad app federated-credential list", ["another-object"])
    for command in "ad app update", "ad app federated-credential create":
        tenant.answer(command, None)
    tenant.answer("account show --query tenantId", "tenant-1")
    assert trust_explorer(AzureCli(), OUTPUTS) == "address added, identity trusted"
    (update,) = commands(tenant, "ad app update --id id-2 --web-redirect-uris")
    assert update[6:8] == ["https://other.example/callback", callback]
    (create,) = commands(tenant, "ad app federated-credential create --id id-2")
    assert json.loads(create[create.index("--parameters") + 1]) == {
        "name": "app-1",
        "issuer": "https://login.microsoftonline.com/tenant-1/v2.0",
        "subject": "object-1",
        "audiences": ["api://AzureADTokenExchange"],
    }
    tenant.answer("ad app show", [callback])
    tenant.answer("ad app federated-credential list", ["object-1"])
    assert trust_explorer(AzureCli(), OUTPUTS) == "nothing to do"


def test_a_workflow_that_may_not_read_registrations_goes_on(tenant: StandInAz) -> None:
    tenant.fail("ad app show", "Insufficient privileges to complete the operation.")
    assert trust_explorer(AzureCli(), OUTPUTS).startswith("not looked at: this login may not")
    tenant.fail("ad app show", "Resource 'id-2' does not exist")
    with pytest.raises(AzureCliError, match="does not exist"):
        trust_explorer(AzureCli(), replace(OUTPUTS, explorer_auth_client_id="id-2"))
