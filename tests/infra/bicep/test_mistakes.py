"""Each mistake, made in a copy of the real templates, is caught by what is meant to catch it."""

import shutil
import tomllib
from pathlib import Path

import pytest

from tests.infra.bicep import bicep_check
from tests.infra.bicep.deployment import deployment
from tests.infra.bicep.parameter_sets import PARAMETER_SETS
from tests.infra.bicep.policies import POLICIES, SOURCE_POLICIES

MISTAKES = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text())


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_is_caught(name: str, tmp_path: Path) -> None:
    mistake = MISTAKES[name]
    folder = tmp_path / "bicep"
    shutil.copytree(bicep_check.TEMPLATES, folder)
    path = folder / mistake["file"]
    text = path.read_text()
    assert text.count(mistake["old"]) == 1, (
        f"{mistake['file']} has changed: look for {mistake['old']!r}"
    )
    path.write_text(text.replace(mistake["old"], mistake["new"]))
    assert breaks(mistake["caught_by"], folder)


def test_every_policy_catches_a_mistake() -> None:
    assert POLICIES.keys() | SOURCE_POLICIES.keys() <= {m["caught_by"] for m in MISTAKES.values()}


def breaks(rule: str, folder: Path) -> bool:
    if rule in SOURCE_POLICIES:
        return bool(list(SOURCE_POLICIES[rule](folder)))
    if rule in POLICIES:
        every = (deployment(wanted, folder) for wanted in PARAMETER_SETS.values())
        return any(list(POLICIES[rule](of)) for of in every)
    return f" {rule}: " in bicep_check.check(*folder.glob("*.bicepparam"))
