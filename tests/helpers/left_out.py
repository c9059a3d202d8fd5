"""Marks tests by what they need, and lists at the end what a run left out.

Markers follow from the fixtures that a test uses, and from `SLOW`. Only `training`, for files that
import TensorFlow, is set by hand.
"""

from collections import Counter

import pytest

SLOW = (
    "tests/bench/test_commands.py::test_batches",
    "tests/docs/test_note.py",
    "tests/docs/test_slides.py",
    "tests/function_app/batches/test_killed_workers.py",
    "tests/function_app/http/test_fuzz_requests.py",
    "tests/function_app/http/test_hot_swap.py",
    "tests/function_app/vision/test_cpus.py",
    "tests/infra/test_release.py",
    "tests/local/test_demo.py",
    "tests/notebooks/test_pipeline.py",
    "tests/training/models/test_architectures.py",
    "tests/training/test_export.py",
    "tests/training/test_quantize.py",
    "tests/training/test_trainer.py",
)
"""Files, or beginnings of test ids, that take more than ten seconds on an idle machine."""

NEEDS = {
    "chromium": "browser",
    "azure_python": "azure_python",
    "checkov": "checkov",
    "shared_data": "data",
}
"""Marker by fixture."""

REASONS = {
    "browser": "needs Chromium",
    "azure_python": "needs a Python 3.13",
    "checkov": "needs Checkov",
    "data": "needs photographs that cannot be distributed",
    "slow": "needs more time",
}
"""What the list says of tests with a marker."""

_left_out: Counter[str] = Counter()


def mark(items: list[pytest.Item]) -> None:
    """Add the markers that follow from fixtures."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker("slow")
        for fixture in NEEDS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(NEEDS[fixture])


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        reason = next((name for name in REASONS if item.get_closest_marker(name)), "")
        _left_out[f"{item.location[0]}|{REASONS.get(reason, 'not chosen')}"] += 1


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
        terminalreporter.line(f"{count:4} {path}: {reason}")
