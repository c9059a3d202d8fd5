"""Types, properties, enums, ranges, modules: what the compiler's type system would say."""

from pathlib import Path

import pytest

from tests.infra.bicep import bicep_check

FILES = sorted(bicep_check.TEMPLATES.glob("*.bicep*"))


def test_there_is_something_to_check() -> None:
    assert {"main.bicep", "main.bicepparam", "prod.bicepparam"} <= {file.name for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_bicep_check_finds_nothing(file: Path) -> None:
    said = bicep_check.check(file)
    assert bicep_check.is_clean(said), said


def test_every_module_is_used() -> None:
    said = bicep_check.check(bicep_check.TEMPLATES / "main.bicep")
    templates = list(bicep_check.TEMPLATES.rglob("*.bicep"))
    assert said.startswith(f"{len(templates)} files, "), said
