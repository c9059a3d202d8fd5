"""The real compiler and linter say nothing, and what would be deployed keeps every rule."""

import inspect
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import check
from tests.infra.bicep import policies, policies_storage
from tests.infra.bicep.compiler import Compiler, copy_templates, write_parameters
from tests.infra.bicep.conftest import snapshots
from tests.infra.bicep.deployment import ROLE, Deployment
from tests.infra.bicep.parameter_sets import DEFAULTS, FILES, REFUSED, SETS

POLICIES: dict[str, policies.Policy] = {
    name: function
    for module in (policies, policies_storage)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if inspect.signature(function).return_annotation == Iterator[str] and name[0] != "_"
    and next(iter(inspect.signature(function).parameters)) == "of"
}  # fmt: skip
GIVEN = {name: DEFAULTS | given for name, given in {**FILES, **SETS}.items()}
MISTAKES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("mistakes.toml").read_text()
)
ROUNDS = sorted({mistake.get("round", 1) for mistake in MISTAKES.values()})


# Few tests that do much: each process of pytest-xdist that takes one starts a compiler of its own.


def test_compiler_and_linter_say_nothing(compiler: Compiler) -> None:
    files = [*check.TEMPLATES.glob("*.bicep"), *check.TEMPLATES.glob("*.bicepparam")]
    assert len(files) == 5
    assert [said for file in files for said in compiler.diagnostics(file)] == []


def test_what_is_deployed(compiler: Compiler, deployments: dict[str, Deployment]) -> None:
    broken = {
        f"{policy}, {name}": found
        for policy, function in POLICIES.items()
        for name, of in deployments.items()
        if (found := list(function(of, GIVEN[name])))
    }
    assert broken == {}
    unseen = {name: of.snapshot["diagnostics"] for name, of in deployments.items()}
    assert not any(unseen.values()), f"what-if would not see everything: {unseen}"
    assert len(deployments["prod"].of(ROLE)) == 14
    # The same as `bicep snapshot --mode validate`; renewed by `python -m infra check --renew`.
    for name in check.SNAPSHOTS:
        kept = (check.TEMPLATES / name).with_suffix(".snapshot.json").read_text()
        assert compiler.snapshot(check.TEMPLATES / name).snapshot == json.loads(kept), name


def test_the_api_asks_for_a_key_until_sign_in_is_on(compiler: Compiler) -> None:
    resources = compiler.template(check.TEMPLATES / "modules" / "api.bicep")["resources"]
    (settings,) = (each for each in resources.values() if each["name"].endswith("'appsettings')]"))
    assert "app::auth" in settings["dependsOn"]


def test_names_fit_for_short_and_long_environments(compiler: Compiler, templates: Path) -> None:
    for name in "d", "e" * 40, "Team_A.dev-2":
        given = SETS["private"] | {"environmentName": name}
        of = compiler.snapshot(write_parameters(templates / "named.bicepparam", given))
        policy = policies_storage.names_tags_and_outputs_are_found
        assert list(policy(of, DEFAULTS | given)) == []


def test_what_is_missing_stops_the_deployment(compiler: Compiler, templates: Path) -> None:
    for name, (given, said) in REFUSED.items():
        file = write_parameters(templates / "refused.bicepparam", given)
        with pytest.raises(AssertionError) as refused:
            compiler.snapshot(file)
        assert re.search(said, str(refused.value)), (name, refused.value)


def test_secrets_are_secure_and_the_day_changes_nothing() -> None:
    for path in check.TEMPLATES.rglob("*.bicep"):
        lines = path.read_text().splitlines()
        for above, line in zip(["", *lines], lines, strict=False):
            if line.startswith("param ") and line.split()[1].lower().endswith(("key", "secret")):
                assert above == "@secure()", f"{path.name}: {line}"
            assert "utcNow" not in line, f"{path.name}: the day of a deployment changes nothing"
            assert not policies.KEYS.search(line), f"{path.name}: {line}"


@pytest.fixture(scope="module", params=ROUNDS)
def mistaken(
    request: pytest.FixtureRequest, compiler: Compiler, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, dict[str, list[str]]]:
    """Findings in a copy of the templates with all mistakes of a round, by policy or "compiler".

    One copy for many mistakes, since a copy takes seconds; none touches what another one breaks.
    """
    folder = copy_templates(tmp_path_factory.mktemp("mistaken"))
    made = {name: m for name, m in MISTAKES.items() if m.get("round", 1) == request.param}
    for name, mistake in made.items():
        path = folder / mistake["file"]
        text = path.read_text()
        assert text.count(mistake["old"]) == 1, f"{name}: look for {mistake['old']!r}"
        path.write_text(text.replace(mistake["old"], mistake["new"]))
    found: dict[str, list[str]] = defaultdict(list)
    if all(mistake["caught_by"] == "compiler" for mistake in made.values()):
        for file in "main.bicep", "prod.bicepparam":
            found["compiler"] += compiler.diagnostics(folder / file)
        return request.param, found
    wanted = sorted({mistake.get("set", "prod") for mistake in made.values()})
    for name, of in snapshots(compiler, folder, wanted).items():
        for policy, function in POLICIES.items():
            found[policy] += _findings(function, of, GIVEN[name])
    return request.param, found


def _findings(policy: policies.Policy, of: Deployment, given: dict[str, Any]) -> list[str]:
    found = []
    try:
        found.extend(policy(of, given))
    except (KeyError, ValueError) as error:
        found.append(f"missing: {error}")
    return found


def test_mistakes_are_caught(mistaken: tuple[int, dict[str, list[str]]]) -> None:
    number, found = mistaken
    made = {name: m for name, m in MISTAKES.items() if m.get("round", 1) == number}
    missed = {
        name: found[mistake["caught_by"]]
        for name, mistake in made.items()
        if not any(mistake["says"] in finding for finding in found[mistake["caught_by"]])
    }
    assert missed == {}


def test_every_policy_catches_a_mistake() -> None:
    assert set(POLICIES) | {"compiler"} == {mistake["caught_by"] for mistake in MISTAKES.values()}
    assert len(MISTAKES) >= 40
