"""The service under Azure Functions Core Tools: the same host as in Azure."""

import json
from pathlib import Path

from local.processes import Children
from local.service import Process

PROJECT = Path(__file__).parents[2]


def start(children: Children, port: int, connection: str, **settings: str) -> Process:
    """Start `func start`, as `local.service.start_api` starts the local host.

    Settings come as environment variables, which go before local.settings.json.
    """
    example = json.loads((PROJECT / "local.settings.example.json").read_text())["Values"]
    storage = dict.fromkeys(("AzureWebJobsStorage", "BLOB_CONNECTION_STRING", "QUEUES"), connection)
    values = {**example, **storage, **settings}
    pid = children.start("func", ["func", "start", "--port", str(port)], **values)
    return Process(f"http://127.0.0.1:{port}", pid)
