"""Write the API's address, and the content-security policy that names it, into a built site."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local.site.errors import SiteError
from training.files import write_atomically

FACTS = "build.json"
_ADDRESS = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?(/[\w.~-]+)*/?", re.ASCII)
_POLICY = re.compile(r'(<meta http-equiv="Content-Security-Policy" content=")[^"]*(">)')

MIME_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
"""Media type by suffix; a browser refuses scripts and WebAssembly that come with another one."""


def configure_site(folder: Path, api: str | None) -> None:
    """Write the API's address into a built site; each file is replaced as a whole.

    Args:
        folder: what `build_site` made.
        api: address of the API, with or without /api; None where the site's own host serves it.

    Raises:
        SiteError: that is no such address, or no such folder.
    """
    check_address(api)
    api = api and api.rstrip("/").removesuffix("/api")
    facts = folder / FACTS
    if not facts.exists():
        raise SiteError(f"{folder} holds no built site: python -m local site build")
    site = json.loads(facts.read_text())
    policy = content_policy(api, site["scripts"])
    page = folder / "index.html"
    written = _POLICY.sub(lambda found: found[1] + html.escape(policy, quote=False) + found[2],
                          page.read_text("utf-8"))  # fmt: skip
    config = {} if api is None else {"API_BASE_URL": api}
    files = {
        "config.js": f"globalThis.APP_CONFIG = {json.dumps(config)};\n",
        "staticwebapp.config.json": json.dumps(host_settings(site["id"], policy), indent=2) + "\n",
        "index.html": written,
    }
    for name, text in files.items():
        write_atomically(folder / name, text.encode())


def check_address(api: str | None) -> None:
    """Raise SiteError if that is no base address that can stand in a policy."""
    if api is not None and not _ADDRESS.fullmatch(api):
        raise SiteError(f"{api!r} must be like https://api.example.org: no query, no user")


def content_policy(api: str | None, scripts: Sequence[str]) -> str:
    """Return the content-security policy (https://www.w3.org/TR/CSP3/).

    Args:
        api: base address of the API; None for the site's own host.
        scripts: hashes of the inline scripts that the page sends.
    """
    found = re.match(r"https?://[^/]+", api or "")
    hosts = f"'self' {found[0]}" if found else "'self'"
    return "; ".join([
        "default-src 'none'",
        # Python is WebAssembly, which may be compiled; no text may be run as a script.
        " ".join(["script-src 'self' 'wasm-unsafe-eval'", *scripts]),
        "worker-src 'self'",
        f"connect-src {hosts}",
        f"img-src {hosts} data: blob:",
        # Streamlit writes its styles into the page.
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    ])  # fmt: skip


def script_hash(script: str) -> str:
    """Return how a policy names an inline script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def host_settings(build: str, policy: str) -> dict[str, Any]:
    """Return staticwebapp.config.json: headers and types of all files.

    What is in the build's folder never changes; the few files beside it are asked for anew.
    """
    return {
        "globalHeaders": {
            # An address alone cannot say who may show the site in a frame: only a header can.
            "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        },
        "routes": [
            {
                "route": f"/{build}/*",
                "headers": {"Cache-Control": "public, max-age=31536000, immutable"},
            }
        ],
        "mimeTypes": MIME_TYPES,
    }
