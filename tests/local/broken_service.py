"""The real service with defects of a test's choice, as if it were a remote one."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from local.processes import in_background
from local.smoke import SmokeError, Target, run_smoke
from training.service_login import Login

GUARDED = ("/api/predict", "/api/scenes", "/api/batches")

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers by names in lower case, body."""

Change = Callable[[Answer], Answer]


def instead(body: bytes, status: int = 200, **headers: str) -> Change:
    """Return a change that puts another answer in the place of the real one."""
    return lambda _: (status, {name.replace("_", "-"): v for name, v in headers.items()}, body)


class BrokenService(ThreadingHTTPServer):
    """Passes on what it is asked, and changes answers.

    It is at another loopback address than the local host, and so takes the place of a remote one:
    it admits the origins that it is told, and asks for the headers of a login.
    """

    def __init__(self, service: str) -> None:
        super().__init__(("127.0.0.2", 0), _Handler)
        self.url = f"http://127.0.0.2:{self.server_address[1]}"
        self.changes: dict[str, Change] = {}
        self.login: dict[str, str] = {}
        self.origins: set[str] = set()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._service = urlsplit(service).netloc

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.asked.append((path, headers))
        guarded = (
            path.startswith(("/api/predict", "/api/scenes", "/api/batches")) and method != "OPTIONS"
        )
        if guarded and not self.login.items() <= headers.items():
            return 401, {}, b""
        status, found, data = self._real(method, path, headers, body)
        found.pop("access-control-allow-origin", None)
        if admitted := self.origins & {headers.get("origin", ""), "*"}:
            found["access-control-allow-origin"] = admitted.pop()
        change = self.changes.get(path) or self.changes.get(path.partition("?")[0])
        return change((status, found, data)) if change else (status, found, data)

    def _real(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        real = http.client.HTTPConnection(self._service)
        real.request(method, path, body, {**headers, "host": self._service})
        response = real.getresponse()
        found = {name.lower(): value for name, value in response.headers.items()}
        answer = response.status, found, response.read()
        real.close()
        return answer


class _Handler(BaseHTTPRequestHandler):
    server: BrokenService

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        sent = self.rfile.read(int(headers.get("content-length", 0)))
        status, found, body = self.server.answer(self.command, self.path, headers, sent)
        self.send_response(status)
        for name, value in {**found, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_OPTIONS(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Say nothing of single requests."""


@contextmanager
def serving_broken(service: str) -> Iterator[BrokenService]:
    """Serve until the block ends."""
    server = BrokenService(service)
    with in_background(server):
        yield server


def quietly(target: Target) -> dict[str, str]:
    """Return what the smoke test finds."""
    return run_smoke(target, report=lambda _: nullcontext(lambda _: None))


def failure(broken: BrokenService, key: str = "", **fronts: str) -> str:
    """Return what the smoke test says is wrong."""
    with pytest.raises(SmokeError) as raised:
        quietly(Target(broken.url, login=Login(key), wait=0, **fronts))
    return str(raised.value)
