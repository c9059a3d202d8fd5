"""A plain HTTP client and helpers for the tests of the contract."""

import io
import json
import urllib.error
import urllib.request
import uuid
from typing import Any, NamedTuple

from PIL import Image

FRAME = "synthetic_000000_000019"
SCENE = f"val/synthetic/{FRAME}"
"""A seeded scene: the name of its files, and its id."""


class Reply(NamedTuple):
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def image(self) -> Image.Image:
        return Image.open(io.BytesIO(self.body))


class Client:
    def __init__(self, base: str) -> None:
        self.base = base

    def __call__(
        self, path: str, body: bytes | None = None, method: str | None = None, **headers: str
    ) -> Reply:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{self.base}/api/{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return Reply(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def check_problem(reply: Reply, status: int, slug: str) -> None:
    assert reply.status == status, reply.body
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["type"] == f"urn:future-vision:problem:{slug}"
    assert reply.json["status"] == status
    assert reply.json["detail"]
    assert uuid.UUID(reply.headers["X-Request-Id"])
