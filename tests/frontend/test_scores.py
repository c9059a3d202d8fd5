import pytest
import scores
from canned_answers import ACTIVE, CATEGORIES, evaluation


def test_one_scene_scores_what_the_api_says_of_it() -> None:
    official = evaluation("a", ACTIVE)["official"]
    names = [row["name"] for row in CATEGORIES]
    found = scores.iou(official["confusion"], names, set(official["iou"]))
    assert found == pytest.approx(official["iou"])
    assert scores.mean(found) == pytest.approx(official["mean_iou"])


def test_scenes_are_added_and_not_averaged() -> None:
    # Of one category: 1 of 1 pixels right, then 1 of 9. The mean of the IoUs would be 0.56.
    both = scores.added(iter([[[0, 0], [0, 1]], [[0, 8], [0, 1]]]))
    assert both == [[0, 8], [0, 2]]
    assert scores.iou(both, ["void", "flat"], {"flat"}) == {"flat": 0.2}


def test_categories_that_are_nowhere_do_not_count() -> None:
    found = scores.iou([[0, 0], [0, 3]], ["sky", "flat"], {"flat", "sky"})
    assert found == {"sky": None, "flat": 1.0}
    assert scores.mean(found) == 1.0
    assert scores.mean({"sky": None}) is None


def test_without_scenes_there_is_no_score() -> None:
    none = scores.iou(scores.added([]), ["flat"], {"flat"})
    assert none == {"flat": None}
    assert scores.mean(none) is None
