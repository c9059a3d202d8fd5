"""The whole system on one machine: storage, model, scenes, API, explorer."""

import hashlib
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from function_app.storage import storage_errors
from local import azurite
from local.processes import Children, require_free
from local.seed import create_containers, seed_models, seed_scenes

PROJECT = Path(__file__).parent.parent
DEMO_SCENES = 24
LINE = 36
"""Columns of a progress line, so that each overwrites the one before."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the three servers listen on loopback."""

    blob: int = 10000
    api: int = 7071
    explorer: int = 8501

    def variables(self) -> dict[str, int]:
        """Port by the environment variable that changes it."""
        return {"PORT_BLOB": self.blob, "PORT_API": self.api, "PORT_EXPLORER": self.explorer}


def run_demo(state: Path, ports: Ports, data: Path | None, per_split: int) -> None:
    """Start everything, show where it is, and stay until interrupted.

    Args:
        state: folder for the emulator, its data, generated scenes and logs.
        ports: where to listen.
        data: a Cityscapes folder; None for the synthetic scenes.
        per_split: how many scenes of each split to take.

    Raises:
        DemoError, AzuriteError, DataError, PackageError: see there.
    """
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))
    # A shell may have started us with Ctrl-C ignored, as it does in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    require_free(ports.variables())
    with Children(state / "logs") as children:
        start_system(children, state, ports, data, per_split)
        print(
            f"\n  Explorer   http://127.0.0.1:{ports.explorer}"
            f"\n  API        http://127.0.0.1:{ports.api}/api/docs"
            f"\n  Logs       {state / 'logs'}"
            "\n\nCtrl-C ends it all.",
            flush=True,
        )
        while True:
            time.sleep(1)
            children.check()


def start_system(
    children: Children, state: Path, ports: Ports, data: Path | None, per_split: int
) -> None:
    """Start storage, API and explorer, seed them, and send one prediction through."""
    containers = _containers(data)
    connection = azurite.connection_string(ports.blob)
    with _step("Installing the storage emulator"):
        azurite.install(state / "azurite")
    command = azurite.command(state / "azurite", ports.blob, state / "blobs")
    children.start("azurite", command)
    root = data or _synthetic_scenes(state / "scenes")
    with _step("Starting the storage emulator"):
        children.wait_for(f"http://127.0.0.1:{ports.blob}/")
    ids = _seed(connection, containers, root, per_split)
    # After seeding: a page left open in a browser must not make the API list half the scenes.
    children.start(
        "api",
        [sys.executable, "-m", "local", "host", "--port", str(ports.api)],
        BLOB_CONNECTION_STRING=connection,
        **containers,
    )
    _start_explorer(children, ports)
    with _step("Starting the API"):
        children.wait_for(f"http://127.0.0.1:{ports.api}/api/health/live")
    _first_prediction(f"http://127.0.0.1:{ports.api}/api", ids[0])
    with _step("Starting the explorer"):
        children.wait_for(f"http://127.0.0.1:{ports.explorer}/_stcore/health")


def _start_explorer(children: Children, ports: Ports) -> None:
    options = {
        "server.port": ports.explorer,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    children.start(
        "explorer",
        [
            *(sys.executable, "-m", "streamlit", "run", "frontend/streamlit_app.py"),
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        API_BASE_URL=f"http://127.0.0.1:{ports.api}",
    )


def _seed(connection: str, containers: dict[str, str], root: Path, per_split: int) -> list[str]:
    from azure.storage.blob import BlobServiceClient

    with storage_errors(), BlobServiceClient.from_connection_string(connection) as account:
        create_containers(account, ("models", *containers.values()))
        with _step("Publishing the model") as note:
            note(str(seed_models(PROJECT / "models", account.get_container_client("models"))))
        with _step("Uploading scenes") as note:
            scenes = account.get_container_client(containers["SCENES_CONTAINER"])
            ids = seed_scenes(root, per_split, scenes, _counter("uploading scene"))
            note(f"{len(ids)} from {root}")
    return ids


def _containers(data: Path | None) -> dict[str, str]:
    """Containers by setting; each data set has its own, so that changing DATA mixes nothing."""
    suffix = ""
    if data is not None:
        suffix = f"-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:10]}"
    return {
        "SCENES_CONTAINER": f"scenes{suffix}",
        "PREDICTIONS_CONTAINER": f"predictions{suffix}",
    }


def _synthetic_scenes(folder: Path) -> Path:
    from training.data.synthetic import write_dataset

    with _step("Drawing synthetic scenes"):
        write_dataset(folder, DEMO_SCENES, progress=_counter("drawing scene"))
    return folder


def _first_prediction(api: str, scene_id: str) -> None:
    with _step("Sending a first prediction") as note:
        photo = urllib.request.urlopen(f"{api}/scenes/{scene_id}/photo").read()  # noqa: S310
        start = time.perf_counter()
        request = urllib.request.Request(f"{api}/predict", photo, method="POST")  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            answer.read()
        elapsed = (time.perf_counter() - start) * 1000
        note(f"{elapsed:.0f} ms, model loading included; {answer.headers['Server-Timing']}")


class _step:  # noqa: N801 - reads as a statement
    """Print what is being done, and when it is done how long it took."""

    def __init__(self, title: str) -> None:
        self._title, self._note = title, ""

    def __enter__(self) -> Callable[[str], None]:
        self._start = time.monotonic()
        print(f"{self._title} ...", end="", flush=True)
        return self._remember

    def _remember(self, note: str) -> None:
        self._note = f"  {note}"

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            elapsed = time.monotonic() - self._start
            print(f"\r{self._title:{LINE}}{elapsed:6.1f} s{self._note}", flush=True)


def _counter(label: str) -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        print(f"\r{f'  {label} {done}/{total}':{LINE}}", end="", flush=True)

    return show
