"""A loopback server for the built site, with the headers that its host should send."""

import gzip
import json
import socket
import threading
import time
from functools import cache
from os import PathLike, stat_result
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

COMPRESSED = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".wasm"}
CLOSING_S = 1
"""Seconds that an answer under way has when the server ends."""


class SiteServer(uvicorn.Server):
    """Serves a built site; within a `with` block in a thread, with `serve_forever` in this one.

    Args:
        folder: of the site.
        port: on loopback; 0 for a free one.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.files = _Files(directory=folder, html=True)
        app = Starlette(routes=[Mount("/", self.files)])
        super().__init__(
            uvicorn.Config(
                app, log_level="warning", lifespan="off", timeout_graceful_shutdown=CLOSING_S
            )
        )

    def serve_forever(self) -> None:
        """Serve until SIGTERM or Ctrl-C."""
        self.run(sockets=[self._listener])

    def __enter__(self) -> "SiteServer":
        self._thread = threading.Thread(target=self.serve_forever)
        self._thread.start()
        while not self.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.should_exit = True
        self._thread.join()
        self._listener.close()


@cache
def encoded(path: Path, changed_ns: int) -> tuple[bytes, dict[str, str]]:
    """Return a file, last changed then, as it is sent, and the headers that say how."""
    del changed_ns
    data = path.read_bytes()
    if path.suffix in COMPRESSED:
        return gzip.compress(data, 6), {"Content-Encoding": "gzip"}
    return data, {}


class _Files(StaticFiles):
    """The files under the settings of staticwebapp.config.json; counts what it answers."""

    requests, sent = 0, 0

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        path = Path(full_path)
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            body, how = encoded(path, stat_result.st_mtime_ns)
        else:
            body, how = path.read_bytes(), {}
        self.requests += 1
        self.sent += len(body)
        return Response(body, status_code, {**self._headers(scope["path"], path), **how})

    def _headers(self, asked: str, path: Path) -> dict[str, str]:
        """Return the headers of a file, by the path that was asked for."""
        settings: dict[str, Any] = json.loads(
            Path(str(self.directory), "staticwebapp.config.json").read_text()
        )
        headers: dict[str, str] = dict(settings["globalHeaders"])
        for route in settings["routes"]:
            if asked.startswith(route["route"].rstrip("*")):
                headers |= route["headers"]
        kind = settings["mimeTypes"].get(path.suffix, "application/octet-stream")
        return {**headers, "Content-Type": kind}
