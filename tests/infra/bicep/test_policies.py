"""Every rule holds for every parameter set, and for the templates' text."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.infra.bicep import bicep_check
from tests.infra.bicep.deployment import Deployment, deployment
from tests.infra.bicep.parameter_sets import PARAMETER_SETS, ParameterSet
from tests.infra.bicep.policies import POLICIES, SOURCE_POLICIES
from tests.infra.bicep.policies.operations import names_fit, nothing_that_is_needed_is_missing


@pytest.mark.parametrize("name", PARAMETER_SETS)
@pytest.mark.parametrize("policy", POLICIES)
def test_deployments(policy: str, name: str, deployments: Callable[[str], Deployment]) -> None:
    assert list(POLICIES[policy](deployments(name))) == []


@pytest.mark.parametrize("policy", SOURCE_POLICIES)
def test_templates(policy: str) -> None:
    assert list(SOURCE_POLICIES[policy](bicep_check.TEMPLATES)) == []


@pytest.mark.parametrize("name", ["d", "e" * 40, "Team_A.dev-2"])
def test_names_fit_for_short_long_and_odd_environments(name: str) -> None:
    every = {"AZURE_ENV_NAME": name, "AZURE_LOCATION": "australiasoutheast"}
    for wanted in (PARAMETER_SETS["dev"], PARAMETER_SETS["publisher"], PARAMETER_SETS["private"]):
        longer = replace(wanted, name=name, environment={**wanted.environment, **every})
        assert list(names_fit(deployment(longer))) == []


@pytest.mark.parametrize(
    ("environment", "explorer", "missing"),
    [
        ({"API_CALLERS": "entra"}, True, "API_AUTH_CLIENT_ID"),
        ({"API_CALLERS": "entra", "API_AUTH_CLIENT_ID": "1"}, False, "API_CALLER_CLIENT_IDS"),
        ({"API_CALLERS": "key", "EXPLORER_API_KEY": ""}, True, "EXPLORER_API_KEY"),
    ],
)
def test_what_is_missing_stops_the_deployment_by_name(
    environment: dict[str, str], explorer: bool, missing: str
) -> None:
    parameters: dict[str, object] = {"explorer": explorer}
    evaluated = deployment(ParameterSet(environment=environment, parameters=parameters))
    reasons = set(nothing_that_is_needed_is_missing(evaluated))
    assert len(reasons) == 1
    assert missing in reasons.pop()
