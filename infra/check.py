"""The Bicep compiler over all templates: lint, and what the parameter files would deploy.

`python -m infra check` compares with infra/bicep/*.snapshot.json, `--renew` writes them anew. The
values below stand in for those of a real environment.
"""

import os
import shutil
import subprocess
from pathlib import Path

from infra.errors import ReleaseError

PROJECT = Path(__file__).parent.parent
TEMPLATES = PROJECT / "infra" / "bicep"
SNAPSHOTS = ("prod.bicepparam", "github.bicepparam")

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TENANT = "00000000-0000-0000-0000-000000000002"
LOCATION = "swedencentral"
EXAMPLE = {
    "ALERT_EMAILS": "ops@example.org, boss@example.org",
    "API_AUTH_CLIENT_ID": "11111111-0000-0000-0000-000000000000",
    "BUDGET_START_DATE": "2026-12-01",
    "ENVIRONMENTS": "fvs-dev,fvs-prod,fvs-dev-preview",
    "EXPLORER_API_KEY": "not-a-real-function-key",
    "EXPLORER_AUTH_CLIENT_ID": "22222222-0000-0000-0000-000000000000",
    "OIDC_REPOSITORY": "octo-org/streets",
    "PREDICT_ON_UPLOAD": "true",
    "PUBLISHER_REPOSITORY": "octo-org/streets",
}
"""All environment variables that the parameter files read here, each with every option on."""


BICEP_VERSION = "0.49.2"
"""The compiler that the workflows install and the snapshots are made by."""

INSTALL = f"az bicep install --version v{BICEP_VERSION}, or set BICEP=/path/to/it"


def find_bicep() -> str | None:
    """Return the compiler: BICEP, ../shared/tools/bicep, that of `az bicep`, or the path's.

    The path's comes last: GitHub's machines have one there, of a version that changes.
    """
    places = (
        os.environ.get("BICEP"),
        PROJECT.parent / "shared" / "tools" / "bicep" / "bicep",
        Path.home() / ".azure" / "bin" / "bicep",
        "bicep",
    )
    return next((found for place in places if place and (found := shutil.which(str(place)))), None)


def environment() -> dict[str, str]:
    """Return this process's variables without those that parameter files read, and EXAMPLE."""
    read = ("AZURE_", "API_", "EXPLORER_", "PUBLIC_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(read)}
    return {**own, **EXAMPLE}


def check(*, renew: bool) -> None:
    """Lint all templates and compare the snapshots of the parameter files.

    Args:
        renew: write the snapshots instead of comparing them.

    Raises:
        ReleaseError: there is no compiler, it is not BICEP_VERSION, it says something, or a
            snapshot differs.
    """
    bicep = find_bicep()
    if bicep is None:
        raise ReleaseError(f"there is no Bicep compiler: {INSTALL}")
    version = subprocess.run(  # noqa: S603
        [bicep, "--version"], capture_output=True, text=True, check=False
    ).stdout
    if f" {BICEP_VERSION} " not in version:
        raise ReleaseError(f"{bicep} is {version.strip()!r}, not {BICEP_VERSION}: {INSTALL}")
    mode = "overwrite" if renew else "validate"
    where = ("--subscription-id", SUBSCRIPTION, "--tenant-id", TENANT, "--location", LOCATION)
    commands: list[tuple[str, ...]] = [
        ("lint", str(TEMPLATES / name)) for name in ("main.bicep", "github.bicep")
    ]
    commands += [("snapshot", str(TEMPLATES / name), "--mode", mode, *where) for name in SNAPSHOTS]
    failed = False
    for command in commands:
        ended = subprocess.run(  # noqa: S603
            [bicep, *command], env=environment(), capture_output=True, text=True, check=False
        )
        # A warning does not change the exit status.
        said = (ended.stdout + ended.stderr).strip()
        print(f"bicep {command[0]} {Path(command[1]).name}: {said or 'ok'}")
        failed = failed or bool(ended.returncode or said)
    if failed:
        raise ReleaseError(
            "see above; a changed snapshot that is as it should be: python -m infra check --renew"
        )
