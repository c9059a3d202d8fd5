"""What a machine can tell of WCAG 2.1, levels A and AA, by axe-core."""

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Axe()
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
}


def check(page: "Page") -> None:
    """Fail if axe finds fault with the page."""
    found = AXE.run(page, options=OPTIONS)
    assert not found.violations_count, found.generate_report()
