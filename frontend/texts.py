"""What the page says, in the visitor's language: one catalogue, texts.json."""

import json
from pathlib import Path

import streamlit as st

LANGUAGES = {"en": "English", "fr": "Français"}
_TEXTS: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("texts.json").read_text(encoding="utf-8")
)


def language() -> str:
    """Return the language that the page's address (?lang=) names, else the browser's, else "en"."""
    for wanted in (st.query_params.get("lang"), st.context.locale):
        if wanted and (code := wanted[:2].lower()) in LANGUAGES:
            return code
    return "en"


def text(key: str, /, **values: object) -> str:
    """Return the sentence of that name, with `values` put in its places.

    Raises:
        KeyError: the catalogue has no such sentence, or the sentence wants another value.
    """
    return _TEXTS[key][language()].format(**values)


def known(key: str) -> bool:
    """Whether the catalogue has a sentence of that name."""
    return key in _TEXTS


def section(prefix: str) -> dict[str, str]:
    """Return all sentences whose names start with `prefix` and a dot, by the rest of the name."""
    lang, start = language(), f"{prefix}."
    return {
        key.removeprefix(start): row[lang] for key, row in _TEXTS.items() if key.startswith(start)
    }


def category(name: str) -> str:
    """Return a category's name; one that the catalogue does not know is called as the API does."""
    key = f"category.{name}"
    return text(key) if known(key) else name


def number(value: float, digits: int = 0) -> str:
    """Write a number with that many decimals, as the language does."""
    written = f"{value:,.{digits}f}"
    if language() == "fr":
        return written.replace(",", "\u202f").replace(".", ",")
    return written


def duration(seconds: float) -> str:
    """Write how long something lasts, in the one unit that says it best."""
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return text(f"duration.{unit}", count=number(seconds // length))
    return text("duration.seconds", count=number(seconds))


def percent(share: float, digits: int = 0) -> str:
    """Write a share of 0.0 to 1.0 as a percentage."""
    return f"{number(100 * share, digits)}\u00a0%"
