"""What the client asks of batches, and what it makes of the answers."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from canned_answers import ACTIVE, OTHER, batch
from canned_api import CannedApi
from future_vision import ApiError
from future_vision_batches import BatchClient, BatchStatus, Failure


@pytest.fixture
def client(api: CannedApi) -> BatchClient:
    return BatchClient(api.url)


def test_nothing_said_is_everything(client: BatchClient, api: CannedApi) -> None:
    status = client.start_batch()
    assert (api.asked, api.bodies) == (["POST /api/batches"], [b"{}"])
    assert api.headers[0]["content-type"] == "application/json"
    assert status == BatchStatus(
        id="started-0", created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), model=ACTIVE,
        folder="", prefix="", ids=None, outputs=("masks", "evaluation"), state="planning",
        reason=None, planned=0, done=0, failed=0, left=0, seconds=None, rate=None,
        seconds_left=None, waiting_since=None, waiting_until=None, left_out=0,
        left_out_examples=(), evaluation=None,
    )  # fmt: skip
    assert status.running


def test_what_is_chosen_is_told(client: BatchClient, api: CannedApi) -> None:
    chosen = client.start_batch(folder="val", prefix="b", model=OTHER, outputs=["masks"])
    assert (chosen.folder, chosen.prefix, chosen.model) == ("val", "b", OTHER)
    named = client.start_batch(ids=("a_0", "b_1"), outputs=("evaluation",))
    assert (named.ids, named.outputs) == (2, ("evaluation",))
    assert [json.loads(body) for body in api.bodies] == [
        {"folder": "val", "prefix": "b", "model": OTHER, "outputs": ["masks"]},
        {"ids": ["a_0", "b_1"], "outputs": ["evaluation"]},
    ]


def test_the_latest(client: BatchClient, api: CannedApi) -> None:
    ids = [client.start_batch().id for _ in range(3)]
    assert [row.id for row in client.batches()] == ids[::-1]
    assert [row.id for row in client.batches(limit=1)] == ids[-1:]
    assert api.asked[-2:] == ["GET /api/batches?limit=20", "GET /api/batches?limit=1"]


def test_cancelling(client: BatchClient, api: CannedApi) -> None:
    id = client.start_batch().id
    status = client.cancel_batch(id)
    assert api.asked[-1] == f"DELETE /api/batches/{id}"
    assert (status.state, status.reason, status.running) == ("cancelled", "cancelled", False)
    assert (status.done, status.left, status.rate) == (4, 4, 2.0)


def test_no_such_batch(client: BatchClient) -> None:
    for ask in (client.batch, client.cancel_batch, client.failure_page, client.wait_for_batch):
        with pytest.raises(ApiError, match="no batch none") as caught:
            ask("none")
        assert caught.value.status == 404


def test_failures_of_all_pages(client: BatchClient, api: CannedApi) -> None:
    id = client.start_batch().id
    assert list(client.batch_failures(id)) == []
    api.failures = [(f"p_{number}", "It is no photo.") for number in range(5)]
    assert list(client.batch_failures(id)) == [Failure(*row) for row in api.failures]
    assert [call.partition("?")[2] for call in api.asked[-3:]] == ["after=0", "after=2", "after=4"]
    before = len(api.asked)
    assert next(client.batch_failures(id)).id == "p_0"
    assert len(api.asked) == before + 1


def test_waiting_until_it_has_ended(
    client: BatchClient, api: CannedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = iter(["running", "done"])
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        api.batches["b"] = batch("b", {}, next(states))

    monkeypatch.setattr("future_vision_batches.time", SimpleNamespace(sleep=sleep))
    api.batches["b"] = batch("b", {}, "planning")
    told: list[BatchStatus] = []
    assert client.wait_for_batch("b", told.append) == told[-1]
    assert [status.state for status in told] == ["planning", "running", "done"]
    assert pauses == [2, 2]


@pytest.mark.parametrize(("left", "pause"), [(None, 2), (50.0, 2), (1000.0, 10), (1e6, 60)])
def test_what_lasts_is_looked_at_less_often(
    client: BatchClient, api: CannedApi, left: float | None, pause: float
) -> None:
    api.batches["b"] = {**batch("b", {}, "running"), "seconds_left": left}
    assert client.batch("b").pause == pause


@pytest.mark.parametrize("change", [{"photos": {}}, {"created": "soon"}, {"selection": None}])
def test_answers_of_another_shape(
    client: BatchClient, api: CannedApi, change: dict[str, object]
) -> None:
    api.batches["b"] = {**batch("b", {}, "done"), **change}
    with pytest.raises(ApiError, match="not in the form"):
        client.batch("b")


def test_what_a_batch_waits_for_and_leaves_out(client: BatchClient, api: CannedApi) -> None:
    waiting = {"since": "2026-01-02T03:04:05+00:00", "until": None}
    left_out = {"files": 7, "examples": ["a.txt", "b.heic"]}
    api.batches["b"] = {**batch("b", {}, "running"), "waiting": waiting, "left_out": left_out}
    status = client.batch("b")
    assert status.waiting_since == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert status.waiting_until is None
    assert (status.left_out, status.left_out_examples) == (7, ("a.txt", "b.heic"))
