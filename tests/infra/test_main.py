"""The command as an operator types it, and as azd runs it."""

import subprocess

import yaml

from infra.__main__ import main
from tests.conftest import PROJECT
from tests.helpers.commands import run_command
from tests.infra.standins import StandInAz
from tests.infra.test_azure_cli import VALUES, deployed


def test_the_command_as_an_operator_types_it(az: StandInAz) -> None:
    deployed(az, VALUES)
    ended = run_command(main, "release", "fvs-1", "--dry-run", "--package", "old.zip")
    assert (ended.status, ended.stderr) == (0, "")
    assert "Deploying the code: old.zip to func-1" in ended.stdout
    ended = run_command(main, "release", "fvs-1", "--only", "code", "--package", "old.zip")
    assert ended.status == 1
    assert ended.stderr == "\nerror: old.zip is not there: make package\n"
    ended = run_command(main, "release", "fvs-1", "--only", "code,sites")
    assert ended.status == 2
    assert "sites: choose from code,explorer," in ended.stderr


def test_names_come_as_variables_of_a_shell(az: StandInAz) -> None:
    deployed(az, VALUES)
    ended = run_command(main, "outputs", "fvs-1")
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
        "predeploy": "-m local package", "postdeploy": "-m infra release --skip code,explorer",
    }.items():  # fmt: skip
        (hook,) = document["hooks"][name].values()
        make, target = hook["run"].split()
        planned = subprocess.run(
            [make, "--dry-run", target], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        assert part in planned.stdout
