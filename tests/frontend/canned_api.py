"""A prediction API on loopback that answers from memory and remembers what it was asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from canned_answers import (
    ACTIVE,
    CATEGORIES,
    LIMITS,
    MASKS,
    TRUTH,
    batch,
    confidence_png,
    evaluation,
    mask_png,
    model,
    official,
    png,
    prediction,
    without_void,
)

from tests.helpers.background import in_background

__all__ = ["CannedApi", "png", "problem", "serving"]

Answer = tuple[int, str, bytes]
"""Status, media type and body."""

STORED = ("photos", "thumbnails", "truths", "predictions", "errors", "evaluations")


class CannedApi:
    """What the API knows and was asked; tests change it as they like."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.scenes = {"a_0": True, "b_1": True, "c_2": False}
        self.page_size = 2
        self.batches: dict[str, dict[str, Any]] = {}
        """Their statuses by id, the newest first."""
        self.failures: list[tuple[str, str]] = []
        """Ids and reasons, of every batch; two in an answer."""
        self.evaluations: dict[tuple[str, str], dict[str, Any]] = {}
        """Documents by scene and model, instead of the usual ones."""
        self.start_refusal: Answer | None = None
        self.raw: dict[str, Answer] = {}
        """Whole answers by path, instead of the usual ones."""
        self.refusals: list[tuple[int, dict[str, str]]] = []
        """Statuses and headers of the next answers, before any other."""
        self.delay = 0.0
        """Seconds before each answer."""
        self.resume = threading.Event()
        """While it is not set, answers wait; for 20 seconds at most."""
        self.resume.set()
        self.answered = 0
        self.down = False
        """Whether connections end without an answer, and what they ask is not remembered."""

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path in self.raw:
            return self.raw[url.path]
        match [unquote(part) for part in url.path.split("/")[1:]]:
            case ["api", kind, *path] if kind in STORED:
                return self._scene("/".join(path), kind, query)
            case ["api", "predict"] if method == "POST":
                return _predict(body, query)
            case ["api", "batches"]:
                return self._start(body) if method == "POST" else self._listed(query)
            case ["api", "batches", id, *failures]:
                return self._batch(method, id, query if failures else None)
        ready = {"status": "ready", "storage": "ok", "refused": None, "uptime_s": 3600.0}
        documents = {
            "/api/categories": {"categories": CATEGORIES, "limits": LIMITS},
            "/api/models": {"active": ACTIVE, "models": [model(name) for name in MASKS]},
            "/api/scenes": self._page(query),
            "/api/health/ready": {"model": ACTIVE, **ready},
        }
        return _json(documents[url.path]) if url.path in documents else problem(404, "Nothing.")

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        size = min(int(query.get("limit", 100)), self.page_size)
        ids = [scene for scene in self.scenes if scene.startswith(query.get("prefix", ""))]
        left = [scene for scene in ids if scene > query.get("after", "")]
        rows = [{"id": s, "truth": self.scenes[s], "prediction": False} for s in left[:size]]
        return {"scenes": rows, "next": rows[-1]["id"] if len(left) > size else None}

    def _start(self, body: bytes) -> Answer:
        if self.start_refusal:
            return self.start_refusal
        id = f"started-{len(self.batches)}"
        self.batches = {id: batch(id, json.loads(body), "planning"), **self.batches}
        return 202, *_json(self.batches[id])[1:]

    def _listed(self, query: dict[str, str]) -> Answer:
        keys = ("id", "created", "model", "selection", "outputs")
        rows = [{key: row[key] for key in keys} for row in self.batches.values()]
        return _json({"batches": rows[: int(query["limit"])]})

    def _batch(self, method: str, id: str, failures: dict[str, str] | None) -> Answer:
        if id not in self.batches:
            return problem(404, f"There is no batch {id}.")
        if failures is not None:
            start = int(failures["after"])
            rows = [{"id": id, "reason": why} for id, why in self.failures[start : start + 2]]
            more = start + 2 < len(self.failures)
            return _json({"failures": rows, "next": str(start + 2) if more else None})
        if method == "DELETE":
            self.batches[id] = batch(id, {}, "cancelled")
        return (202 if method == "DELETE" else 200), *_json(self.batches[id])[1:]

    def _scene(self, scene: str, kind: str, query: dict[str, str]) -> Answer:
        if scene not in self.scenes:
            return problem(404, f"There is no scene {scene}.")
        if kind in {"truths", "errors", "evaluations"} and not self.scenes[scene]:
            return problem(404, f"Scene {scene} has no true mask.")
        if kind == "predictions":
            return _rendered(query)
        name = query.get("model", ACTIVE)
        if name not in MASKS:
            return problem(404, f"Model {name} is not published.")
        if kind == "evaluations":
            return _json(self.evaluations.get((scene, name)) or evaluation(scene, name))
        pictures = {
            "photos": png(),
            "thumbnails": png(4, 2),
            "truths": mask_png(official(TRUTH) if query.get("void") == "false" else TRUTH),
            "errors": png(),
        }
        return 200, "image/png", pictures[kind]


def problem(status: int, detail: str) -> Answer:
    document = {"type": "urn:x:problem", "title": "Problem", "status": status, "detail": detail}
    return status, "application/problem+json", json.dumps(document).encode()


@contextmanager
def serving(api: CannedApi) -> Iterator[CannedApi]:
    """Serve on a free port while the block runs, to scripts of any origin too."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if api.down:
                return
            api.asked.append(f"{self.command} {self.path}")
            api.headers.append({name.lower(): value for name, value in self.headers.items()})
            api.bodies.append(body)
            if api.delay:
                time.sleep(api.delay)
            api.resume.wait(20)
            api.answered += 1
            headers: dict[str, str] = {}
            status, media_type, answer = api.answer(self.command, self.path, body)
            if api.refusals:
                status, headers = api.refusals.pop(0)
                status, media_type, answer = problem(status, "Not now.")
            self._send(status, {**headers, "Content-Type": media_type}, answer)

        do_POST = do_DELETE = do_GET  # noqa: N815 - http.server's names

        def do_OPTIONS(self) -> None:
            if not api.down:
                asked = self.headers.get("Access-Control-Request-Headers", "")
                method = self.headers.get("Access-Control-Request-Method", "")
                allowed = {"Headers": asked, "Methods": method}
                headers = {f"Access-Control-Allow-{what}": said for what, said in allowed.items()}
                self._send(204, headers, b"")

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {
                **headers,
                "Content-Length": str(len(body)),
                "X-Request-Id": "request-7",
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Retry-After, X-Request-Id",
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    with in_background(server):
        yield api


def _json(document: dict[str, Any]) -> Answer:
    return 200, "application/json", json.dumps(document).encode()


def _predict(body: bytes, query: dict[str, str]) -> Answer:
    if not body.startswith((b"\x89PNG", b"II*\0", b"\xff\xd8\xff")):
        return problem(400, f"These {len(body)} bytes are *no* picture.")
    return _rendered(query)


def _rendered(query: dict[str, str]) -> Answer:
    name, format = query.get("model", ACTIVE), query.get("format", "mask")
    if format == "overlay":
        return 200, "image/png", png()
    if name not in MASKS:
        return problem(404, f"Model {name} is not published.")
    mask = MASKS[name] if query.get("void", "true") == "true" else without_void(MASKS[name])
    if format == "json":
        return _json(prediction(mask, name))
    pictures = {"mask": mask_png(mask), "color": mask_png(mask), "confidence": confidence_png()}
    if format not in pictures:
        return problem(422, f"format={format!r}: expected one of {', '.join(pictures)}, json.")
    return 200, "image/png", pictures[format]
