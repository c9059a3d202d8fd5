"""A prediction API on loopback that answers from memory and remembers what it was asked."""

import base64
import json
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

CATEGORIES = [
    {"id": 0, "name": "void", "color": "#000000"},
    {"id": 1, "name": "flat", "color": "#804080"},
    {"id": 2, "name": "<b>sky</b>", "color": "#4682b4"},
]
SHARES = (0.125, 0.5, 0.375)


def png(width: int = 8, height: int = 4) -> bytes:
    """A grey PNG, written by hand."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\x80" * width) * height
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


class CannedApi:
    """What the API knows and was asked; tests change it as they like."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.scenes = {"a_0": True, "b_1": True, "c_2": False}
        self.page_size = 2
        self.raw: dict[str, tuple[int, str, bytes]] = {}
        """Whole answers by path, instead of the usual ones."""
        self.refusals: list[tuple[int, dict[str, str]]] = []
        """Statuses and headers of the next answers, before any other."""

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str, bytes]:
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path in self.raw:
            return self.raw[url.path]
        match [unquote(part) for part in url.path.split("/")[1:]]:
            case ["api", "scenes", scene, kind]:
                return self._scene(scene, kind)
            case ["api", "predict"] if method == "POST":
                return self._predict(body, query)
        documents = {
            "/api/categories": {"categories": CATEGORIES},
            "/api/models": {"active": "tiny:1.0.0", "models": []},
            "/api/scenes": self._page(query),
        }
        return _json(documents[url.path]) if url.path in documents else problem(404, "Nothing.")

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        size = min(int(query.get("limit", 100)), self.page_size)
        ids = [scene for scene in self.scenes if scene.startswith(query.get("prefix", ""))]
        left = [scene for scene in ids if scene > query.get("after", "")]
        rows = [{"id": s, "truth": self.scenes[s], "prediction": False} for s in left[:size]]
        return {"scenes": rows, "next": rows[-1]["id"] if len(left) > size else None}

    def _scene(self, scene: str, kind: str) -> tuple[int, str, bytes]:
        if scene not in self.scenes:
            return problem(404, f"There is no scene {scene}.")
        if kind == "truth" and not self.scenes[scene]:
            return problem(404, f"Scene {scene} has no true mask.")
        return _json(_prediction()) if kind == "prediction" else (200, "image/png", png())

    def _predict(self, body: bytes, query: dict[str, str]) -> tuple[int, str, bytes]:
        if body[:4] not in (b"\x89PNG", b"II*\0"):
            return problem(400, f"These {len(body)} bytes are *no* picture.")
        if query["format"] == "overlay":
            return 200, "image/png", png()
        return _json(_prediction())


def problem(status: int, detail: str) -> tuple[int, str, bytes]:
    document = {"type": "urn:x:problem", "title": "Problem", "status": status, "detail": detail}
    return status, "application/problem+json", json.dumps(document).encode()


@contextmanager
def serving(api: CannedApi) -> Iterator[CannedApi]:
    """Serve on a free port while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            api.asked.append(f"{self.command} {self.path}")
            api.headers.append({name.lower(): value for name, value in self.headers.items()})
            api.bodies.append(body)
            headers: dict[str, str] = {}
            status, media_type, answer = api.answer(self.command, self.path, body)
            if api.refusals:
                status, headers = api.refusals.pop(0)
                status, media_type, answer = problem(status, "Not now.")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("X-Request-Id", "request-7")
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(document: dict[str, Any]) -> tuple[int, str, bytes]:
    return 200, "application/json", json.dumps(document).encode()


def _prediction() -> dict[str, Any]:
    rows = [
        {**category, "pixels": int(32 * share), "share": share}
        for category, share in zip(CATEGORIES, SHARES, strict=True)
    ]
    return {
        "width": 8,
        "height": 4,
        "model": "tiny:1.0.0",
        "mean_confidence": 0.75,
        "categories": rows,
        "timings_ms": {"decode": 1.0, "infer": 20.4, "encode": 2.0, "total": 23.4},
        "mask": {"encoding": "png;base64", "data": base64.b64encode(png()).decode()},
    }
