"""Workers that are killed in the middle of their work, again and again."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from function_app.batches.planning import GROUP
from local.processes import Children, free_port
from local.service import start_api, start_worker, wait_for_api
from tests.function_app.batches.conftest import begin, wait
from tests.function_app.client import FRAME, SCENE, Client
from tests.helpers.waiting import wait_until

LEASE = ("--lease", "3")
"""Seconds after which the message of a worker that was killed comes again."""

COPIES = 64
"""Of one scene: four groups."""


@pytest.fixture
def copies(scenes: ContainerClient, batch_account: BlobServiceClient) -> Iterator[str]:
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
    for name in masks(batch_account):
        batch_account.get_blob_client("predictions", name).delete_blob()


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
            middle = count(batch_account) + 5  # of a group
            wait_until(lambda middle=middle: count(batch_account) >= middle)
            os.kill(worker, signal.SIGKILL)
            killed += 1
        for survivor in ("one", "two"):
            start_worker(children, storage, survivor, *LEASE)
        status = wait(call, id)
    assert killed == 3
    assert status["photos"] == {"planned": COPIES, "done": COPIES, "failed": 0, "left": 0}
    for protocol in ("official", "with_void"):
        expected = COPIES * np.array(single[protocol]["confusion"])
        assert status["evaluation"][protocol]["confusion"] == expected.tolist()
    assert count(batch_account) == COPIES


def count(account: BlobServiceClient) -> int:
    """How many masks of copies are stored."""
    return len(masks(account))


def masks(account: BlobServiceClient) -> list[str]:
    names = account.get_container_client("predictions").list_blob_names()
    return [name for name in names if "/copies/" in name]


def test_a_worker_that_is_told_to_end_finishes_its_group(
    storage: str, copies: str, batch_account: BlobServiceClient, tmp_path: Path
) -> None:
    """Nothing waits for a lease to end, which here takes ten minutes."""
    with Children(tmp_path) as children:
        api = start_api(children, free_port(), storage)
        wait_for_api(children, api)
        call = Client(api.address)
        id = begin(call, folder=copies).json["id"]
        worker = start_worker(children, storage, "ended")
        wait_until(lambda: count(batch_account))
        os.kill(worker, signal.SIGTERM)
        wait_until(lambda: os.waitid(os.P_PID, worker, os.WEXITED | os.WNOHANG | os.WNOWAIT))
        done = call(f"batches/{id}").json["photos"]["done"]
        assert done == count(batch_account)
        assert done % GROUP == 0
        start_worker(children, storage, "next")
        status = wait(call, id)
    assert status["photos"] == {"planned": COPIES, "done": COPIES, "failed": 0, "left": 0}
    logs = [(tmp_path / f"{name}.log").read_text() for name in ("ended", "next")]
    deliveries = re.findall('"deliveries": ([0-9]+)', "".join(logs))
    assert deliveries == ["1"] * (2 + COPIES // GROUP), "a list, a page, and each group once"
