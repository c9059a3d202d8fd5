"""Studies as files: what a run is trained with, what makes it another run, mistakes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import PROJECT
from tests.training.tiny import tiny_config
from training.errors import ConfigError
from training.study.plan import Study, in_order, read_study

SHIPPED = sorted((PROJECT / "training/configs/study").glob("*.yaml"))


def study(folder: Path, name: str = "sizes", **changes: Any) -> Path:
    (folder / "base.yaml").write_text(yaml.safe_dump(tiny_config().to_dict()))
    values = {
        "question": "How fast?",
        "base": "base.yaml",
        "variants": {"slow": {}, "quick": {"learning_rate": 0.01, "warmup_steps": 2}},
        "seeds": [1, 2],
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(values | changes, sort_keys=False))
    return path


def labels(*studies: Study, only: str = "*") -> list[str]:
    return [run.label for run in in_order(studies, only)]


def test_a_run_is_the_base_with_what_differs(tmp_path: Path) -> None:
    forms = {"plain": {"augmentation": {}}, "bright": {"augmentation": {"light": True}}}
    runs = read_study(study(tmp_path, forms=forms)).runs
    assert len(runs) == 2 * 2 * 2
    found = next(run for run in runs if run.label == "sizes/quick/bright/2")
    config, base = found.config, tiny_config()
    assert (config.learning_rate, config.warmup_steps, config.seed) == (0.01, 2, 2)
    assert config.augmentation == {"light": True}
    assert (config.train, config.epochs, config.input_size) == (
        base.train, base.epochs, base.input_size,
    )  # fmt: skip
    assert config.name == found.name


def test_gains_count_over_the_first_form_or_else_the_first_variant(tmp_path: Path) -> None:
    plain = read_study(study(tmp_path))
    assert {plain.reference(run.variant, run.form) for run in plain.runs} == {("slow", "")}
    forms = {"a": {}, "b": {"weight_decay": 0.0}}
    formed = read_study(study(tmp_path, forms=forms))
    assert formed.reference("quick", "b") == ("quick", "a")


def test_the_first_seed_of_everything_comes_first(tmp_path: Path) -> None:
    first = read_study(study(tmp_path, "first"))
    more = {"variants": {"long": {"epochs": 9}}, "seeds": [5, 6]}
    second = read_study(study(tmp_path, "second", **more))
    assert labels(first, second) == [
        "first/slow/1", "first/quick/1", "second/long/5",
        "first/slow/2", "first/quick/2", "second/long/6",
    ]  # fmt: skip
    assert labels(first, second, only="*/slow/*") == ["first/slow/1", "first/slow/2"]
    assert labels(first, only="nothing") == []


def test_a_run_of_two_studies_is_one(tmp_path: Path) -> None:
    first = read_study(study(tmp_path, "first"))
    second = read_study(study(tmp_path, "second", variants={"base": {}, "long": {"epochs": 9}}))
    assert labels(first, second) == [
        "first/slow/1", "first/quick/1", "second/long/1",
        "first/slow/2", "first/quick/2", "second/long/2",
    ]  # fmt: skip
    assert labels(first, second, only="second/*")[0] == "second/base/1"


def test_another_configuration_is_another_run(tmp_path: Path) -> None:
    before = read_study(study(tmp_path)).runs
    assert read_study(study(tmp_path)).runs == before
    changed = {"slow": {}, "quick": {"learning_rate": 0.01, "warmup_steps": 3}}
    after = read_study(study(tmp_path, variants=changed)).runs
    assert [run.name for run in after[:2]] == [run.name for run in before[:2]]
    assert not {run.name for run in after[2:]} & {run.name for run in before}
    terms = {"slow": {"license": "none"}}
    assert read_study(study(tmp_path, variants=terms)).runs[0].name == before[0].name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variants": {"a": {"learning_rat": 1}}}, "unknown key learning_rat"),
        ({"variants": {"a": {"epochs": 0}}}, "epochs is 0"),
        ({"variants": {"a": {"seed": 3}}}, "must not be name or seed"),
        ({"variants": {"a": None}}, r"variants\.a is None"),
        ({"variants": {}}, "variants: .*at least 1"),
        ({"variants": {"a": {}, "b": {"epochs": 2}}}, "sizes/b/1 is the same run as sizes/a/1"),
        ({"forms": ["plain"]}, "forms: .*object"),
        ({"seeds": 3}, "seeds is 3: .*array"),
        ({"seeds": [1, 1]}, "the same run"),
        ({"seeds": ["one"]}, r"seeds\.0 is 'one'"),
        ({"sedes": [1]}, "unknown key sedes"),
        ({"base": "none.yaml"}, r"none\.yaml"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_study(study(tmp_path, **changes))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        read_study(tmp_path / "none.yaml")


def test_the_shipped_studies_are_of_equal_budget() -> None:
    studies = {path.stem: read_study(path) for path in SHIPPED}
    budgets = {
        name: {
            (c.epochs, c.photos_per_epoch, c.batch_size, c.learning_rate)
            for c in (run.config for run in study.runs)
        }
        for name, study in studies.items()
    }
    assert {len(found) for found in budgets.values()} == {1}
    assert len({run.variant for run in studies["models"].runs}) >= 5
    # An ablation varies the augmented form of one network, which the main comparison holds too.
    main = {run.name for run in studies["models"].runs}
    for name, study in studies.items():
        if budgets[name] == budgets["models"]:
            assert main & {run.name for run in study.runs}, name
