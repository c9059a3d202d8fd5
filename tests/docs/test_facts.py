"""Facts are the stored numbers in French, and verdicts follow their rule."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.build import french
from docs.build.facts import collect
from docs.build.french import Spread, fr
from docs.build.study import verdict
from tests.conftest import PROJECT
from tests.docs.conftest import STUDIES
from training.study.plan import read_study


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    else:
        yield value


@pytest.mark.parametrize(
    ("gain", "text"),
    [
        ({"mean": 0.02, "sd": 0.01}, "gain"),
        ({"mean": -0.02, "sd": 0.01}, "perte"),
        ({"mean": 0.01, "sd": 0.02}, "dans l’écart entre graines"),
        ({"mean": 0.5, "sd": None}, "une seule graine, sans conclusion"),
    ],
)
def test_a_gain_is_claimed_only_beyond_the_spread(gain: Spread, text: str) -> None:
    assert verdict(gain) == text


def test_facts_are_texts_and_none_is_empty_of_meaning(results: Path) -> None:
    found = list(leaves(collect(results)))
    assert len(found) > 400
    assert all(isinstance(leaf, str) for leaf in found)
    assert not {"nan", "None", "inf"} & set(found)


def test_scores_and_times_are_the_stored_ones(results: Path) -> None:
    facts = collect(results)
    stored = json.loads(Path("results/evaluation/lite0-fpn-int8-0.3.0.json").read_text())
    for row in stored["scores"]:
        shown = facts["model"]["scores"][row["data"]]
        assert shown[row["protocol"]] == fr(row["mean_iou"])
    load = json.loads(Path("results/load.json").read_text())
    assert facts["service"]["memory"] == fr(load["memory"]["peak_mb"], 0)


def test_the_study_is_told_seed_by_seed(results: Path) -> None:
    study = collect(results)["study"]
    summary = json.loads((results / "study/models.json").read_text())
    assert study["seeds"] == "3"
    assert [row[0] for row in study["models"][::2]] == list(french.ARCHITECTURES.values())[:5]
    gained = summary["variants"][1]["float"]["scores"][0]["gain"]
    assert study["augmentation"]["rows"][0][1].startswith(f"+{fr(gained['mean'])}")


def test_every_variant_has_a_french_name() -> None:
    for path in STUDIES:
        missing = {run.variant for run in read_study(path).runs} - french.VARIANTS.keys()
        assert not missing, f"docs/build/french.py: name {missing}"


def test_literature_is_cited_with_a_source() -> None:
    published = json.loads((PROJECT / "docs/build/published.json").read_text())
    entries = (PROJECT / "docs/note/references.bib").read_text()
    for network in published["networks"]:
        assert f"{{{network['key']}," in entries
        stated = network["class"] is not None or network["category"] is not None
        assert bool(network["source"]) == stated, network["name"]
