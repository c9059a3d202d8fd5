"""The script that lets workflows log in, against stand-ins of az and gh."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.infra.standins import StandInAz

SCRIPT = PROJECT / "infra" / "github.sh"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", SCRIPT, *arguments], capture_output=True, text=True, check=False
    )


GH = r"""#!/bin/sh
echo "gh $*" >> "{log}"
[ "$2 $3" = "variable set" ] && exit
case "$*" in
  *--method*) ;;
  *environments/{there}\ *) echo '{policy}' ;;
  *environments/*) echo "gh: Not Found (HTTP 404)" >&2; exit 1 ;;
esac
"""
NAMES = ("fvs-dev", "fvs-prod", "fvs-dev-preview")


class Steps:
    """What the script did at GitHub and in Azure, in order; all environments are new."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._log = folder, folder / "log"
        self.has_environment("none", "")
        az = folder / "az folder" / "az"
        (folder / "az folder" / "az-asked").write_text(az.read_text())
        (folder / "az folder" / "az-asked").chmod(0o755)
        az.write_text(f'#!/bin/sh\necho "az $*" >> "{self._log}"\nexec "$0-asked" "$@"\n')

    def has_environment(self, name: str, policy: str) -> None:
        gh = self._folder / "gh"
        gh.write_text(GH.format(log=self._log, there=name, policy=policy))
        gh.chmod(0o755)

    def lines(self) -> list[str]:
        return self._log.read_text().splitlines()


@pytest.fixture
def steps(az: StandInAz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("ENVIRONMENTS", raising=False)
    identities = [{"environment": name, "clientId": f"id-{name}"} for name in NAMES]
    az.answer("deployment sub create --name fvs-github --location swedencentral", identities)
    az.answer("account show", {"tenant": "tenant-1", "subscription": "subscription-1"})
    return Steps(tmp_path)


def test_every_environment_gets_its_identity(steps: Steps) -> None:
    ended = run("owner/name", "swedencentral", "owner@1/name@2")
    assert (ended.returncode, ended.stderr) == (0, "")
    done = steps.lines()
    for name in NAMES:
        for variable, value in (
            ("AZURE_CLIENT_ID", f"id-{name}"),
            ("AZURE_SUBSCRIPTION_ID", "subscription-1"),
            ("AZURE_LOCATION", "swedencentral"),
        ):
            where = f"--repo owner/name --env {name}"
            assert f"gh variable set {variable} {where} --body {value}" in done
    assert "gh variable set OIDC_REPOSITORY --repo owner/name --body owner@1/name@2" in done
    assert done[-1] == "gh variable set AZURE_TENANT_ID --repo owner/name --body tenant-1"


def test_environments_are_protected_before_their_identities_are_trusted(steps: Steps) -> None:
    assert run("owner/name", "swedencentral").returncode == 0
    done = steps.lines()
    before = done[: next(i for i, line in enumerate(done) if line.startswith("az deployment"))]
    changed = [line for line in done if "--method" in line]
    assert [line for line in before if "--method" in line] == changed
    custom = "-F deployment_branch_policy[protected_branches]=false"
    custom += " -F deployment_branch_policy[custom_branch_policies]=true"
    expected = []
    for name, allowed in (
        ("fvs-dev", ["branch main"]),
        ("fvs-dev-models", ["branch main"]),
        ("fvs-prod", ["branch main", "tag v*"]),
        ("fvs-prod-models", ["branch main"]),
    ):
        path = f"repos/owner/name/environments/{name}"
        expected.append(f"gh api --silent --method PUT {path} {custom}")
        for kind, pattern in map(str.split, allowed):
            post = f"gh api --silent --method POST {path}/deployment-branch-policies"
            expected.append(f"{post} -f type={kind} -f name={pattern}")
    preview = "repos/owner/name/environments/fvs-dev-preview"
    assert changed == [*expected, f"gh api --silent --method PUT {preview}"]


def test_an_environment_that_is_there_keeps_its_protection(steps: Steps) -> None:
    steps.has_environment("fvs-prod", '{"protected_branches":true}')
    assert run("owner/name", "swedencentral").returncode == 0
    assert not [line for line in steps.lines() if "--method" in line and "/fvs-prod " in line]
    assert [line for line in steps.lines() if "--method PUT" in line and "/fvs-dev " in line]


@pytest.mark.parametrize("refused", ["HTTP 403", "open"])
def test_nothing_is_trusted_that_is_open_or_cannot_be_looked_at(
    steps: Steps, tmp_path: Path, refused: str
) -> None:
    steps.has_environment("fvs-prod", "")
    if refused != "open":
        gh = (tmp_path / "gh").read_text()
        (tmp_path / "gh").write_text(gh.replace("Not Found (HTTP 404)", refused))
    ended = run("owner/name", "swedencentral")
    assert ended.returncode != 0
    assert refused in ended.stderr
    assert not [line for line in steps.lines() if line.startswith("az ")]


def test_a_subscription_for_production_alone(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENTS", "fvs-prod")
    assert run("owner/name", "swedencentral").returncode == 0
    made = {line.split("environments/")[1].split()[0] for line in steps.lines() if " PUT " in line}
    assert made == {"fvs-prod", "fvs-prod-models"}


def test_a_failing_deployment_sets_no_variable(steps: Steps, az: StandInAz) -> None:
    az.fail("deployment sub create", "AuthorizationFailed")
    assert run("owner/name", "swedencentral").returncode != 0
    assert not [line for line in steps.lines() if "variable set" in line]
