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


def test_every_environment_gets_its_identity(
    az: StandInAz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$*" >> "{tmp_path}/gh.log"\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{tmp_path}:/usr/bin:/bin")
    names = ("fvs-dev", "fvs-prod", "fvs-dev-preview")
    identities = [{"environment": name, "clientId": f"id-{name}"} for name in names]
    az.answer("deployment sub create --name fvs-github --location swedencentral", identities)
    az.answer("account show", {"tenant": "tenant-1", "subscription": "subscription-1"})
    ended = run("owner/name", "swedencentral", "owner@1/name@2")
    assert (ended.returncode, ended.stderr) == (0, "")
    done = (tmp_path / "gh.log").read_text()
    for name in names:
        assert f"environments/{name}\n" in done
        assert f"AZURE_CLIENT_ID --repo owner/name --env {name} --body id-{name}\n" in done
    assert "OIDC_REPOSITORY --repo owner/name --body owner@1/name@2\n" in done
    assert "AZURE_TENANT_ID --repo owner/name --body tenant-1\n" in done
    assert "AZURE_SUBSCRIPTION_ID --repo owner/name --body subscription-1\n" in done


def test_a_failing_deployment_changes_nothing_at_github(
    az: StandInAz, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/bin:/bin")
    az.fail("deployment sub create", "AuthorizationFailed")
    assert run("owner/name", "swedencentral").returncode != 0
