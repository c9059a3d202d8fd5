"""What each parameter set deploys, word for word: a review sees what a change of a template does.

Renew: RENEW_GOLDEN=1 python -m pytest tests/infra/bicep/test_golden.py
"""

import difflib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import IN_CI, PROJECT
from tests.infra.bicep.deployment import Deployment
from tests.infra.bicep.parameter_sets import PARAMETER_SETS

GOLDEN = Path(__file__).with_name("golden")
RENEW = "RENEW_GOLDEN=1 python -m pytest tests/infra/bicep/test_golden.py"
SUBSCRIPTION = re.compile(r"/subscriptions/[0-9-]+(/resourceGroups/[\w-]+)?/providers/")


def readable(of: Deployment) -> str:
    """JSON with a resource's type and name as its key; ids without subscription and group."""
    resources = {}
    for resource in of.resources:
        place = f" on {of.short(resource['scope'])}" if "scope" in resource else ""
        shown = {k: v for k, v in resource.items() if k not in ("id", "type", "name")}
        resources[f"{resource['type']} {resource['name']}{place}"] = shown
    assert len(resources) == len(of.resources), "two resources of one name"
    text = json.dumps({"outputs": of.outputs, "resources": resources}, indent=1)
    return SUBSCRIPTION.sub("", text) + "\n"


@pytest.mark.parametrize("name", PARAMETER_SETS)
def test_what_is_deployed_is_what_was_reviewed(
    name: str, deployments: Callable[[str], Deployment]
) -> None:
    path = GOLDEN / f"{name}.json"
    now = readable(deployments(name))
    if os.environ.get("RENEW_GOLDEN") and not IN_CI:
        path.write_text(now)
    kept = path.read_text() if path.exists() else ""
    changes = difflib.unified_diff(
        kept.splitlines(), now.splitlines(), "reviewed", "now", n=3, lineterm=""
    )
    shown = "\n".join(changes)
    assert not shown, f"{shown}\n\nIf that is what you want to deploy: {RENEW}"


def test_no_snapshot_is_left_of_a_parameter_set_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.glob("*")} == set(PARAMETER_SETS)


def test_snapshots_come_out_the_same_elsewhere() -> None:
    for path in GOLDEN.glob("*.json"):
        assert str(PROJECT) not in path.read_text(), path.name
