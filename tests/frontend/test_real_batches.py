"""The client's batches against the running service and a worker."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import future_vision
import numpy as np
import pytest
from future_vision import ApiError
from future_vision_batches import BatchClient, BatchStatus

pytestmark = pytest.mark.usefixtures("queue_worker")


@pytest.fixture(scope="module")
def client(service_url: str) -> BatchClient:
    return BatchClient(service_url)


def test_a_batch_scores_as_its_photos_do(client: BatchClient) -> None:
    ids = [scene.id for scene in client.scenes()][:3]
    started = client.start_batch(ids=ids, outputs=["evaluation"])
    told: list[BatchStatus] = []
    status = client.wait_for_batch(started.id, told.append)
    assert (status.state, status.done, status.failed, status.left) == ("done", 3, 0, 0)
    assert (status.ids, status.model) == (3, client.models()["active"])
    assert told[-1] == status == client.batch(started.id)
    assert status.evaluation
    single = [client.evaluation(id)["official"]["confusion"] for id in ids]
    assert status.evaluation["official"]["confusion"] == np.sum(single, axis=0).tolist()
    assert list(client.batch_failures(started.id)) == []
    assert client.batches(limit=1)[0].id == started.id


def test_cancelling_what_has_ended_changes_nothing(client: BatchClient) -> None:
    ended = client.wait_for_batch(client.start_batch(prefix="nowhere").id)
    assert (ended.state, ended.planned) == ("failed", 0)
    assert "no photo" in str(ended.reason)
    assert client.cancel_batch(ended.id) == ended


def test_refusals(client: BatchClient) -> None:
    for ask, status, type in (
        (lambda: client.start_batch(ids=["nowhere"]), 422, "invalid-batch"),
        (lambda: client.start_batch(ids=["a"], folder="val"), 422, "invalid-batch"),
        (lambda: client.start_batch(model="none:1.0.0"), 404, "unknown-model"),
        (lambda: client.cancel_batch("20260102T030405Z-00000000"), 404, "unknown-batch"),
    ):
        with pytest.raises(ApiError) as caught:
            ask()
        error = caught.value
        assert (error.status, error.type) == (status, f"urn:future-vision:problem:{type}")


def test_the_example_of_the_documentation(service_url: str) -> None:
    frontend = Path(future_vision.__file__).parent
    text = (frontend.parent / "docs" / "client.md").read_text()
    (source,) = re.findall(r"```python\n(from future_vision_batches.*?)```", text, re.DOTALL)
    ended = subprocess.run(
        [sys.executable, "-c", source.replace("http://127.0.0.1:7071", service_url)],
        env={**os.environ, "PYTHONPATH": str(frontend)},
        capture_output=True,
        text=True,
        check=True,
    )
    *_, told, score = ended.stdout.splitlines()
    assert told == "done 6 of 6"
    assert re.fullmatch(r"done 0\.\d+", score)


def test_the_command_stores_what_the_service_says(client: BatchClient, tmp_path: Path) -> None:
    frontend, out = Path(future_vision.__file__).parent, tmp_path / "scores.json"
    ended = subprocess.run(
        [sys.executable, "score_batch.py", "--api", client.url, "--prefix", "val/", "--out", out],
        cwd=frontend, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    stored = json.loads(out.read_text())
    status = client.batch(stored["id"])
    assert status.done == stored["done"] > 0
    assert stored["evaluation"] == status.evaluation
    assert f"official  {stored['evaluation']['official']['mean_iou']:.4f}" in ended.stdout
