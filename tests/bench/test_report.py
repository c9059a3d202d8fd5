"""The page of numbers is the one that the stored numbers make."""

import re

from bench.report import BLOCKS, render
from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "performance.md"


def test_the_page_shows_what_is_stored() -> None:
    page = PAGE.read_text()
    assert page == render(page, PROJECT / "results"), "run: python -m bench.report"


def test_every_block_is_on_the_page() -> None:
    assert set(re.findall(r"<!-- (\w+) -->", PAGE.read_text())) == {*BLOCKS, "end"}
