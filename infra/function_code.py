"""The function app's code: One Deploy, as it is, without a build in Azure.

`az functionapp deployment source config-zip` has Azure build every Python app anew, whatever
--build-remote says (azure-cli 2.91, enable_zip_deploy_flex): with other libraries than were
tested, and without bytecode. So the package goes to the address that `az` sends it to.
"""

import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from infra.azure_cli import AzureCli
from infra.errors import NotYetError, ReleaseError
from infra.patience import patiently

APP_SERVICE = "https://appservice.azure.com"
"""What the token is for (azure-cli, app_service_resource_id of the public cloud)."""

NOT_YET = {403, 404, 409, 429, 500, 502, 503, 504}
"""Statuses of a site that is new, busy with another deployment, or knows a role not yet."""

SUCCESS, ENDED = 4, {-1: "was cancelled", 3: "failed", 5: "met another one", 6: "is incomplete"}
"""Kudu's DeployStatus."""

NO_ROLE = re.compile(r"(InaccessibleStorage|BlobUploadFailed)Exception.*\b403\b", re.DOTALL)
"""What it says while the app's identity may not yet write into the deployment container."""

PAUSE = 2.0
"""Seconds between two looks at a deployment."""

LONGEST = 900.0
"""Seconds that a deployment may take."""

Progress = Callable[[int, int], None]


class _Reply(NamedTuple):
    status: int
    text: str


def deploy_code(cli: AzureCli, group: str, app: str, package: Path, progress: Progress) -> None:
    """Have a Flex Consumption app run a package, and wait until Azure has taken it over.

    Args:
        cli: who is logged in needs the role Website Contributor or more.
        group, app: names of resource group and function app.
        package: what `python -m local package` made.
        progress: told bytes sent and bytes in all.

    Raises:
        ReleaseError: the app is not there, or refuses the package.
    """
    query = "properties.hostNameSslStates[?hostType=='Repository'].name | [0]"
    site = ("--resource-type", "Microsoft.Web/sites", "--resource-group", group, "--name", app)
    host = cli.run("resource", "show", *site, "--query", query)
    if not host:
        raise ReleaseError(f"function app {app} names no address for deployments: is it new?")

    def attempt() -> None:
        token = cli.token(APP_SERVICE)  # anew: they last an hour
        _follow(host, _send(host, token, package, progress), token)

    patiently(attempt)


def _send(host: str, token: str, package: Path, progress: Progress) -> str:
    """Return the id of the deployment that has begun."""
    with package.open("rb") as file:
        size = package.stat().st_size
        body = _Counted(file, size, progress)
        headers = {"Content-Type": "application/zip", "Content-Length": str(size)}
        reply = _ask(host, "publish?RemoteBuild=false&Deployer=future_vision", token, body, headers)
    if reply.status not in (200, 202):
        _refused(f"{host} answered {reply.status} to {package.name}: {reply.text}", reply.status)
    found = re.search(r"[0-9a-fA-F-]{32,36}", reply.text)
    return found[0] if found else "latest"


def _follow(host: str, deployment: str, token: str) -> None:
    end, seen, reply = time.monotonic() + LONGEST, False, _Reply(0, "")
    while time.monotonic() < end:
        time.sleep(PAUSE)
        reply = _ask(host, f"deployments/{deployment}", token)
        if reply.status == 404 and seen:
            return  # its instance made way for one with the new code; az takes it for a success
        document = _document(reply.text) if reply.status in (200, 202) else {}
        seen = seen or bool(document)
        status = document.get("status", 0)
        if status == SUCCESS:
            return
        if status in ENDED:
            log = _ask(host, f"deployments/{deployment}/log", token).text
            said = document.get("status_text") or document.get("message") or ""
            _refused(f"deployment {deployment} {ENDED[status]}: {said} {log[-1500:]}", status)
    last = f"last answer: {reply.status} {reply.text[:300]}"
    raise ReleaseError(
        f"deployment {deployment} has not ended after {LONGEST / 60:.0f} minutes; {last}"
    )


def _refused(message: str, status: int) -> None:
    if NO_ROLE.search(message):
        container = "its deployment container (a role of its identity, or a network rule)"
        raise NotYetError(f"the function app may not write into {container} yet")
    raise (NotYetError if status in NOT_YET else ReleaseError)(message.strip())


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _ask(
    host: str,
    path: str,
    token: str,
    body: "_Counted | None" = None,
    headers: dict[str, str] | None = None,
) -> _Reply:
    headers = {"Authorization": f"Bearer {token}", **(headers or {})}
    request = urllib.request.Request(f"https://{host}/api/{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=300) as response:  # noqa: S310 - https
            return _Reply(response.status, response.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        with error:
            return _Reply(error.code, error.read().decode(errors="replace")[-2000:])
    except (OSError, http.client.HTTPException) as error:
        raise NotYetError(f"{host} does not answer: {getattr(error, 'reason', error)}") from error


class _Counted:
    """A file that tells how much of it has been read."""

    def __init__(self, file: Any, size: int, progress: Progress) -> None:
        self._file, self._size, self._progress, self._done = file, size, progress, 0

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data: bytes = self._file.read(max(size, 1 << 16) if size > 0 else size)
        self._done += len(data)
        self._progress(self._done, self._size)
        return data
