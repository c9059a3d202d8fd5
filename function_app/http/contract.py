"""The HTTP contract, openapi.json, and the page that shows it; both are files beside this module.

Nothing here is read before it is asked for: a cold start has no use for it.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DOCS = FOLDER / "docs"
"""The page, its script, and Swagger UI, which `local.docs_page` fetches."""

MEDIA_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}

SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the page: scripts and styles of this service, nothing from elsewhere.
Swagger UI shows pictures of answers as blob: and its icons as data: URLs."""


@cache
def contract() -> bytes:
    """Return openapi.json as it is."""
    return (FOLDER / "openapi.json").read_bytes()


@cache
def docs_files() -> dict[str, tuple[bytes, str]]:
    """Return the files of the documentation page by name, each with its media type."""
    return {
        path.name: (path.read_bytes(), MEDIA_TYPES[path.suffix])
        for path in DOCS.iterdir()
        if path.suffix in MEDIA_TYPES
    }


def methods_of(path: str) -> list[str]:
    """Return the methods, upper-case, of a path below the prefix; [] if there is no such path."""
    for pattern, methods in _patterns():
        if pattern.fullmatch(path.rstrip("/")):
            return methods
    return []


@cache
def _patterns() -> list[tuple[re.Pattern[str], list[str]]]:
    paths = json.loads(contract())["paths"]
    return [(_pattern(route_of(path, item)), _methods(item)) for path, item in paths.items()]


def route_of(path: str, item: dict[str, Any]) -> str:
    """Return a path of the contract as Azure writes routes: OpenAPI has no `{*id}`."""
    route: str = item.get("x-route", path)
    return route


def _pattern(route: str) -> re.Pattern[str]:
    # As Azure's host matches, which ignores case.
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route))
    pattern = re.sub(r"/\\\{\\\*\w+\\\}", "(/.*)?", pattern)
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _methods(item: dict[str, Any]) -> list[str]:
    methods = [method.upper() for method in item if method in ("get", "post", "delete")]
    return [*methods, "HEAD"] if "GET" in methods else methods
