"""A proxy in front of Azurite that misbehaves on demand, as storage and networks do."""

import re
import socket
import struct
import threading
from dataclasses import dataclass

from tests.helpers.proxy import Answer, Handler, Proxy, Request

STATUSES = {
    "invalid": (
        400,
        "InvalidQueryParameterValue",
        "Value for one of the query parameters specified in the request URI is invalid.",
    ),
    "busy": (503, "ServerBusy", "The server is currently unable to receive requests."),
    "error": (500, "InternalError", "The server encountered an internal error."),
    "forbidden": (
        403,
        "AuthorizationPermissionMismatch",
        "This request is not authorized to perform this operation using this permission.",
    ),
}
"""Azure's own answers by fault. The other faults: delay, hang, reset, trickle, truncate."""


@dataclass
class Fault:
    """What happens to requests whose `METHOD /path?query` matches, so many times (-1: always)."""

    kind: str
    pattern: str = ""
    times: int = -1
    seconds: float = 0.0


class FaultyStorage(Proxy):
    """Forwards to the storage of a connection string, except for what `fault` says."""

    def __init__(self, connection: str) -> None:
        match = re.search(r"http://127\.0\.0\.1:\d+", connection)
        assert match
        super().__init__(match[0])
        self.connection = connection.replace(match[0], self.url)
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

    def _next_fault(self, request: str) -> Fault | None:
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

    def reply(self, handler: Handler, request: Request) -> None:
        fault = self._next_fault(f"{request.method} {request.path}")
        kind = fault.kind if fault else ""
        if fault and kind == "delay":
            self.healed.wait(fault.seconds)
        if kind == "hang":
            self.healed.wait(60)
        if kind in {"hang", "reset"}:
            # A socket closed with data of no interest left sends a reset.
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.close_connection = True
            handler.connection.close()
        elif kind in STATUSES:
            handler.send(_refusal(kind))
        elif kind in {"truncate", "trickle"} and request.method != "HEAD":
            self._send_badly(handler, self.forward(request), kind)
        else:
            handler.send(self.forward(request))

    def _send_badly(self, handler: Handler, answer: Answer, kind: str) -> None:
        handler.send_head(answer)
        if kind == "truncate":
            handler.wfile.write(answer.body[: len(answer.body) // 2])
            handler.close_connection = True
            return
        for value in answer.body:
            handler.wfile.write(bytes([value]))
            if self.healed.wait(0.2):
                handler.close_connection = True
                return


def _refusal(kind: str) -> Answer:
    status, code, message = STATUSES[kind]
    text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    headers = {"x-ms-error-code": code, "content-type": "application/xml"}
    if kind == "busy":
        headers["retry-after"] = "1"
    return Answer(status, headers, text.encode())
