"""A release as a whole: the real service, explorer and storage; a stand-in for az."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from infra import release
from infra.azure_cli import AzureCliError
from infra.errors import ReleaseError
from infra.outputs import Outputs
from infra.release import STEPS, Inputs
from local.explorer import explorer_health, start_explorer
from local.processes import Children, free_port
from local.service import start_api, start_worker, wait_for_api
from local.smoke import SmokeError
from tests.infra.conftest import endpoint
from tests.infra.standins import KEY, OUTPUTS, StandInAz
from tests.local.broken_service import serving_broken

GROUP = ["--resource-group", "rg-1", "--name"]
STORED = ("code", "explorer", "key", "model", "scenes")


@pytest.fixture
def service(
    data_connection: str, data_account: BlobServiceClient, tmp_path: Path
) -> Iterator[Outputs]:
    """The service over the deployment's storage, and the explorer; no model is there yet."""
    del data_account
    explorer = free_port()
    with Children(tmp_path / "logs") as children:
        refresh = {"MODEL_REFRESH_SECONDS": "1"}
        service = start_api(children, free_port(), data_connection, **refresh)
        start_worker(children, data_connection)
        start_explorer(children, explorer, service.address)
        wait_for_api(children, service)
        children.wait_for(explorer_health(explorer))
        data = endpoint(data_connection)
        yield replace(
            OUTPUTS, api_base_url=service.address, data_blob_url=data,
            explorer_url=f"http://127.0.0.1:{explorer}", static_site_url=f"{data}/$web",
        )  # fmt: skip


def state(account: BlobServiceClient) -> dict[str, dict[str, str]]:
    """Etags by blob by container."""
    names = {container.name for container in account.list_containers()} - {"predictions", "batches"}
    blobs = {name: account.get_container_client(name).list_blobs() for name in names}
    return {name: {blob.name: blob.etag for blob in found} for name, found in blobs.items()}


def test_a_release_from_nothing_and_the_same_again(
    service: Outputs, run: Callable[..., None], known: StandInAz, data_account: BlobServiceClient,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run(to=service)
    said = capsys.readouterr().out
    for line in (
        "function_app.zip to func-1: as it is", "explorer.zip to app-1: started",
        "that of app-1 to func-1, as 'explorer': set",
        "app-1 in id-2: address added, identity trusted",
        "6 new, lite0-fpn-int8:1.0.0 is active", "3 are there",
        f"{service.static_site_url} asks {service.api_base_url}", "Explorer  ",
        " ms by lite0-fpn-int8:1.0.0",
    ):  # fmt: skip
        assert line in said
    before, asked = state(data_account), known.asked
    assert len(before["models"]) == 13
    assert len(before["scenes"]) == 6
    run(to=service)
    assert state(data_account) == before
    assert known.asked == [*asked, *asked]
    assert "nothing new" in capsys.readouterr().out
    everything = str(asked)
    assert everything.count(KEY) == 1, "the key is nowhere but in what az reads"
    assert KEY not in said


def test_packages_and_key_go_as_az_documents(
    run: Callable[..., None], inputs: Inputs, known: StandInAz
) -> None:
    run("code", "explorer", "key")
    asked = {" ".join(command[:3]): (command, stdin) for command, stdin in known.asked}
    common = ["--output", "json", "--only-show-errors"]
    code, _ = asked["functionapp deploy --resource-group"]
    assert code == [
        "functionapp", "deploy", *GROUP, "func-1", "--src-path", str(inputs.package),
        "--type", "zip", *common,
    ]  # fmt: skip
    explorer, _ = asked["webapp deploy --resource-group"]
    assert explorer == [
        "webapp", "deploy", *GROUP, "app-1", "--src-path", str(inputs.explorer), "--type", "zip",
        "--async", "true", "--track-status", "true", *common,
    ]  # fmt: skip
    key, secret = asked["functionapp keys set"]
    assert key == [
        "functionapp", "keys", "set", *GROUP, "func-1", "--key-name", "explorer",
        "--key-type", "functionKeys", "--key-value", "@-", *common,
    ]  # fmt: skip
    assert secret == KEY


def test_a_release_that_was_interrupted_goes_on(
    run: Callable[..., None], known: StandInAz, data_account: BlobServiceClient
) -> None:
    known.fail("functionapp keys set", "(AuthorizationFailed) does not have authorization")
    with pytest.raises(AzureCliError, match="AuthorizationFailed"):
        run(*STORED)
    assert state(data_account)["models"] == {}, "later steps have not begun"
    run(*STORED)
    stored = {container: len(blobs) for container, blobs in state(data_account).items()}
    assert (stored["models"], stored["scenes"]) == (13, 6)


@pytest.mark.parametrize(
    ("step", "command", "said"),
    [
        ("key", "functionapp keys", "Encountered an error (ServiceUnavailable) from host runtime."),
        ("explorer", "webapp deploy", "Deployment has been stopped due to SCM container restart."),
        ("code", "functionapp deploy", "An error occurred during deployment. Status Code: 403, "),
        ("code", "functionapp deploy", "An error occurred during deployment. Status Code: 503, "),
        ("code", "functionapp deploy", "This API isn't available in this environment yet!"),
        ("code", "functionapp deploy", "Another deployment is in progress. Please wait until"),
        ("code", "functionapp deploy",
         "Zip deployment failed. {'status': 3, 'status_text': 'InaccessibleStorageException: "
         "BlobUploadFailedException: 403 (This request is not authorized to perform this "
         "operation using this permission.)'}. Please run the command"),
    ],
)  # fmt: skip
def test_what_passes_is_waited_for(
    run: Callable[..., None], known: StandInAz, step: str, command: str, said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    known.fail(command, said)
    run(step)
    assert "trying again in" in capsys.readouterr().out


@pytest.mark.parametrize(
    "said",
    [
        "An error occurred during deployment. Status Code: 413, Details: too large",
        "Zip deployment failed. {'status': 3, 'status_text': 'Package is no zip.'}",
        "Timeout reached by the command, however, the deployment operation is still on-going.",
    ],
)
def test_what_does_not_pass_ends_the_release(
    run: Callable[..., None], known: StandInAz, said: str
) -> None:
    known.fail("functionapp deploy", said)
    with pytest.raises(AzureCliError, match=re.escape(said)):
        run("code")


def test_a_public_demo_gets_no_scenes_of_ones_own(
    run: Callable[..., None], inputs: Inputs, known: StandInAz, data_account: BlobServiceClient,
    synthetic_scenes: Path,
) -> None:  # fmt: skip
    public = replace(OUTPUTS, api_access="anonymous")
    own = replace(inputs, scenes=synthetic_scenes)
    with pytest.raises(ReleaseError, match=r"public demo.* is not uploaded.*without PUBLIC_DEMO"):
        run("model", "scenes", to=public, files=own)
    assert state(data_account)["models"] == {}, "said before anything is done"
    run("scenes", to=public)
    scenes = data_account.get_container_client("scenes")
    scenes.upload_blob("photos/val/ulm/ulm_0.png", b"")
    for only, skip in (["scenes"], []), (["code"], []), ([], ["scenes"]):
        with pytest.raises(ReleaseError, match=r"public demo.*others than the drawn ones"):
            run(*only, to=public, skip=skip)
    assert not [command for command, _ in known.asked if "deploy" in command]
    assert state(data_account)["models"] == {}
    run("code", to=public, dry=True)
    run("scenes", files=own)


def test_what_is_missing_is_said_before_anything_is_done(
    run: Callable[..., None], inputs: Inputs, known: StandInAz
) -> None:
    known.answer("webapp config appsettings list", None)
    with pytest.raises(ReleaseError, match=r"app-1 has no API_KEY .*openssl rand -hex 32"):
        run()
    for zipped in inputs.explorer, inputs.package:
        zipped.unlink()
        with pytest.raises(ReleaseError, match=rf"{zipped.name} is not there: make package"):
            run()
    bare = replace(OUTPUTS, explorer_app_name="", static_site_url="")
    with pytest.raises(ReleaseError, match="this deployment has no explorer, site"):
        run("site", "code", "explorer", to=bare)
    assert {words for command, _ in known.asked for words in command[:2]} == {"webapp", "config"}


def test_a_dry_run_names_steps_and_does_nothing(
    run: Callable[..., None], known: StandInAz, capsys: pytest.CaptureFixture[str]
) -> None:
    def steps(*only: str, **options: Any) -> tuple[list[str], str]:
        run(*only, dry=True, **options)
        said = capsys.readouterr().out
        return [line.split()[0] for line in said.splitlines()], said

    names, said = steps()
    assert names == list(STEPS)
    for name in ("func-1", "app-1", "https://stdata1.blob.example/$web", OUTPUTS.api_base_url):
        assert name in said
    assert known.asked == []
    assert steps("model", "smoke")[0] == ["model", "smoke"]
    # What azd leaves to a release, of a deployment that has neither key nor site.
    entra = replace(OUTPUTS, api_access="entra", static_site_url="")
    names, _ = steps(to=entra, skip=["code", "explorer"])
    assert names == ["sign-in", "model", "scenes", "smoke"]


LOGINS = {"key": {"x-functions-key": KEY}, "entra": {"authorization": "Bearer a-token"},
          "anonymous": dict[str, str]()}  # fmt: skip


@pytest.mark.parametrize("callers", LOGINS)
def test_the_smoke_test_calls_as_callers_do(
    service_url: str, queue_worker: None, run: Callable[..., None], known: StandInAz, callers: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(release, "SMOKE_WAIT", 0)
    with serving_broken(service_url) as guarded:
        outputs = replace(
            OUTPUTS, api_base_url=guarded.url, api_access=callers, api_auth_client_id="id-1",
            explorer_app_name="", explorer_url="", static_site_url="",
        )  # fmt: skip
        guarded.login = LOGINS[callers]
        run("smoke", to=outputs)
        asked = [command for command, _ in known.asked]
        if callers == "key":
            assert asked[0][:6] == ["functionapp", "keys", "list", *GROUP[:2], "--name"]
        assert any("api://id-1" in command for command in asked) == (callers == "entra")
        guarded.login = {"x-functions-key": "another"}
        with pytest.raises(SmokeError, match=r"^Prediction: .* 401"):
            run("smoke", to=outputs)


def test_a_token_that_is_refused_says_who_must_be_admitted(
    run: Callable[..., None], known: StandInAz
) -> None:
    # As azure-cli's aad_error_handler ends every refusal of Entra.
    login = "Run the command below to authenticate interactively; ...:\naz logout\naz login"
    known.fail("account get-access-token", f"AADSTS65001: has not consented\n{login}")
    outputs = replace(OUTPUTS, api_access="entra", api_auth_client_id="id-1")
    with pytest.raises(ReleaseError, match=r"AADSTS65001(.|\n)*apiCallerClientIds"):
        run("smoke", to=outputs)
