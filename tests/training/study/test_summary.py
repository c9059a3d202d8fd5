"""Summaries, against numbers worked out by hand."""

import dataclasses
import json
from pathlib import Path

import pytest

from tests.training.study.work import row_of
from tests.training.tiny import tiny_config
from training.data import DataError
from training.study.plan import Run, Study, run_name
from training.study.run import Row
from training.study.summary import spread, summarise, table, write_summary

SCORES = {
    ("plain", 1): 0.50, ("plain", 2): 0.54, ("plain", 3): 0.52,
    ("augmented", 1): 0.53, ("augmented", 2): 0.55, ("augmented", 4): 0.90,
}  # fmt: skip


def run(form: str, seed: int) -> Run:
    epochs = 2 if form == "plain" else 3
    config = dataclasses.replace(tiny_config(), seed=seed, epochs=epochs)
    return Run("models", "unet", form, dataclasses.replace(config, name=run_name(config)))


@pytest.fixture
def study() -> Study:
    forms = ("plain", "augmented")
    return Study("models", "Which?", tuple(run(f, seed) for f in forms for seed in (1, 2, 3, 4)))


@pytest.fixture
def rows() -> dict[str, Row]:
    return {
        run(*key).name: row_of(run(*key).config, {"city": iou}, minutes=key[1])
        for key, iou in SCORES.items()
    }


def test_mean_spread_and_gain_by_seed(study: Study, rows: dict[str, Row]) -> None:
    summary = summarise(study, rows)
    assert (summary["runs"], summary["finished"]) == (8, 6)
    plain, augmented = summary["variants"]
    assert (plain["form"], plain["seeds"]) == ("plain", [1, 2, 3])
    assert (augmented["form"], augmented["seeds"]) == ("augmented", [1, 2, 4])
    assert plain["minutes"] == 2.0
    assert [s["protocol"] for s in plain["float"]["scores"]] == ["official", "with_void"]
    official = plain["float"]["scores"][0]
    # Deviations -0.02, 0.02, 0: variance 0.0008 / 2.
    assert official["mean_iou"] == pytest.approx({"mean": 0.52, "sd": 0.02})
    assert official["iou"]["flat"] == pytest.approx({"mean": 0.52, "sd": 0.02})
    assert official["iou"]["sky"] is None
    assert official["gain"] is None
    # Seeds 1 and 2 alone have both: gains 0.03 and 0.01, variance 0.0002 / 1.
    gain = augmented["float"]["scores"][0]["gain"]
    assert gain == pytest.approx({"mean": 0.02, "sd": 0.0002**0.5})
    for entry in (plain, augmented):
        eight = entry["int8"]["scores"][0]["gain"]
        assert eight["mean"] == pytest.approx(-0.01)
        assert eight["sd"] == pytest.approx(0.0, abs=1e-12)


def test_what_is_missing_is_left_out(study: Study, rows: dict[str, Row]) -> None:
    assert summarise(study, {})["variants"] == []
    augmented = {name: row for name, row in rows.items() if row["config"]["epochs"] == 3}
    (entry,) = summarise(study, augmented)["variants"]
    assert entry["float"]["scores"][0]["gain"] is None, "the reference has not finished"
    assert spread([0.25, None]) == {"mean": 0.25, "sd": None}
    assert spread([None]) is None


def test_the_table_shows_official_means_and_gains(study: Study, rows: dict[str, Row]) -> None:
    shown = ["3", "-0.0100", "3.10 M", "0.32", "4.0 / 4.0", "0.25 / 0.25"]
    assert table(summarise(study, rows)) == [
        ["variant", "seeds", "city", "int8", "parameters", "GMAC", "MB", "time"],
        ["unet, plain", shown[0], "0.520 ±0.020", *shown[1:]],
        ["unet, augmented", shown[0], "0.660 ±0.208 (+0.020 ±0.014)", *shown[1:]],
    ]


def test_a_summary_is_not_overwritten_without_the_rows_behind_it(
    study: Study, rows: dict[str, Row], tmp_path: Path
) -> None:
    summary = summarise(study, rows)
    path = write_summary(tmp_path, summary, rows)
    assert path == tmp_path / "models.json"
    assert json.loads(path.read_text()) == summary
    fewer = dict(list(rows.items())[1:])
    with pytest.raises(DataError, match="sums up 1 runs that have no row beside it, like unet-1-"):
        write_summary(tmp_path, summarise(study, fewer), fewer)
    assert json.loads(path.read_text()) == summary
    # Where all rows are kept, even a study that has changed since may be summed up anew.
    write_summary(tmp_path, summarise(study, fewer), rows)
    assert json.loads(path.read_text())["finished"] == 5
