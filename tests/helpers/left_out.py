"""Marks tests by what they need, and lists at the end what a run left out.

A test gets these markers from the fixtures that it uses, so that none is forgotten. `slow` alone is
written by hand: on modules that take more than ten seconds on an idle machine.
"""

from collections import Counter

import pytest

NEEDS = {
    "chromium": "browser",
    "azure_python": "azure_python",
    "checkov": "checkov",
}
"""Marker by fixture."""

REASONS = {
    "browser": "Chromium",
    "azure_python": "a Python 3.13",
    "checkov": "Checkov",
    "slow": "more time",
}
"""What tests with a marker need."""

_left_out: Counter[str] = Counter()


def mark(items: list[pytest.Item]) -> None:
    """Add the markers that follow from fixtures."""
    for item in items:
        for fixture in NEEDS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(NEEDS[fixture])


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        reason = next((name for name in REASONS if item.get_closest_marker(name)), "")
        _left_out[f"{item.location[0]}|{REASONS.get(reason, 'to be chosen')}"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of pytest-xdist tells the one that started it; all have left out the same."""
    if output := getattr(session.config, "workeroutput", None):
        output["left_out"] = dict(_left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    _left_out.update(
        {
            key: count
            for key, count in getattr(node, "workeroutput", {}).get("left_out", {}).items()
            if key not in _left_out
        }
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not (_left_out and terminalreporter.config.option.markexpr):
        return
    terminalreporter.section("left out; `make test-all` runs them", sep="=")
    for key, count in sorted(_left_out.items()):
        path, reason = key.split("|")
        terminalreporter.line(f"{count:4} {path}: need {reason}")
