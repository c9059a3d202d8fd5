import re

import pytest
import tables
from future_vision import Category

EVIL = '"><script>alert(1)</script>'
FLAT = Category(1, "flat", "#804080")
SKY = Category(5, "sky", "#4682b4")


def rows(html: str) -> list[str]:
    return re.findall(r"<tr>.*?</tr>", html)


def test_iou_has_name_bar_and_number() -> None:
    head, flat, sky, mean = rows(
        tables.iou_bars("IoU", [FLAT, SKY], {"flat": 0.25, "sky": None}, 0.25)
    )
    assert 'scope="col"' in head
    assert "flat" in flat
    assert "0.250" in flat
    assert "width:25.0%;background:#804080" in flat
    assert "\N{EN DASH}" in sky
    assert "0.250" in mean


def test_categories_that_were_not_scored_are_left_out() -> None:
    assert len(rows(tables.iou_bars("IoU", [FLAT, SKY], {"sky": 1.0}, 1.0))) == 3


def test_confusion_shows_where_each_row_went() -> None:
    _, flat, sky = rows(tables.confusion("Confusion", [FLAT, SKY], [[3, 1], [0, 0]]))
    assert re.findall(r">([^<>]+)</t[hd]>", flat) == ["flat", "75.0\u00a0%", "25.0\u00a0%"]
    assert "--fv-share:0.75" in flat
    assert re.findall(r">([^<>]+)</t[hd]>", sky) == ["sky", "\N{EN DASH}", "\N{EN DASH}"]


def test_grid() -> None:
    head, row = rows(tables.grid("Models", ["", "size"], [["a", "1"]]))
    assert re.findall(r">([^<>]+)</t[hd]>", head + row) == ["size", "a", "1"]


@pytest.mark.parametrize(
    "html",
    [
        tables.iou_bars(EVIL, [Category(1, EVIL, f"red;{EVIL}")], {EVIL: 0.5}, 0.5),
        tables.confusion(EVIL, [Category(1, EVIL, "")], [[1]]),
        tables.grid(EVIL, [EVIL], [[EVIL, EVIL]]),
    ],
)
def test_everything_is_escaped(html: str) -> None:
    assert "<script" not in html
    assert "red;" not in html  # a colour that is none would be a way into the style


def test_numbers_that_may_be_missing() -> None:
    assert tables.value(0.25, 3) == "0.250"
    assert tables.value(None, 3) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.5, 0.75, "+0.250"),
        (0.75, 0.5, "\N{MINUS SIGN}0.250"),
        (0.5, 0.5001, "0.000"),
        (0.58449, 0.58051, "\N{MINUS SIGN}0.003"),  # 0.584 and 0.581 stand beside it
        (None, 0.5, "\N{EN DASH}"),
        (0.5, None, "\N{EN DASH}"),
    ],
)
def test_differences_have_a_sign(before: float | None, after: float | None, said: str) -> None:
    assert tables.difference(before, after, 3) == said
