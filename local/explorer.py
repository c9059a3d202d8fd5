"""The explorer's Streamlit server."""

import sys
from pathlib import Path

from local.processes import Children

SCRIPT = Path(__file__).parents[1] / "frontend" / "streamlit_app.py"


def start_explorer(children: Children, port: int, api: str) -> int:
    """Serve the explorer on loopback; return the id of its process.

    Args:
        children: whose child it becomes; it answers once `explorer_health(port)` does.
        port: where it listens.
        api: address of the service, without /api.
    """
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(SCRIPT)),
        *(f"--{name}={value}" for name, value in options.items()),
    ]
    return children.start("explorer", command, API_BASE_URL=api)


def explorer_health(port: int) -> str:
    """Return the address that answers when the explorer can be opened."""
    return f"http://127.0.0.1:{port}/_stcore/health"
