"""Azurite, Microsoft's storage emulator: install it from the lock file, start it, reach it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import node
from local.processes import Children, free_port

SOURCE = Path(__file__).parent / "azurite"
ACCOUNT = "devstoreaccount1"
# Azurite's published development key; it opens nothing but emulators.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def connection_string(port: int) -> str:
    """Connection string of the emulator on loopback."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
        f"BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
    )


def install(folder: Path) -> None:
    """Install exactly what package-lock.json says into `folder`, once.

    Raises:
        NodeError: Node.js cannot be had, or npm fails.
    """
    node.install_packages(SOURCE, folder)


def command(folder: Path, port: int, data: Path) -> list[str]:
    """Return the command line that serves blobs on loopback from the folder `data`."""
    return [
        node.toolchain()[0],
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
