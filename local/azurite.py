"""Azurite, Microsoft's storage emulator: install it from the lock file, start it, reach it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import node
from local.processes import Children, free_port

SOURCE = Path(__file__).parent / "azurite"
ACCOUNT = "devstoreaccount1"
# Azurite's published development key, which only emulators accept.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def connection_string(blobs: int, queues: int) -> str:
    """Connection string of the emulator's services on loopback, by their ports."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
        f"BlobEndpoint=http://127.0.0.1:{blobs}/{ACCOUNT};"
        f"QueueEndpoint=http://127.0.0.1:{queues}/{ACCOUNT};"
    )


def install(folder: Path) -> None:
    """Install exactly what package-lock.json says into `folder`, once.

    Raises:
        NodeError: Node.js cannot be had, or npm fails.
    """
    node.install_packages(SOURCE, folder)


def start(children: Children, folder: Path, data: Path, blobs: int, queues: int, **env: str) -> str:
    """Start the services of blobs and of queues on loopback; gives the connection string.

    Each is a process: in a single Node.js process they would share one core.

    Args:
        children: whose child processes they become.
        folder: where `install` has put the emulator.
        data: folder of what they keep.
        blobs, queues: ports.
        env: environment variables that the emulator knows, such as AZURITE_ACCOUNTS.

    Raises:
        DemoError: one does not answer.
    """
    for service, port in (("blob", blobs), ("queue", queues)):
        children.start(f"azurite-{service}", _command(folder, service, port, data), **env)
    for port in (blobs, queues):
        children.wait_for(f"http://127.0.0.1:{port}/")
    return connection_string(blobs, queues)


def _command(folder: Path, service: str, port: int, data: Path) -> list[str]:
    return [
        node.toolchain()[0],
        str(folder / f"node_modules/azurite/dist/src/{service}/main.js"),
        *(f"--{service}Host", "127.0.0.1", f"--{service}Port", str(port)),
        # The SDK is ahead of the emulator; and the emulator would report to Microsoft.
        *("--location", str(data), "--skipApiVersionCheck", "--disableTelemetry", "--silent"),
    ]


@contextmanager
def running(folder: Path, state: Path, **env: str) -> Iterator[str]:
    """Serve blobs and queues from below `state` until the block ends; gives the connection string.

    Args:
        folder: where `install` has put it.
        state: folder for what they keep, and logs.
        env: see `start`.
    """
    with Children(state / "logs") as children:
        yield start(children, folder, state / "blobs", free_port(), free_port(), **env)
