"""Markdown tables, and numbers beside their marks."""

from typing import Any

Document = dict[str, Any]


def table(head: list[str], rows: list[list[Any]]) -> str:
    """Render a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def verdict(value: float, at_most: float) -> str:
    """A number beside its mark."""
    return f"{value:.2f} (at most {at_most:g}: {'met' if value <= at_most else 'missed'})"
