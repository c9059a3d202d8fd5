"""Checkov's own policies for Azure, on what every parameter set would deploy.

Checkov has a hundred dependencies, so it has an environment of its own: `make infra-tools`.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.infra.bicep.deployment import Deployment
from tests.infra.bicep.parameter_sets import FILES, SETS

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


@pytest.fixture(scope="session")
def checkov() -> str:
    found = shutil.which(PROJECT / ".venv-tools" / "bin" / "checkov") or shutil.which("checkov")
    if not found:
        pytest.skip("there is no checkov; install it with: make infra-tools")
    return found


@pytest.fixture(scope="session")
def report(
    checkov: str, deployments: dict[str, Deployment], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What Checkov says of all parameter sets, of unsafe accounts, and of half a file."""
    folder = tmp_path_factory.mktemp("arm")
    for name, of in deployments.items():
        template = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": of.resources}
        (folder / f"{name}.json").write_text(text := json.dumps(template))
    https = '"supportsHttpsTrafficOnly": '
    (folder / "unsafe.json").write_text(text.replace(f"{https}true", f"{https}false"))
    (folder / "half.json").write_text(text[: len(text) // 2])
    ended = subprocess.run(
        [checkov, "--config-file", PROJECT / ".checkov.yaml", "-d", folder, "-o", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


def complaints(report: dict[str, Any], name: str) -> list[str]:
    """What is wrong with a file. Checkov itself is content with what it could not read."""
    results = report["results"]
    passed = {Path(check["file_path"]).name for check in results["passed_checks"]}
    failed = [
        f"{check['check_id']} {check['check_name']}: {check['resource']}"
        for check in results["failed_checks"]
        if Path(check["file_path"]).name == name
    ]
    return failed if name in passed else [*failed, f"{name} was not read"]


@pytest.mark.parametrize("name", [*FILES, *SETS])
def test_checkov_finds_nothing(name: str, report: dict[str, Any]) -> None:
    assert complaints(report, f"{name}.json") == []


def test_checkov_would_find_something(report: dict[str, Any]) -> None:
    found = complaints(report, "unsafe.json")
    assert [line.split()[0] for line in found] == ["CKV_AZURE_3"] * 2
    assert complaints(report, "half.json") == ["half.json was not read"]
