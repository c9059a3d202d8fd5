"""Numbers and punctuation as French readers write them."""

import re
from collections.abc import Mapping
from typing import Any

NARROW = "\u202f"
"""Narrow no-break space, between thousands and before a unit."""

Spread = Mapping[str, Any]
"""`mean` and `sd` as `training.study.summary.spread` makes them."""


def fr(value: float, digits: int = 3) -> str:
    """Write a number with a decimal comma and spaced thousands."""
    text = f"{value:,.{digits}f}".replace(",", NARROW).replace(".", ",")
    return text.replace("-", "−")


def signed(value: float, digits: int = 3) -> str:
    """Write a difference with its sign; what rounds to zero has none."""
    text = fr(abs(value), digits)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if value > 0 else "−") + text


def percent(share: float, digits: int = 1) -> str:
    """Write a share between 0 and 1 in percent."""
    return f"{fr(100 * share, digits)}{NARROW}%"


def with_spread(value: Spread, digits: int = 3) -> str:
    """Write mean ± standard deviation; the mean alone where one seed gives no deviation."""
    text = fr(value["mean"], digits)
    return text if value["sd"] is None else f"{text} ± {fr(value['sd'], digits)}"


def gain(value: Spread | None, digits: int = 3) -> str:
    """Write a paired difference as `with_spread` does; a dash for the reference itself."""
    if value is None:
        return "—"
    text = signed(value["mean"], digits)
    return text if value["sd"] is None else f"{text} ± {fr(value['sd'], digits)}"


def typeset(text: str) -> str:
    """Bind high punctuation and quotes to their words, so that no line begins with them."""
    return re.sub(r"« ", f"«{NARROW}", re.sub(r" ([:;!?»])", rf"{NARROW}\1", text))
