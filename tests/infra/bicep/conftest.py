"""Templates are compiled once per parameter set, by one compiler that stays warm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import check
from tests.infra.bicep.compiler import Compiler, copy_templates, write_parameters
from tests.infra.bicep.deployment import Deployment
from tests.infra.bicep.parameter_sets import FILES, SETS


@pytest.fixture(scope="session")
def compiler() -> Iterator[Compiler]:
    program = check.find_bicep()
    if program is None:
        pytest.skip(f"there is no Bicep compiler: {check.INSTALL}")
    compiler = Compiler(program)
    yield compiler
    compiler.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def deployments(compiler: Compiler, templates: Path) -> dict[str, Deployment]:
    """What each parameter file and each parameter set would deploy."""
    return snapshots(compiler, templates, [*FILES, *SETS])


def snapshots(compiler: Compiler, templates: Path, names: list[str]) -> dict[str, Deployment]:
    files = {name: templates / f"{name}.bicepparam" for name in names}
    for name in SETS.keys() & files.keys():
        write_parameters(files[name], SETS[name])
    return {name: compiler.snapshot(file) for name, file in files.items()}
