"""A loopback server for the built site, with the headers that its host should send."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.processes import in_background

COMPRESSED = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".wasm"}


class SiteServer(ThreadingHTTPServer):
    """Serves a built site, and counts what it answers.

    Args:
        folder: of the site.
        port: on loopback; 0 for a free one.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), partial(_Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests, self.bytes = 0, 0
        self._counting = threading.Lock()

    def count(self, size: int) -> None:
        """Add an answer of so many bytes, headers not counted."""
        with self._counting:
            self.requests += 1
            self.bytes += size


@contextmanager
def serving_site(folder: Path) -> Iterator[str]:
    """Serve a built site on a free port of loopback until the block ends; gives its address."""
    server = SiteServer(folder)
    with in_background(server):
        yield server.url


def encoded(path: Path) -> tuple[bytes, dict[str, str]]:
    """Return a file as it is sent, and the headers that say how."""
    data = path.read_bytes()
    if path.suffix in COMPRESSED:
        return gzip.compress(data, 6), {"Content-Encoding": "gzip"}
    return data, {}


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: SiteServer
    sent: dict[tuple[str, int], tuple[bytes, dict[str, str]]] = {}  # noqa: RUF012 - shared
    """Files by name and time of change."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body, headers = path.read_bytes(), dict[str, str]()
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            key = str(path), path.stat().st_mtime_ns
            if key not in self.sent:
                self.sent[key] = encoded(path)
            body, headers = self.sent[key]
        self.send_response(HTTPStatus.OK)
        headers = {**headers, "Content-Type": self.guess_type(path)}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.server.count(len(body))

    def guess_type(self, path: object) -> str:
        kinds: dict[str, str] = self._settings()["mimeTypes"]
        return kinds.get(Path(str(path)).suffix, "application/octet-stream")

    def end_headers(self) -> None:
        settings = self._settings()
        headers = dict(settings["globalHeaders"])
        for route in settings["routes"]:
            if urlsplit(self.path).path.startswith(route["route"].rstrip("*")):
                headers |= route["headers"]
        for name, value in headers.items():
            self.send_header(name, value)
        super().end_headers()

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = json.loads(
            (Path(self.directory) / "staticwebapp.config.json").read_text()
        )
        return settings

    def log_message(self, *_: object) -> None:
        """Say nothing of single requests."""
