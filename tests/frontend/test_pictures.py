import re

import pictures
import pytest
from canned_api import png
from future_vision import Category, Picture

EVIL = '"><script>alert(1)</script>'
MASK = Picture("image/png", png())
FLAT = Category(1, "flat", "#804080")
SKY = Category(5, "sky", "#4682b4")
HUMAN = Category(6, "human", "#dc143c")


def test_alt_text_states_the_main_shares() -> None:
    shares = {"void": 0.001, "sky": 0.22, "flat": 0.414, "nature": 0.2, "human": 0.165}
    assert pictures.main_shares(shares) == "41 % flat, 22 % sky, 20 % nature"


def test_alt_text_leaves_out_what_rounds_to_nothing() -> None:
    assert pictures.main_shares({"flat": 0.997, "sky": 0.003}) == "100 % flat"


def test_legend_has_colour_name_and_share_of_every_category() -> None:
    html = pictures.legend("Shares", [FLAT, HUMAN, SKY], {"flat": 0.25, "sky": 0.75})
    rows = re.findall(r"<tr>.*?</tr>", html)[1:]
    assert len(rows) == 3
    assert "#804080" in rows[0]
    assert "flat" in rows[0]
    assert "25.0&nbsp;%" in rows[0]
    assert "width:33.3%" in rows[0]
    assert "0.0&nbsp;%" in rows[1]
    assert "width:100.0%" in rows[2]


@pytest.mark.parametrize("shares", [{}, {"flat": 0.0}])
def test_legend_of_nothing(shares: dict[str, float]) -> None:
    assert "<table" in pictures.legend("Shares", [FLAT], shares)


def test_masks_are_marked_for_sharp_pixels() -> None:
    assert "fv-mask" in pictures.figure("Mask", MASK, "", mask=True)
    assert "fv-mask" not in pictures.figure("Photo", MASK, "")


def test_everything_is_escaped() -> None:
    evil = Category(1, EVIL, f"red;{EVIL}")
    picture = Picture(f"image/png{EVIL}", b"")
    html = pictures.grid(
        [
            pictures.figure(EVIL, picture, EVIL),
            pictures.placeholder(EVIL, EVIL),
            pictures.overlay(EVIL, picture, picture, EVIL, "x"),
            pictures.legend(EVIL, [evil], {EVIL: 0.5}),
            pictures.key([evil]),
        ]
    )
    assert "<script" not in html
    assert "red;" not in html  # a colour that is none would be a way into the style
    assert "background:transparent" in html


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\xff\xd8\xff\xe1", "image/jpeg"),
        (png(), "image/png"),
        (b"RIFF\n\0\0\0WEBPVP8 ", "image/webp"),
        (b"BM\0\0", "image/bmp"),
    ],
)
def test_types_that_browsers_show(data: bytes, media_type: str) -> None:
    assert pictures.browser_picture(data) == Picture(media_type, data)


@pytest.mark.parametrize("data", [b"II*\0", b"", b"hello", b"<svg onload=alert(1)>"])
def test_types_that_browsers_do_not_show(data: bytes) -> None:
    assert pictures.browser_picture(data) is None
