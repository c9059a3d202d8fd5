"""The pages with numbers are the ones that the stored numbers make."""

import re
from pathlib import Path

import pytest

from bench.report import BLOCKS, PAGES, render
from tests.conftest import PROJECT


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_page_shows_what_is_stored(path: Path) -> None:
    page = (PROJECT / path).read_text()
    assert page == render(page, PROJECT / "results"), "run: python -m bench.report"


def test_every_block_is_on_a_page() -> None:
    pages = "".join((PROJECT / path).read_text() for path in PAGES)
    assert set(re.findall(r"<!-- (\w+) -->", pages)) == {*BLOCKS, "end"}
