"""The whole system on one machine: storage, model, scenes, API, explorer."""

import hashlib
import os
import signal
import sys
import time
import webbrowser
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from function_app.storage.errors import storage_errors
from local import azurite
from local.docs_page import fetch_swagger_ui
from local.explorer import explorer_health, start_explorer
from local.node import NodeError
from local.processes import Children, require_free
from local.progress import counter, step
from local.seed import create_containers, seed_models, seed_scenes
from local.service import start_api, start_worker, wait_for_api
from local.site import SiteError, build_site
from local.smoke import Target, run_smoke

PROJECT = Path(__file__).parent.parent
DEMO_SCENES = 24


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen on loopback."""

    blob: int = 10000
    queue: int = 10001
    api: int = 7071
    explorer: int = 8501
    site: int = 8502

    def variables(self) -> dict[str, int]:
        """Port by the environment variable that changes it."""
        return {
            "PORT_BLOB": self.blob,
            "PORT_QUEUE": self.queue,
            "PORT_API": self.api,
            "PORT_EXPLORER": self.explorer,
            "PORT_SITE": self.site,
        }


def run_demo(state: Path, ports: Ports, data: Path | None, per_split: int) -> None:
    """Start everything, show where it is, and stay until interrupted.

    Args:
        state: folder for the emulator, its data, generated scenes and logs.
        ports: where to listen.
        data: a Cityscapes folder; None for the synthetic scenes.
        per_split: how many scenes of each split to take.

    Raises:
        DemoError: a port is taken, or a process does not start.
        NodeError: Node.js, which the storage emulator needs, cannot be had.
        DataError: `data` is not a Cityscapes folder.
        PackageError: a bundled model package is damaged.
        SmokeError: the system runs and does not answer as it should.
    """
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))
    # A shell may have started us with Ctrl-C ignored, as it does in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    require_free(ports.variables())
    with Children(state / "logs") as children:
        start_system(children, state, ports, data, per_split)
        explorer = f"http://127.0.0.1:{ports.explorer}"
        print(f"\n  Explorer   {explorer}\n", flush=True)
        _open_browser(explorer)
        site = start_site(children, state, ports)
        _first_prediction(ports, site)
        print(
            f"\n  Explorer   {explorer}"
            f"\n  Static     {site}"
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
    """Start storage, API and explorer, and seed them."""
    containers = _containers(data)
    with step("Installing the storage emulator"):
        azurite.install(state / "azurite")
    with step("Fetching Swagger UI"):
        fetch_swagger_ui(PROJECT)
    with step("Starting the storage emulator"):
        connection = azurite.start(
            children, state / "azurite", state / "blobs", ports.blob, ports.queue
        )
    root = data or _synthetic_scenes(state / "scenes")
    _seed(connection, containers, root, per_split)
    api = start_api(children, ports.api, connection, **containers)
    start_worker(children, connection, **containers)
    start_explorer(children, ports.explorer, api.address)
    with step("Starting the API"):
        wait_for_api(children, api)
    with step("Starting the explorer"):
        children.wait_for(explorer_health(ports.explorer))


def _open_browser(address: str) -> None:
    """Open a page for someone who sits at a desktop; a browser in the terminal is not meant."""
    desktop = sys.platform == "darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    )
    if sys.stdout.isatty() and desktop:
        with suppress(webbrowser.Error):
            browser = webbrowser.get()
            if type(browser) is not webbrowser.GenericBrowser:  # what browsers for terminals are
                browser.open(address)


def start_site(children: Children, state: Path, ports: Ports) -> str:
    """Build the explorer's static site and serve it.

    Returns:
        Its address; or, where it cannot be built, "left out: " and why. The demo goes on without.
    """
    try:
        build_site(PROJECT, state / "www", state / "site", f"http://127.0.0.1:{ports.api}")
    except (NodeError, SiteError, OSError) as error:
        return f"left out: {' '.join(str(error).split())[:200]}"
    command = [sys.executable, "-m", "local", "site", "serve", str(state / "www")]
    children.start("site", [*command, "--port", str(ports.site)])
    children.wait_for(f"http://127.0.0.1:{ports.site}/")
    return f"http://127.0.0.1:{ports.site}"


def _seed(connection: str, containers: dict[str, str], root: Path, per_split: int) -> None:
    from azure.storage.blob import BlobServiceClient

    with storage_errors(), BlobServiceClient.from_connection_string(connection) as account:
        create_containers(account, ("models", *containers.values()))
        with step("Publishing the model") as note:
            note(str(seed_models(PROJECT / "models", account.get_container_client("models"))))
        with step("Uploading scenes") as note:
            scenes = account.get_container_client(containers["SCENES_CONTAINER"])
            ids = seed_scenes(root, per_split, scenes, counter("uploading scene"))
            note(f"{len(ids)} from {root}")


def _containers(data: Path | None) -> dict[str, str]:
    """Containers by setting; each data set has its own, so that changing DATA mixes nothing."""
    suffix = ""
    if data is not None:
        suffix = f"-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:10]}"
    return {
        "SCENES_CONTAINER": f"scenes{suffix}",
        "PREDICTIONS_CONTAINER": f"predictions{suffix}",
        "BATCHES_CONTAINER": f"batches{suffix}",
    }


def _synthetic_scenes(folder: Path) -> Path:
    from synthetic import write_dataset

    with step("Drawing synthetic scenes"):
        write_dataset(folder, DEMO_SCENES, progress=counter("drawing scene"))
    return folder


def _first_prediction(ports: Ports, site: str) -> None:
    """Run the smoke test, and print what it found out about a prediction."""
    target = Target(
        f"http://127.0.0.1:{ports.api}",
        explorer=f"http://127.0.0.1:{ports.explorer}",
        site=site if site.startswith("http://") else "",
        wait=60,
        batch=False,  # the explorer's list of batches is the user's
    )
    with step("Sending a first prediction") as note:
        found = run_smoke(target, report=lambda _title: nullcontext(lambda _note: None))
        note(found["Prediction"])
