"""Checkov's own policies for Azure, on the evaluated templates of every parameter set.

Checkov drags in a hundred libraries, so it has an environment of its own: `make infra-tools`.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.infra.bicep import bicep_check
from tests.infra.bicep.deployment import Deployment
from tests.infra.bicep.parameter_sets import PARAMETER_SETS

pytestmark = pytest.mark.checkov


@pytest.fixture(scope="session")
def checkov() -> str:
    """The command: named by CHECKOV, of .venv-tools, or on the path."""
    own = PROJECT / ".venv-tools" / "bin" / "checkov"
    found = os.environ.get("CHECKOV") or shutil.which(own) or shutil.which("checkov")
    if not found:
        pytest.skip("there is no checkov; install it with: make infra-tools")
    return found


@pytest.fixture(scope="session")
def report(
    checkov: str,
    deployments: Callable[[str], Deployment],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What Checkov says of all parameter sets, of an unsafe account, and of half a file."""
    folder = tmp_path_factory.mktemp("arm")
    for name in PARAMETER_SETS:
        arm = json.dumps(bicep_check.arm(deployments(name).evaluated))
        (folder / f"{name}.json").write_text(arm)
    https = '"supportsHttpsTrafficOnly": '
    (folder / "unsafe.json").write_text(arm.replace(f"{https}true", f"{https}false"))
    (folder / "half.json").write_text(arm[: len(arm) // 2])
    config = PROJECT / ".checkov.yaml"
    ended = subprocess.run(
        [checkov, "--config-file", config, "--directory", folder, "--output", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


def complaints(report: dict[str, Any], *names: str) -> list[str]:
    """What is wrong with files. Checkov itself is content with those that it could not read."""
    results = report.get("results", {})
    passed = {Path(check["file_path"]).name for check in results.get("passed_checks", [])}
    unread = {Path(path).name for path in results.get("parsing_errors", [])}
    failed = [
        f"{check['check_id']} {check['check_name']}: {check['resource']}"
        for check in results.get("failed_checks", [])
        if Path(check["file_path"]).name in names
    ]
    return failed + [
        f"{name} was not read" for name in names if name in unread or name not in passed
    ]


@pytest.mark.parametrize("name", PARAMETER_SETS)
def test_checkov_finds_nothing(name: str, report: dict[str, Any]) -> None:
    assert complaints(report, f"{name}.json") == []


def test_checkov_finds_accounts_that_take_plain_http(report: dict[str, Any]) -> None:
    found = complaints(report, "unsafe.json")
    assert [line.split()[0] for line in found] == ["CKV_AZURE_3"] * 2


@pytest.mark.parametrize("name", ["half.json", "absent.json"])
def test_what_checkov_cannot_read_is_noticed(name: str, report: dict[str, Any]) -> None:
    assert complaints(report, name) == [f"{name} was not read"]
