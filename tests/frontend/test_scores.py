import pytest
import scores
from canned_answers import ACTIVE, CATEGORIES, OTHER, evaluation
from future_vision import Category
from scores import Evaluation

ROWS = [Category(**row) for row in CATEGORIES]


def test_one_scene_scores_what_the_api_says_of_it() -> None:
    document = evaluation("a", ACTIVE)
    one = Evaluation(ACTIVE, ["a"])
    one.add("a", document)
    assert one.iou(ROWS) == pytest.approx(document["official"]["iou"])
    assert scores.mean(one.iou(ROWS)) == pytest.approx(document["official"]["mean_iou"])
    assert one.left() == []


def test_scenes_are_added_and_not_averaged() -> None:
    # Of one category: 1 of 1 pixels right, then 1 of 9. The mean of the IoUs would be 0.56.
    both = scores.added([[0, 0], [0, 1]], [[0, 8], [0, 1]])
    assert both == [[0, 8], [0, 2]]
    assert scores.iou(both, ["void", "flat"], {"flat"}) == {"flat": 0.2}


def test_categories_that_are_nowhere_do_not_count() -> None:
    found = scores.iou([[0, 0], [0, 3]], ["sky", "flat"], {"flat", "sky"})
    assert found == {"sky": None, "flat": 1.0}
    assert scores.mean(found) == 1.0
    assert scores.mean({"sky": None}) is None


def test_before_the_first_scene_there_is_no_score() -> None:
    none = Evaluation(ACTIVE, ["a", "b"])
    assert none.left() == ["a", "b"]
    assert scores.mean(none.iou(ROWS)) is None


def test_worst_scenes_come_first_and_those_without_score_last() -> None:
    three = Evaluation(ACTIVE, ["a", "b", "c"])
    nothing = {"official": {"iou": {"flat": None}, "mean_iou": None, "confusion": [[0] * 3] * 3}}
    three.add("a", nothing)
    three.add("b", evaluation("b", OTHER))
    three.add("c", evaluation("c", ACTIVE))
    assert [row.id for row in three.worst_first()] == ["c", "b", "a"]
    worst, _, last = three.worst_first()
    iou = evaluation("c", ACTIVE)["official"]["iou"]
    assert worst.weakest == min(iou.items(), key=lambda row: row[1])
    assert last.weakest is None
