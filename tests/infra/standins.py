"""Stand-ins for what only Azure has: the Azure CLI and the deployment site of a function app.

Azure cannot be had in tests. They answer as Microsoft's sources and documentation say (azure-cli
2.91.0) and remember what they were asked; storage is Azurite, and the service is the real one.
"""

import datetime
import ipaddress
import json
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.helpers.proxy import Answer, Proxy, Request

AZ = """#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
command, stdin = sys.argv[1:], "" if sys.stdin.isatty() else sys.stdin.read()
with (folder / "asked.jsonl").open("a") as log:
    log.write(json.dumps([command, stdin]) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
for position, (words, status, said) in enumerate(answers):
    if " ".join(command).startswith(words):
        if status:  # a failure happens once
            del answers[position]
            (folder / "answers.json").write_text(json.dumps(answers))
            sys.exit(print(said, file=sys.stderr) or status)
        print(json.dumps(said))
        break
else:
    sys.exit(f"ERROR: {{command}} is none of the commands that the stand-in knows")
"""


class StandInAz:
    """An `az` that answers what a test says, to the first words of a command.

    Args:
        folder: for the program; put it in front of PATH.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "az"
        program.write_text(AZ.format(python=sys.executable, folder=str(folder)))
        program.chmod(0o755)
        self._answers: list[tuple[str, int, Any]] = []
        self.answer("account get-access-token", "a-token")

    def answer(self, words: str, said: Any) -> None:
        """Answer commands that begin so, from now on."""
        self._answers.insert(0, (words, 0, said))
        self._write()

    def fail(self, words: str, said: str) -> None:
        """Fail the next command that begins so."""
        self._answers.insert(0, (words, 1, f"ERROR: {said}"))
        self._write()

    def _write(self) -> None:
        (self._folder / "answers.json").write_text(json.dumps(self._answers))

    @property
    def asked(self) -> list[tuple[list[str], str]]:
        """Commands and what they read, in order."""
        log = self._folder / "asked.jsonl"
        lines = log.read_text().splitlines() if log.exists() else []
        return [(command, stdin) for command, stdin in map(json.loads, lines)]


class StandInSite(ThreadingHTTPServer):
    """The deployment site (Kudu) of a Flex Consumption app, over TLS."""

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), _SiteHandler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.refusals: list[tuple[int, str]] = []
        """Answers to the next packages, before they are taken."""
        self.progress: list[dict[str, Any]] = [{"status": 1}, {"status": 2}, {"status": 4}]
        """What a deployment says, look by look; the last one for ever."""
        self.asked: list[str] = []
        self.packages: list[bytes] = []
        self.tokens: set[str] = set()

    def answer(self, method: str, path: str, token: str, body: bytes) -> tuple[int, bytes]:
        self.asked.append(f"{method} {path}")
        self.tokens.add(token)
        if method == "POST":
            if self.refusals:
                status, said = self.refusals.pop(0)
                return status, said.encode()
            self.packages.append(body)
            self._left = list(self.progress)
            return 202, b'"6f1cb1d2-0a4f-4d8e-9c53-3f5f5f0c2a11"'
        if path.endswith("/log"):
            return 200, b'[{"message": "Deployment log"}]'
        said_now = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        return said_now.get("http", 200), json.dumps(said_now).encode()


class _SiteHandler(BaseHTTPRequestHandler):
    server: StandInSite

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = self.headers.get("Authorization", "")
        status, said = self.server.answer(self.command, self.path, token, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Say nothing of single requests."""


class StorageDoor(Proxy):
    """In front of Azurite: refuses some writes, and passes the rest on."""

    def __init__(self, azurite: str) -> None:
        super().__init__(azurite)
        self.refused, self.code = 0, "AuthorizationPermissionMismatch"
        """How many of the next requests are refused, and as what."""
        self.breaks_after: int | None = None
        """Writes after which all are refused."""
        self.writes: list[str] = []
        self.counting = threading.Lock()

    def answer(self, request: Request) -> Answer:
        code = self._refusal(request)
        if not code:
            return self.forward(request)
        text = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>No.</Message></Error>'
        headers = {"x-ms-error-code": code, "content-type": "application/xml"}
        return Answer(400 if code == "InvalidInput" else 403, headers, text.encode())

    def _refusal(self, request: Request) -> str | None:
        with self.counting:
            if self.refused:
                self.refused -= 1
                return self.code
            if request.method == "PUT":
                if self.breaks_after is not None and len(self.writes) >= self.breaks_after:
                    return "InvalidInput"
                self.writes.append(urlsplit(request.path).path)
        return None


def write_certificate(path: Path) -> None:
    """Write key and certificate of a server on loopback."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + certificate.public_bytes(pem))
