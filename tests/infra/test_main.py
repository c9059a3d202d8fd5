"""The command as an operator types it, and as azd runs it."""

import os
import re
import subprocess
import sys

import yaml

from infra.release import STEPS
from tests.conftest import PROJECT
from tests.infra.standins import StandInAz
from tests.infra.test_azure_cli import VALUES, deployed


def run_command(*arguments: str, command: str = "release") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra", command, *arguments],
        cwd=PROJECT, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_command_as_an_operator_types_it(az: StandInAz) -> None:
    deployed(az, VALUES)
    ended = run_command("fvs-1", "--dry-run", "--package", "old.zip")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Deploying the code: old.zip to func-1" in ended.stdout
    ended = run_command("fvs-1", "--only", "code", "--package", "old.zip")
    assert ended.returncode == 1
    assert ended.stderr == "\nerror: old.zip is not there: make package\n"
    ended = run_command("fvs-1", "--only", "code,sites")
    assert ended.returncode == 2
    assert "sites: choose from code,explorer," in ended.stderr


def test_names_come_as_variables_of_a_shell(az: StandInAz) -> None:
    deployed(az, VALUES)
    ended = run_command("fvs-1", command="outputs")
    assert ended.stdout == "GROUP=rg-1\nAPI=func-1\nEXPLORER=app-1\nDATA=stdata1\nTOKEN=1\n"


def test_azd_provisions_deploys_and_then_fills() -> None:
    document = yaml.safe_load((PROJECT / "azure.yaml").read_text())
    assert (PROJECT / document["infra"]["path"] / "main.bicep").is_file()
    templates = PROJECT / "infra" / "bicep" / "modules"
    for name, service in document["services"].items():
        (module,) = (
            path
            for path in templates.glob("*.bicep")
            if f"'azd-service-name': '{name}'" in path.read_text()
        )
        assert module.stem == name
        assert service["language"] == "python"
    assert document["services"]["api"]["remoteBuild"] is False, "as it was tested"
    assert document["workflows"]["up"]["steps"] == [{"azd": "provision"}, {"azd": "deploy --all"}]
    for name, part in {
        "preprovision": "-m infra prepare", "prepackage": "zipfile -e dist/$name.zip dist/$name",
        "predeploy": "-m local package", "postdeploy": "-m infra release --only key,sign-in,model",
    }.items():  # fmt: skip
        (hook,) = document["hooks"][name].values()
        make, target = hook["run"].split()
        planned = subprocess.run(
            [make, "--dry-run", target], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        assert part in planned.stdout
    only = re.search(r"release --only (\S+)", planned.stdout)
    assert only
    assert set(STEPS) - set(only[1].split(",")) == {"code", "explorer"}, "azd deploys these"
