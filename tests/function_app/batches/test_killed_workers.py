"""Workers that are killed in the middle of their work, again and again."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from local.processes import Children, free_port
from local.service import start_api, start_worker, wait_for_api
from tests.function_app.batches.conftest import begin, wait
from tests.function_app.client import FRAME, SCENE, Client

pytestmark = pytest.mark.azurite

LEASE = ("--lease", "3")
"""Seconds after which the message of a worker that was killed comes again."""

COPIES = 64
"""Of one scene: four groups."""


@pytest.fixture
def copies(scenes: ContainerClient) -> Iterator[str]:
    """Folder of copies of a scene, with their truth; the ids differ."""
    sources = {
        "photos": next(n for n in scenes.list_blob_names(name_starts_with="photos/") if FRAME in n),
        "truth": next(n for n in scenes.list_blob_names(name_starts_with="truth/") if FRAME in n),
    }
    for kind, source in sources.items():
        data, name = scenes.download_blob(source).readall(), Path(source).name
        for copy in range(COPIES):
            scenes.upload_blob(f"{kind}/copies/{copy:02}{name}", data)
    yield "copies"
    for kind in sources:
        for name in scenes.list_blob_names(name_starts_with=f"{kind}/copies/"):
            scenes.delete_blob(name)


def test_nothing_is_lost_and_nothing_counts_twice(
    storage: str, copies: str, batch_account: BlobServiceClient, tmp_path: Path
) -> None:
    with Children(tmp_path) as children:
        api = start_api(children, free_port(), storage)
        wait_for_api(children, api)
        call = Client(api.address)
        single = call(f"evaluations/{SCENE}").json
        id = begin(call, folder=copies).json["id"]
        killed = 0
        for attempt in range(3):
            worker = start_worker(children, storage, f"killed-{attempt}", *LEASE)
            masks, deadline = count(batch_account), time.monotonic() + 60
            while count(batch_account) < masks + 5:  # it is in the middle of a group
                assert time.monotonic() < deadline
                time.sleep(0.02)
            os.kill(worker, signal.SIGKILL)
            killed += 1
        for survivor in ("one", "two"):
            start_worker(children, storage, survivor, *LEASE)
        status = wait(call, id, seconds=120)
    assert killed == 3
    assert status["photos"] == {"planned": COPIES, "done": COPIES, "failed": 0, "left": 0}
    for protocol in ("official", "with_void"):
        expected = COPIES * np.array(single[protocol]["confusion"])
        assert status["evaluation"][protocol]["confusion"] == expected.tolist()
    assert count(batch_account) == COPIES


def count(account: BlobServiceClient) -> int:
    """How many masks of copies are stored."""
    names = account.get_container_client("predictions").list_blob_names()
    return sum("/copies/" in name for name in names)
