"""Numbers, punctuation and names as French readers write them; scores are in points."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from function_app.vision.categories import CATEGORIES

NARROW = "\u202f"
"""Narrow no-break space, between thousands and before a unit."""

Spread = Mapping[str, Any]
"""`mean` and `sd` as `training.study.summary` makes them; sd is None with one seed."""


def fr(value: float, digits: int = 1) -> str:
    """Write a number with a decimal comma and spaced thousands."""
    text = f"{value:,.{digits}f}".replace(",", NARROW).replace(".", ",")
    return text.replace("-", "−")


def known(value: float, digits: int = 1) -> str:
    """Write a number, or a dash where it is not a number."""
    return "—" if math.isnan(value) else fr(value, digits)


def signed(value: float, digits: int = 1) -> str:
    """Write a difference with its sign; what rounds to zero has none."""
    text = fr(abs(value), digits)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if value > 0 else "−") + text


def percent(share: float, digits: int = 1) -> str:
    """Write a share between 0 and 1 in percent."""
    return f"{fr(100 * share, digits)}{NARROW}%"


def points(iou: float, digits: int = 1) -> str:
    """Write an IoU between 0 and 1 in points, 0 to 100."""
    return fr(100 * iou, digits)


def points_spread(iou: Spread) -> str:
    """Write mean ± standard deviation in points; the mean alone with one seed."""
    text = points(iou["mean"])
    return text if iou["sd"] is None else f"{text} ± {points(iou['sd'])}"


def gain(difference: Spread | None) -> str:
    """Write a paired difference in points with its sign; a dash for the reference itself."""
    if difference is None:
        return "—"
    text = signed(100 * difference["mean"])
    return text if difference["sd"] is None else f"{text} ± {points(difference['sd'])}"


def date(iso: str) -> str:
    """Write the day of an ISO date: 22 novembre 2026."""
    year, month, day = iso[:10].split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}"


def size(text: str) -> str:
    """Write 512x256 with a multiplication sign."""
    return text.replace("x", "×").replace(" sizes", " tailles")


def trimmed(value: float) -> str:
    """Write a setting as it was set: no digits beyond those it has."""
    return f"{value:g}".replace(".", ",")


def scientific(value: float) -> str:
    """Write a small setting as mantissa and power of ten."""
    mantissa, exponent = f"{value:e}".split("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{trimmed(float(mantissa))}·10{power}"


def listed(names: list[str]) -> str:
    """Join names: a, b et c."""
    return " et ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def typeset(text: str) -> str:
    """Bind high punctuation and quotes to their words, so that no line begins with them."""
    return re.sub(r"« ", f"«{NARROW}", re.sub(r" ([:;!?»])", rf"{NARROW}\1", text))


def category_names() -> dict[str, str]:
    """Name -> French name, as the explorer shows it."""
    texts = json.loads(Path("frontend/texts.json").read_text())
    return {category.name: texts[f"category.{category.name}"]["fr"] for category in CATEGORIES}


MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
          "octobre", "novembre", "décembre")  # fmt: skip

_names = yaml.safe_load(Path("docs/build/names.yaml").read_text())
ARCHITECTURES: dict[str, str] = _names["architectures"]
VARIANTS: dict[str, str] = ARCHITECTURES | _names["variants"]
FORMS: dict[str, str] = _names["forms"]
QUESTIONS: dict[str, str] = _names["questions"]
DATA: dict[str, str] = _names["data"]
CORRUPTIONS: dict[str, str] = _names["corruptions"]
SHAPES: dict[str, str] = _names["shapes"]
PHOTOS: dict[str, str] = _names["photos"]
BILL: dict[str, str] = _names["bill"]
