"""A stand-in, on loopback, for the endpoint where an app on App Service gets its tokens.

It follows "REST endpoint reference" in
https://learn.microsoft.com/azure/app-service/overview-managed-identity, as far as azure-identity
and the explorer use it; its tokens are worth nothing.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.helpers.background import in_background


class IdentityEndpoint:
    """What it was asked and how it answers; tests change it as they like."""

    def __init__(self) -> None:
        self.url = ""
        self.header = "the-secret-header"
        self.asked: list[dict[str, str]] = []
        """Queries, of which the n-th is answered by token-n."""
        self.lasts_s = 3600
        """Seconds that its tokens are valid."""
        self.resume = threading.Event()
        """While it is not set, answers wait; for 20 seconds at most."""
        self.resume.set()
        self.refusal: tuple[int, bytes] | None = None
        """Status and body, instead of a token."""

    def answer(self, target: str, header: str | None) -> tuple[int, bytes]:
        self.asked.append(query := dict(parse_qsl(urlsplit(target).query)))
        number = len(self.asked)
        self.resume.wait(20)
        if self.refusal:
            return self.refusal
        if header != self.header or query.get("api-version") != "2019-08-01":
            return 400, b'{"statusCode": 400, "message": "Not as the protocol says."}'
        token = {
            "access_token": f"token-{number}",
            "expires_on": str(int(time.time()) + self.lasts_s),
            "resource": query["resource"],
            "token_type": "Bearer",
            "client_id": query.get("client_id", "system-assigned"),
        }
        return 200, json.dumps(token).encode()


@contextmanager
def identity_endpoint() -> Iterator[IdentityEndpoint]:
    """Serve a stand-in on a free port while the block runs."""
    standing_in = IdentityEndpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            secret = self.headers.get("X-IDENTITY-HEADER")
            status, body = standing_in.answer(self.path, secret)
            with suppress(ConnectionError):  # who asked does not wait any longer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    standing_in.url = f"http://127.0.0.1:{server.server_address[1]}/msi/token"
    with in_background(server):
        yield standing_in
