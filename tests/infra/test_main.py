"""The command as an operator types it, and as azd runs it."""

import os
import subprocess
import sys

import yaml

from tests.conftest import PROJECT
from tests.infra.standins import StandInAz
from tests.infra.test_azure_cli import VALUES


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra", "release", *arguments],
        cwd=PROJECT, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_command_as_an_operator_types_it(az: StandInAz) -> None:
    values = {name: {"value": value} for name, value in VALUES.items()}
    az.answer("deployment sub show --name fvs-1", {"state": "Succeeded", "outputs": values})
    ended = run_command("fvs-1", "--dry-run", "--package", "old.zip")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Deploying the code: old.zip to func-1" in ended.stdout
    ended = run_command("fvs-1", "--only", "code", "--package", "old.zip")
    assert ended.returncode == 1
    assert ended.stderr == "\nerror: old.zip is not there: make package\n"
    ended = run_command("fvs-1", "--only", "code,sites")
    assert ended.returncode == 2
    assert "sites: choose from code,explorer," in ended.stderr


def test_azd_provisions_and_releases() -> None:
    document = yaml.safe_load((PROJECT / "azure.yaml").read_text())
    assert (PROJECT / document["infra"]["path"] / "main.bicep").is_file()
    assert document["infra"]["module"] == "main"
    assert document["workflows"] == {"up": {"steps": [{"azd": "provision"}]}}
    assert "services" not in document, "what provisions deploys"
    (hook,) = document["hooks"]["postprovision"].values()
    make, target = hook["run"].split()
    planned = subprocess.run(
        [make, "--dry-run", target], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert "-m local package" in planned.stdout
    assert "-m infra release" in planned.stdout
