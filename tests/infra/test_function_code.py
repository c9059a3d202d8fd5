"""One Deploy against a stand-in of the deployment site."""

from pathlib import Path

import pytest

from infra import function_code
from infra.azure_cli import AzureCli
from infra.errors import ReleaseError
from infra.function_code import deploy_code
from tests.infra.standins import StandInAz, StandInSite

NO_ROLE = (
    "InaccessibleStorageException: Failed to access storage account for deployment: "
    "BlobUploadFailedException: Response status code does not indicate success: 403 (This request "
    "is not authorized to perform this operation using this permission.)."
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "function_app.zip"
    path.write_bytes(bytes(range(256)) * 1000)
    return path


def deploy(az: StandInAz, site: StandInSite, package: Path) -> list[tuple[int, int]]:
    az.answer("resource show --resource-type Microsoft.Web/sites", site.host)
    seen: list[tuple[int, int]] = []
    deploy_code(AzureCli(), "rg-1", "func-1", package, lambda *state: seen.append(state))
    return seen


def test_the_package_arrives_as_it_is_and_is_followed(
    az: StandInAz, site: StandInSite, package: Path
) -> None:
    seen = deploy(az, site, package)
    assert site.packages == [package.read_bytes()]
    assert seen[-1] == (256_000, 256_000)
    assert len(seen) > 2, "progress is shown"
    assert site.asked[0].startswith("POST /api/publish?RemoteBuild=false&")
    deployment = "GET /api/deployments/6f1cb1d2-0a4f-4d8e-9c53-3f5f5f0c2a11"
    assert site.asked[1:] == [deployment] * 3
    assert site.tokens == {"Bearer a-token"}
    (show, token) = (command for command, _ in az.asked)
    assert show[:2] == ["resource", "show"]
    assert {"rg-1", "func-1"} <= set(show)
    assert "https://appservice.azure.com" in token


@pytest.mark.parametrize(
    "refusal",
    [(400, NO_ROLE), (403, ""), (409, "There is a deployment currently in progress."), (503, "")],
)
def test_what_passes_is_waited_for(
    az: StandInAz,
    site: StandInSite,
    package: Path,
    refusal: tuple[int, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    site.refusals = [refusal, refusal]
    deploy(az, site, package)
    assert site.packages == [package.read_bytes()]
    assert capsys.readouterr().out.count("trying again in") == 2, "visibly"


def test_a_role_that_only_the_deployment_misses_is_waited_for(
    az: StandInAz, site: StandInSite, package: Path
) -> None:
    site.progress = [{"status": 3, "status_text": NO_ROLE}]
    az.answer("resource show", site.host)

    def mended(done: int, total: int) -> None:
        if len(site.packages) == 1:
            site.progress = [{"status": 4}]

    deploy_code(AzureCli(), "rg-1", "func-1", package, mended)
    assert len(site.packages) == 2


def test_what_does_not_pass_ends_the_release(
    az: StandInAz, site: StandInSite, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.refusals = [(413, "too large")]
    with pytest.raises(ReleaseError, match=r"answered 413 to function_app\.zip: too large"):
        deploy(az, site, package)
    site.progress = [{"status": 3, "status_text": "Package is no zip."}]
    with pytest.raises(ReleaseError, match=r"failed: Package is no zip\. .*Deployment log"):
        deploy(az, site, package)
    site.progress = [{"status": 1}]
    monkeypatch.setattr(function_code, "LONGEST", 0.1)
    with pytest.raises(ReleaseError, match=r"has not ended after .* minutes; last answer: 20"):
        deploy(az, site, package)
    site.progress = [{"http": 401}]
    with pytest.raises(ReleaseError, match=r"has not ended after .* minutes; last answer: 401"):
        deploy(az, site, package)
    az.answer("resource show", None)
    with pytest.raises(ReleaseError, match="func-1 names no address for deployments"):
        deploy_code(AzureCli(), "rg-1", "func-1", package, lambda *_: None)


def test_an_instance_that_makes_way_has_succeeded(
    az: StandInAz, site: StandInSite, package: Path
) -> None:
    site.progress = [{"status": 2}, {"http": 404}]
    deploy(az, site, package)


def test_a_role_that_never_comes_is_not_waited_for_for_ever(
    az: StandInAz, site: StandInSite, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.patience.LONGEST", 0.05)
    site.refusals = [(400, NO_ROLE)] * 1000
    with pytest.raises(
        ReleaseError, match=r"may not write .* role .* network rule\) yet \(waited 0 minutes\)"
    ):
        deploy(az, site, package)
