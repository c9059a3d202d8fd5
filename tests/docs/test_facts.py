"""Facts are the stored numbers in French, and verdicts follow their rule."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from docs.build import french
from docs.build.facts import collect
from docs.build.french import fr, gain, percent, points, points_spread, signed, typeset
from docs.build.networks import networks
from docs.build.served import FactsError, packages, served_package
from docs.build.study import OFFICIAL_NAMES, gained
from tests.conftest import PROJECT
from tests.docs.conftest import STUDIES, write_rows
from training.study.plan import read_study


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    else:
        yield value


@pytest.mark.parametrize(
    ("mean", "sd", "claimed"),
    [(0.02, 0.01, True), (-0.02, 0.01, False), (0.01, 0.02, False), (0.5, None, False)],
)
def test_a_gain_is_claimed_only_beyond_the_spread(
    mean: float, sd: float | None, claimed: bool
) -> None:
    assert gained({"mean": mean, "sd": sd}) == claimed


def test_numbers_are_written_as_french_readers_do() -> None:
    assert (fr(0.77586, 3), fr(40800, 0), fr(-1.25)) == ("0,776", "40\u202f800", "−1,2")
    assert (signed(0.12), signed(-0.12), signed(-0.01)) == ("+0,1", "−0,1", "0,0")
    assert points(0.77586) == "77,6"
    assert percent(0.8191, 0) == "82\u202f%"
    assert points_spread({"mean": 0.5, "sd": 0.01}) == "50,0 ± 1,0"
    assert points_spread({"mean": 0.5, "sd": None}) == "50,0"
    assert gain({"mean": -0.02, "sd": 0.001}) == "−2,0 ± 0,1"
    assert gain(None) == "—"
    assert french.date("2026-11-22T19:07:17+00:00") == "22 novembre 2026"
    assert typeset("« a » : b") == "«\u202fa\u202f»\u202f: b"


def test_facts_are_texts_and_none_is_empty_of_meaning(results: Path) -> None:
    found = list(leaves(collect(results)))
    assert len(found) > 400
    assert all(isinstance(leaf, str) for leaf in found)
    assert not {"nan", "None", "inf"} & set(found)


def test_scores_and_times_are_the_stored_ones_of_the_active_package(results: Path) -> None:
    facts, package = collect(results), served_package()
    path = Path(f"results/evaluation/{package.parent.name}-{package.name}.json")
    stored = {
        (french.DATA[row["data"]], row["protocol"]): row
        for row in json.loads(path.read_text())["scores"]
    }
    for shown in facts["model"]["sets"]:
        assert shown["official"] == points(stored[shown["title"], "official"]["mean_iou"])
        assert shown["with_void"] == points(stored[shown["title"], "with_void"]["mean_iou"])
    assert len(facts["model"]["packages"]) == len(packages())
    load = json.loads(Path("results/load.json").read_text())
    assert facts["service"]["memory"] == fr(load["memory"]["peak_mb"], 0)


def test_a_package_that_is_not_evaluated_names_the_command(results: Path, tmp_path: Path) -> None:
    for path in results.iterdir():
        if path.name != "evaluation":
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(FactsError, match=r"missing; run: python -m training evaluate models/"):
        collect(tmp_path)


def test_the_study_is_told_seed_by_seed(results: Path) -> None:
    study = collect(results)["study"]
    summary = json.loads((results / "study/models.json").read_text())
    assert study["seeds"] == "3"
    assert [row[0] for row in study["models"][::2]] == list(french.ARCHITECTURES.values())
    chosen = next(
        entry for entry in summary["variants"]
        if (entry["variant"], entry["form"]) == ("lite0_fpn", "augmented")
    )  # fmt: skip
    gained = chosen["float"]["scores"][0]["gain"]
    assert study["augmentation"]["chosen"]["cityscapes_256"] == gain(gained)


def test_the_recipe_is_told_by_form_data_and_category(results: Path) -> None:
    told = collect(results)["recipe"]
    entries = json.loads((results / "study/recipe.json").read_text())["variants"]
    none, light, full = (entry for entry in entries if entry["variant"] == "lite0_fpn")
    official = {
        form: {
            row["data"]: row for row in entry["float"]["scores"] if row["protocol"] == "official"
        }
        for form, entry in (("none", none), ("light", light), ("full", full))
    }
    assert told["gains"]["full"]["kitti"] == gain(official["full"]["kitti"]["gain"])
    assert list(told["gains"]) == ["light", "full"]
    assert [row[:2] for row in told["categories"]] == [
        ["CamVid", "lumière"], ["CamVid", "complète"],
        ["KITTI", "lumière"], ["KITTI", "complète"],
    ]  # fmt: skip
    sky = [official[form]["kitti"]["iou"]["sky"]["mean"] for form in ("none", "light")]
    place = 2 + OFFICIAL_NAMES.index("sky")
    assert told["categories"][2][place] == signed(100 * (sky[1] - sky[0]))
    assert told["object"]["none"] == points(
        official["none"]["cityscapes_sharp"]["iou"]["object"]["mean"]
    )


def kept_rows(results: Path, folder: Path, networks: set[str]) -> dict[str, Any]:
    """What is told of the networks where only those have rows; the rows themselves, by label."""
    (folder / "service_time.json").symlink_to(results / "service_time.json")
    found = {}
    for run in read_study(PROJECT / "training/configs/study/recipe.yaml").runs:
        path = results / f"study/runs/{run.name}.json"
        if run.variant in networks:
            write_rows(folder, {run.name: json.loads(path.read_text())})
            found[run.label] = json.loads(path.read_text())
    return found


def official(row: dict[str, Any], data: str) -> Any:
    return next(
        s for s in row["float"]["scores"] if (s["data"], s["protocol"]) == (data, "official")
    )


def test_networks_are_compared_by_their_first_seed(results: Path, tmp_path: Path) -> None:
    rows = kept_rows(results, tmp_path, {"lite0_fpn", "lite0_lraspp"})
    told = networks(tmp_path)
    light, plain, full = (
        rows[f"recipe/lite0_lraspp/{form}/1"] for form in ("light", "none", "full")
    )
    (shown,) = (row for row in told["rows"] if row[0] == "Lite0 + LR-ASPP")
    assert shown[3] == points(official(light, "cityscapes_sharp")["mean_iou"])
    assert shown[4] == points(official(light, "cityscapes_sharp")["iou"]["object"])
    for place, augmented in ((9, light), (10, full)):
        gained = official(augmented, "kitti")["mean_iou"] - official(plain, "kitti")["mean_iou"]
        assert shown[place] == signed(100 * gained)


@pytest.mark.parametrize("form", ["light", "full"])
def test_networks_that_gain_with_every_seed_are_counted(
    results: Path, tmp_path: Path, form: str
) -> None:
    names = {"unet", "lite0_fpn", "lite0_lraspp"}
    rows = kept_rows(results, tmp_path, names)
    gains = {
        (name, seed): official(rows[f"recipe/{name}/{form}/{seed}"], "kitti")["mean_iou"]
        - official(rows[f"recipe/{name}/none/{seed}"], "kitti")["mean_iou"]
        for name in names
        for seed in (1, 2)
    }
    told = networks(tmp_path)["gains"][form]
    least, most = min(gains.values()), max(gains.values())
    assert told["kitti"] == f"{signed(100 * least)} à {signed(100 * most)}"
    assert (told["of"], told["runs"]) == ("3", "6")

    # The best one loses with one seed on one camera.
    name, seed = max(gains, key=gains.__getitem__)
    loser = rows[f"recipe/{name}/{form}/{seed}"]
    official(loser, "kitti")["mean_iou"] -= 1
    write_rows(tmp_path, {loser["run"]: loser})
    assert int(networks(tmp_path)["gains"][form]["gaining"]) == int(told["gaining"]) - 1


def test_the_choice_between_two_networks_is_over_paired_seeds(
    results: Path, tmp_path: Path
) -> None:
    rows = kept_rows(results, tmp_path, {"lite0_fpn", "lite0_lraspp"})
    of_seed = {
        seed: [
            official(rows[f"recipe/{name}/light/{seed}"], "camvid")["mean_iou"]
            for name in ("lite0_fpn", "lite0_lraspp")
        ]
        for seed in (1, 2)
    }
    over = [100 * (ours - theirs) for ours, theirs in of_seed.values()]
    told = networks(tmp_path)["frontier"]
    assert (told["seeds"], told["camvid"]) == ("2", f"{signed(fmean(over))} ± {fr(stdev(over))}")

    run = rows["recipe/lite0_lraspp/light/2"]["run"]
    (tmp_path / f"study/runs/{run}.json").unlink()
    told = networks(tmp_path)["frontier"]
    assert (told["seeds"], told["camvid"]) == ("1", signed(over[0]))


def test_networks_without_rows_are_named(results: Path, tmp_path: Path) -> None:
    kept_rows(results, tmp_path, {"lite0_fpn"})
    told = networks(tmp_path)
    assert told["missing"] == "U-Net, Fast-SCNN, Lite0 + LR-ASPP et Lite0 + DeepLabV3+"
    assert [set(row[1:]) == {"—"} for row in told["rows"]] == [True, True, True, False, True]
    assert told["frontier"] == {}


def test_every_variant_has_a_french_name() -> None:
    for path in STUDIES:
        missing = {run.variant for run in read_study(path).runs} - french.VARIANTS.keys()
        assert not missing, f"docs/build/french.py: name {missing}"
    recipe = read_study(PROJECT / "training/configs/study/recipe.yaml")
    assert {run.form for run in recipe.runs} == french.FORMS.keys()
