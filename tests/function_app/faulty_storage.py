"""A proxy in front of Azurite that misbehaves on demand, as storage and networks do."""

import http.client
import re
import socket
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STATUSES = {
    "busy": (503, "ServerBusy", "The server is currently unable to receive requests."),
    "error": (500, "InternalError", "The server encountered an internal error."),
    "forbidden": (
        403,
        "AuthorizationPermissionMismatch",
        "This request is not authorized to perform this operation using this permission.",
    ),
}
"""Azure's own answers by fault. The other faults: delay, hang, reset, trickle, truncate."""

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Fault:
    """What happens to requests whose `METHOD /path?query` matches, so many times (-1: always)."""

    kind: str
    pattern: str = ""
    times: int = -1
    seconds: float = 0.0


class FaultyStorage(ThreadingHTTPServer):
    """Forwards to the storage of a connection string, except for what `fault` says."""

    daemon_threads = True

    def __init__(self, connection: str) -> None:
        match = re.search(r"http://127\.0\.0\.1:(\d+)", connection)
        assert match
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = int(match[1])
        self.connection = connection.replace(f":{match[1]}", f":{self.server_address[1]}")
        self.seen: list[str] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.healed = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def fault(self, kind: str, pattern: str = "", times: int = -1, seconds: float = 0.0) -> None:
        """Add a fault; the first that matches a request happens to it."""
        self.healed.clear()
        self._faults.append(Fault(kind, pattern, times, seconds))

    def heal(self) -> None:
        """End all faults, those under way too, and forget what was seen."""
        self._faults.clear()
        self.seen.clear()
        self.healed.set()

    def next_fault(self, request: str) -> Fault | None:
        with self._lock:
            self.seen.append(request)
            for fault in self._faults:
                if fault.times and re.search(fault.pattern, request):
                    fault.times -= 1
                    return fault
        return None

    def __exit__(self, *_: object) -> None:
        self.heal()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """A client that has gone away is what several tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyStorage

    def do_GET(self) -> None:
        fault = self.server.next_fault(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = fault.kind if fault else ""
        if fault and kind == "delay":
            self.server.healed.wait(fault.seconds)
        if kind == "hang":
            self.server.healed.wait(60)
        if kind in {"hang", "reset"}:
            # A socket closed with data of no interest left sends a reset.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
        elif kind in STATUSES:
            status, code, message = STATUSES[kind]
            text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
            headers = {"x-ms-error-code": code, "Content-Type": "application/xml"}
            if kind == "busy":
                headers["Retry-After"] = "1"
            self._answer(status, headers, text.encode())
        else:
            self._answer(*self._forward(body), kind)

    do_HEAD = do_PUT = do_DELETE = do_POST = do_GET  # noqa: N815

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        target = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=30)
        try:
            target.request(self.command, self.path, body, dict(self.headers))
            reply = target.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            target.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes, kind: str = "") -> None:
        length = headers.get("content-length", len(body)) if self.command == "HEAD" else len(body)
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        if kind == "truncate":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif kind == "trickle":
            for value in body:
                self.wfile.write(bytes([value]))
                if self.server.healed.wait(0.2):
                    self.close_connection = True
                    return
        else:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: tests look at `seen`."""
