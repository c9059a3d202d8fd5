"""The page about deployment says what the templates and their commands say."""

import re

import pytest

from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "deployment.md").read_text()
MAIN = (PROJECT / "infra" / "bicep" / "main.bicep").read_text()
DEV = (PROJECT / "infra" / "bicep" / "main.bicepparam").read_text()

PARAMETER = re.compile(
    r"^param (\w+) [\w\[\]]+(?: = (\{.*?^\}|[^\n]+))?$", re.MULTILINE | re.DOTALL
)
ROW = re.compile(r"^\| `(\w+)` \| (required|`[^|]+`) \| (`\w+`)? *\| .+ \|$", re.MULTILINE)
DEFAULTS = {
    name: re.sub(r"\s+", " ", default) if default else "required"
    for name, default in PARAMETER.findall(MAIN)
}
VARIABLES = dict(re.findall(r"^param (\w+) = .*?readEnvironmentVariable\('(\w+)'", DEV, re.M))


def rows() -> dict[str, tuple[str, str]]:
    """Default and variable by parameter, as the page's table has them."""
    table = PAGE[PAGE.index("| parameter | default") :].partition("\n\n")[0]
    return {row[1]: (row[2].strip("`"), (row[3] or "").strip("`")) for row in ROW.finditer(table)}


def test_every_parameter_with_a_variable_is_in_the_table_and_nothing_else() -> None:
    assert list(rows()) == [name for name in DEFAULTS if name in VARIABLES]


@pytest.mark.parametrize("name", VARIABLES)
def test_the_table_has_its_default_and_its_variable(name: str) -> None:
    assert rows()[name] == (DEFAULTS[name], VARIABLES[name])


def test_every_alert_rule_has_its_paragraph() -> None:
    alerts = (PROJECT / "infra" / "bicep" / "modules" / "alerts.bicep").read_text()
    names = re.findall(r"^    name: '([\w-]+)'$", alerts, re.MULTILINE)
    assert len(names) == 6
    operations = (PROJECT / "docs" / "operations.md").read_text()
    assert set(re.findall(r"^### ([\w-]+)$", operations, re.MULTILINE)) == set(names)


def test_queries_that_operations_names_are_asked_on_the_other_page() -> None:
    docs = PROJECT / "docs"
    asked = (docs / "queries.kql").read_text().replace("\n// ", " ")
    operations = (docs / "operations.md").read_text()
    alerts = operations.partition("## When an alert comes")[2].partition("## Keys")[0]
    alerts = re.sub(r"```.*?```|`[^`]+`|\*\*", "", alerts, flags=re.DOTALL).replace("\n", " ")
    named = {name for name in re.findall(r"\*([^*]+)\*", alerts) if name.endswith("?")}
    assert len(named) >= 5
    for question in named:
        assert question.rstrip("?") in asked, question
