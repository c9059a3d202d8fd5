"""Templates are evaluated once per parameter set."""

from collections.abc import Callable
from functools import cache

import pytest

from tests.infra.bicep import bicep_check
from tests.infra.bicep.deployment import Deployment, deployment
from tests.infra.bicep.parameter_sets import PARAMETER_SETS


@pytest.fixture(autouse=True, scope="session")
def checker() -> None:
    """Skip where the checker is not: it holds Microsoft's resource types and is shared apart."""
    if not bicep_check.FOLDER.is_dir():
        pytest.skip(f"{bicep_check.FOLDER}, which checks and evaluates Bicep offline, is not here")


@pytest.fixture(scope="session")
def deployments(checker: None) -> Callable[[str], Deployment]:
    """The deployment of a parameter set, by its name."""
    return cache(lambda name: deployment(PARAMETER_SETS[name]))
