"""The real service with defects of a test's choice, as if it were a remote one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import pytest

from local.login import Login
from local.smoke import SmokeError, Target, run_smoke
from tests.helpers.background import in_background
from tests.helpers.proxy import Answer, Proxy, Request

GUARDED = ("/api/predict", "/api/scenes", "/api/batches")

Change = Callable[[Answer], Answer]


def instead(body: bytes, status: int = 200, **headers: str) -> Change:
    """Return a change that puts another answer in the place of the real one."""
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(status, found, body)


class BrokenService(Proxy):
    """Passes on what it is asked, and changes answers.

    It is at another loopback address than the local host, and so takes the place of a remote one:
    it admits the origins that it is told, and asks for the headers of a login.
    """

    def __init__(self, service: str) -> None:
        super().__init__(service, "127.0.0.2")
        self.changes: dict[str, Change] = {}
        self.login: dict[str, str] = {}
        self.origins: set[str] = set()
        self.asked: list[tuple[str, dict[str, str]]] = []

    def answer(self, request: Request) -> Answer:
        self.asked.append((request.path, request.headers))
        guarded = request.path.startswith(GUARDED) and request.method != "OPTIONS"
        if guarded and not self.login.items() <= request.headers.items():
            return Answer(401, {}, b"")
        answer = self.forward(request)
        answer.headers.pop("access-control-allow-origin", None)
        if admitted := self.origins & {request.headers.get("origin", ""), "*"}:
            answer.headers["access-control-allow-origin"] = admitted.pop()
        change = self.changes.get(request.path) or self.changes.get(request.path.partition("?")[0])
        return change(answer) if change else answer


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
