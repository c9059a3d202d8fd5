"""Numbers beside their marks."""

from typing import Any

Document = dict[str, Any]


def verdict(value: float, at_most: float) -> str:
    """A number beside its mark."""
    return f"{value:.2f} (at most {at_most:g}: {'met' if value <= at_most else 'missed'})"
