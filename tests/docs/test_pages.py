"""The numbers of the READMEs are the stored ones, and stored scores are those of the packages."""

import json
from pathlib import Path

import pytest

from docs.build.pages import PAGES, render
from docs.build.served import packages, read_manifest
from tests.conftest import PROJECT


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_numbers_of_a_page_are_those_of_the_results(page: Path) -> None:
    text = page.read_text()
    assert "<!-- end -->" in text
    assert render(text, Path("results")) == text, "run: make docs"


def test_an_unknown_block_is_refused() -> None:
    with pytest.raises(KeyError, match="unheard_of"):
        render("<!-- unheard_of -->\n<!-- end -->", PROJECT / "results")


def test_every_manifest_carries_the_scores_of_its_own_model() -> None:
    for package in packages():
        manifest = read_manifest(package)
        path = Path(f"results/evaluation/{package.parent.name}-{package.name}.json")
        stored = json.loads(path.read_text())
        assert stored["sha256"] == manifest["sha256"]
        carried = [(m["data"], m["protocol"], m["mean_iou"]) for m in manifest["metrics"]]
        assert carried == [(s["data"], s["protocol"], s["mean_iou"]) for s in stored["scores"]]
        card = package.relative_to("models") / "MODEL_CARD.md"
        assert f"({card})" in Path("models/README.md").read_text()
