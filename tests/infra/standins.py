"""Stand-ins for what only Azure has: the Azure CLI, and storage that refuses.

The CLI answers as its source says (azure-cli 2.91.0) and remembers what it was asked; storage is
Azurite, and the service is the real one.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.outputs import Outputs
from tests.helpers.proxy import Answer, Proxy, Request

KEY = "0123456789abcdef"
OUTPUTS = Outputs(
    "rg-1", "func-1", "https://func-1.azurewebsites.net", "https://stdata1.blob.example", "key",
    explorer_app_name="app-1", explorer_url="https://app-1.azurewebsites.net",
    explorer_auth_client_id="id-2", explorer_principal_id="object-1",
    static_site_url="https://stdata1.web.example",
)  # fmt: skip

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
