"""The two ways in which the explorer is deployed, for any API."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.processes import free_port
from local.site import configure_site, serving_site

ROOT = Path(__file__).parents[2]
PATIENCE_S = 90


@dataclass(frozen=True)
class Deployment:
    """A way to run the explorer: what it is called, and how to run it for an API's address."""

    name: str
    serving: Callable[[str], AbstractContextManager[str]] = field(compare=False)


@contextmanager
def streamlit_server(api: str, elsewhere: Path) -> Iterator[str]:
    """Streamlit serving the page, started away from the checkout as a container would."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", ROOT / "frontend/streamlit_app.py"),
            *("--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"),
            "--server.fileWatcherType=none",
        ],
        cwd=elsewhere,
        env={**os.environ, "API_BASE_URL": api},
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def static_site(built: Path, api: str, folder: Path) -> Iterator[str]:
    """A copy of the built site, told the API's address and served."""
    site = folder / "site"
    shutil.copytree(built, site)
    configure_site(site, api)
    with serving_site(site) as url:
        yield url


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        assert process.poll() is None, f"Streamlit ended with {process.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")
