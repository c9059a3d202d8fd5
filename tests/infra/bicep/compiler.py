"""The Bicep compiler, kept warm by `bicep jsonrpc`: a second for what takes five otherwise."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from infra import check
from tests.infra.bicep.deployment import Deployment

Parameters = dict[str, Any]


class Compiler:
    """A compiler that reads `infra.check.EXAMPLE` as its environment variables."""

    def __init__(self, program: str) -> None:
        fast_start = {"DOTNET_TieredPGO": "0"}
        self._process = subprocess.Popen(
            [program, "jsonrpc", "--stdio"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=check.environment() | fast_start,
        )  # fmt: skip
        self._asked = 0

    def close(self) -> None:
        self._process.communicate()

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._asked += 1
        asked = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": parameters}
        body = json.dumps(asked).encode()
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stdin.flush()
        length = 0
        while line := stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return json.loads(stdout.read(length))

    def diagnostics(self, file: Path) -> list[str]:
        """What compiler and linter say of a template or parameter file and all that it uses."""
        method = "bicep/compileParams" if file.suffix == ".bicepparam" else "bicep/compile"
        more = {"parameterOverrides": {}} if file.suffix == ".bicepparam" else {}
        said = self._ask(method, path=str(file), **more)["result"]["diagnostics"]
        return [
            f"{Path(each['source']).name}: {each['level']} {each['code']}: {each['message']}"
            for each in said
        ]

    def template(self, file: Path) -> dict[str, Any]:
        """The JSON that a template compiles to."""
        said = self._ask("bicep/compile", path=str(file))["result"]
        compiled: dict[str, Any] = json.loads(said["contents"])
        return compiled

    def snapshot(self, file: Path) -> Deployment:
        """What a parameter file would deploy; values known only in Azure stay `[expressions]`.

        Raises:
            AssertionError: it cannot be deployed; the message says why.
        """
        where = {
            "tenantId": check.TENANT, "subscriptionId": check.SUBSCRIPTION, "resourceGroup": None,
            "location": check.LOCATION, "deploymentName": None,
        }  # fmt: skip
        said = self._ask(
            "bicep/getSnapshot", path=str(file), metadata=where, externalInputs=None
        )  # fmt: skip
        assert "error" not in said, [said["error"]["message"], *self.diagnostics(file)]
        return Deployment(json.loads(said["result"]["snapshot"]))


def copy_templates(folder: Path) -> Path:
    """Copy the templates and the linter's settings; return the copy of infra/bicep."""
    shutil.copy(check.PROJECT / "bicepconfig.json", folder)
    return shutil.copytree(check.TEMPLATES, folder / "bicep")


def write_parameters(file: Path, parameters: Parameters) -> Path:
    """Write a parameter file for main.bicep."""
    lines = ["using './main.bicep'"]
    lines += [f"param {name} = {_literal(value)}" for name, value in parameters.items()]
    file.write_text("\n".join(lines) + "\n")
    return file


def _literal(value: Any) -> str:
    return json.dumps(value).replace('"', "'")
