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

OPAQUE = '[data-stale="true"] { opacity: 1 !important; transition: none !important; }'
"""Streamlit dims for a moment what it is about to draw anew; that is not what readers read."""

STILL = "() => document.getAnimations().every(a => a.effect.getTiming().iterations === Infinity)"
"""Whether nothing moves but what never ends, such as a spinner."""


def check(page: "Page") -> None:
    """Fail if axe finds fault with the page, once nothing fades in or out."""
    style = page.add_style_tag(content=OPAQUE)
    page.wait_for_function(STILL)
    found = AXE.run(page, options=OPTIONS)
    style.evaluate("element => element.remove()")
    assert not found.violations_count, found.generate_report()
