import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# `streamlit run frontend/streamlit_app.py` puts the page's folder on the path, and so do we.
sys.path[:0] = [str(HERE), str(ROOT / "frontend")]

from canned_api import CannedApi, serving  # noqa: E402

PATIENCE_S = 90
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[CannedApi]:
    """A canned API that the page's modules talk to."""
    with serving(CannedApi()) as canned:
        monkeypatch.setenv("API_BASE_URL", canned.url + "/")
        monkeypatch.delenv("API_KEY", raising=False)
        yield canned


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def explorer_url(browser: "Browser", service_url: str, tmp_path_factory: Any) -> Iterator[str]:
    """Streamlit serving the page, started away from the checkout as a container would."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", ROOT / "frontend/streamlit_app.py"),
            *("--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"),
            "--server.fileWatcherType=none",
        ],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env={**os.environ, "API_BASE_URL": service_url},
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        assert process.poll() is None, f"Streamlit ended with {process.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")
