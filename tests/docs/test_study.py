"""Nothing is told of a study that is not there or not finished."""

import json
from pathlib import Path

import pytest

from docs.build.study import QUESTIONS, StudyError, read_study, score
from tests.docs.conftest import STUDIES


def test_every_configured_study_is_told_of() -> None:
    assert {path.stem for path in STUDIES} == {*QUESTIONS, "recipe"}


def test_a_missing_study_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(
        StudyError, match=r"models.json: .*python -m training compare .*models.yaml"
    ):
        read_study(tmp_path)


def test_an_unfinished_study_is_refused(results: Path, tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    for name in QUESTIONS:
        summary = json.loads((results / f"study/{name}.json").read_bytes())
        if name == "loss":
            planned = summary["runs"]
            summary["finished"] = planned - 1
        (tmp_path / f"study/{name}.json").write_text(json.dumps(summary))
    with pytest.raises(StudyError, match=rf"loss.json: {planned - 1} of {planned} runs"):
        read_study(tmp_path)


def test_an_unscored_data_set_is_named(results: Path) -> None:
    entry = read_study(results)["input"]["variants"][0]
    with pytest.raises(StudyError, match="not scored on paris, only on cityscapes_256, camvid"):
        score(entry, "paris")
