"""What the sample photos leave behind, against what is stored and billed."""

import json

import pytest

from bench.footprint import footprint
from tests.conftest import PROJECT


def test_masks_and_lines_are_about_as_large_as_the_bill_says() -> None:
    measured = footprint(PROJECT / "models" / "lite0-fpn-int8" / "1.0.0")
    billed = json.loads((PROJECT / "results" / "cost.json").read_text())["work"]
    assert measured.mask == pytest.approx(billed["mask_bytes"], rel=0.02)
    assert measured.line == pytest.approx(billed["line_bytes"], rel=0.05)
