"""A proxy on loopback: passes requests on to a server, and lets a test change what comes back."""

import http.client
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

HOP = ("connection", "keep-alive", "transfer-encoding", "content-length")
"""Headers of a connection, which a proxy makes anew."""


@dataclass(frozen=True)
class Request:
    """What was asked; the names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """What is answered; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Proxy(ThreadingHTTPServer):
    """Passes requests on; subclasses override `answer`, or `reply` for what is no HTTP.

    Args:
        target: address of the server behind; its path does not count.
        host: loopback address to listen on.
    """

    daemon_threads = True

    def __init__(self, target: str, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), Handler)
        self.target = urlsplit(target).netloc
        self.url = f"http://{host}:{self.server_address[1]}"

    def answer(self, request: Request) -> Answer:
        return self.forward(request)

    def forward(self, request: Request) -> Answer:
        """Return the answer of the server behind."""
        connection = http.client.HTTPConnection(self.target, timeout=60)
        try:
            connection.request(request.method, request.path, request.body, request.headers)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, headers, response.read())
        finally:
            connection.close()

    def reply(self, handler: "Handler", request: Request) -> None:
        handler.send(self.answer(request))

    def handle_error(self, *_: object) -> None:
        """Stay silent about clients that have gone away."""


class Handler(BaseHTTPRequestHandler):
    """Reads requests for a `Proxy`, and writes its answers."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.reply(self, Request(self.command, self.path, headers, body))

    do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

    def send_head(self, answer: Answer) -> None:
        length = str(len(answer.body))
        if self.command == "HEAD":
            length = answer.headers.get("content-length", length)
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()

    def send(self, answer: Answer) -> None:
        self.send_head(answer)
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Log nothing: tests look at what they were told."""
