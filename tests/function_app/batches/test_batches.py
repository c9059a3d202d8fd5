"""Batches through the running service and a worker of its own."""

import json
import re

import numpy as np
import pytest
from azure.storage.blob import ContainerClient

from function_app.batches.request import Batch, parse_request
from function_app.vision.model_package import ModelRef
from tests.conftest import SCENES
from tests.function_app.batches.conftest import Ended, begin, wait
from tests.function_app.client import Client, check_problem


def synthetic(call: Client) -> list[str]:
    return [row["id"] for row in call("scenes?prefix=val/").json["scenes"]]


def test_masks_and_scores_are_those_of_one_by_one(
    serving: Client, ended: Ended, scenes: ContainerClient, predictions: ContainerClient
) -> None:
    status = ended(folder="val")
    ids = synthetic(serving)
    assert status["photos"] == {"planned": len(ids), "done": len(ids), "failed": 0, "left": 0}
    assert (status["state"], status["reason"], status["seconds_left"]) == ("done", None, None)
    assert status["rate"] * status["seconds"] == pytest.approx(len(ids), rel=0.1)
    single = [serving(f"evaluations/{id}").json for id in ids]
    for protocol in ("official", "with_void"):
        added = np.sum([one[protocol]["confusion"] for one in single], axis=0)
        scores = status["evaluation"][protocol]
        assert scores["confusion"] == added.tolist()
        hits = np.diag(added)
        ious = (hits / np.maximum(added.sum(0) + added.sum(1) - hits, 1))[protocol == "official" :]
        assert scores["mean_iou"] == pytest.approx(ious.mean())
    prefix = status["model"].replace(":", "/")
    for photo in scenes.list_blob_names(name_starts_with="photos/val/"):
        id = photo.removeprefix("photos/").removesuffix("_leftImg8bit.png")
        stored = predictions.download_blob(f"{prefix}/{id}.png").readall()
        assert stored == serving("predict", scenes.download_blob(photo).readall()).body
        kept = serving(f"predictions/{id}")
        assert kept.body == stored
        assert "infer" not in kept.headers["Server-Timing"], "the service serves what was stored"


def test_a_photo_that_is_none_is_a_failure_and_the_others_go_on(
    serving: Client, ended: Ended
) -> None:
    status = ended()
    assert status["state"] == "done"
    assert status["photos"] == {"planned": SCENES + 1, "done": SCENES, "failed": 1, "left": 0}
    assert status["evaluation"]["photos"] == SCENES
    answer = serving(f"batches/{status['id']}/failures").json
    assert answer["next"] is None
    (failure,) = answer["failures"]
    assert failure["id"] == "odd/broken"
    assert failure["reason"] == serving("predict", b"no picture").json["detail"]


def test_a_prefix_chooses_by_id(ended: Ended, serving: Client) -> None:
    chosen = synthetic(serving)[0]
    status = ended(prefix=chosen, outputs=["evaluation"])
    assert status["selection"] == {"folder": "", "prefix": chosen, "ids": None}
    assert (status["outputs"], status["photos"]["done"]) == (["evaluation"], 1)


def test_ids_choose_themselves(ended: Ended, serving: Client) -> None:
    chosen = synthetic(serving)[1:3]
    status = ended(ids=chosen, outputs=["evaluation"])
    assert status["selection"]["ids"] == status["photos"]["done"] == 2
    single = [serving(f"evaluations/{id}").json["official"]["confusion"] for id in chosen]
    assert status["evaluation"]["official"]["confusion"] == np.sum(single, axis=0).tolist()


def test_masks_alone_of_another_model(ended: Ended, predictions: ContainerClient) -> None:
    status = ended(folder="val", model="lite0-fpn-fast-int8:1.0.0", outputs=["masks"])
    assert status["model"] == "lite0-fpn-fast-int8:1.0.0"
    stored = predictions.list_blob_names(name_starts_with="lite0-fpn-fast-int8/1.0.0/")
    assert len(list(stored)) == status["photos"]["done"] == SCENES
    assert status["evaluation"] is None


def test_what_chooses_nothing_fails_and_says_so(ended: Ended) -> None:
    status = ended(folder="vla")
    assert status["state"] == "failed"
    assert "no photo" in status["reason"]


def test_a_batch_from_its_answer_to_its_end(serving: Client) -> None:
    reply = begin(serving, folder="val", outputs=["masks"])
    assert reply.status == 202
    assert reply.headers["Location"] == f"/api/batches/{reply.json['id']}"
    ended = wait(serving, reply.json["id"])
    second = begin(serving, folder="none").json["id"]
    rows = serving("batches?limit=2").json["batches"]
    assert [row["id"] for row in rows] == [second, ended["id"]], "the latest first"
    for document in (reply.json, ended):
        assert {key: document[key] for key in rows[1]} == rows[1]
    cancelled = serving(f"batches/{ended['id']}", method="DELETE")
    assert (cancelled.status, cancelled.json) == (202, ended), "what has ended stays as it is"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"[]", "object"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"fodler": "val"}', "'fodler' is unknown"),
        (b"", "{} would ask for all photos"),
        (b'{"folder": "a\\u0000"}', "folder must be a text"),
        (b'{"folder": "\\ud800"}', "folder must be a text"),
        (b'{"folder": 1}', "folder must be a text"),
        (b'{"prefix": "' + b"x" * 2000 + b'"}', "prefix must be a text"),
        (b'{"ids": ["a"], "prefix": "a"}', "not both"),
        (b'{"ids": []}', "1 to 100,000"),
        (b'{"ids": [1]}', "list of texts"),
        (b'{"ids": ["a", "b", "a"]}', "'a' more than once"),
        (b'{"ids": ["nowhere", "odd/broken", "broken"]}', "There is no scene 'nowhere', 'broken'."),
        (b'{"model": "lite0"}', "name:1.0.0"),
        (b'{"model": 3}', "name:1.0.0"),
        (b'{"outputs": []}', "any of masks, evaluation"),
        (b'{"outputs": ["mask"]}', "any of masks, evaluation"),
    ],
)
def test_what_cannot_be_done_is_refused(serving: Client, body: bytes, part: str) -> None:
    before = serving("batches").json
    reply = serving("batches", body)
    check_problem(reply, 422, "invalid-batch")
    assert part in reply.json["detail"]
    assert serving("batches").json == before


def test_an_unknown_model_is_refused(serving: Client) -> None:
    check_problem(begin(serving, model="nobody:1.0.0"), 404, "unknown-model")


@pytest.mark.parametrize("id", ["20260101T000000Z-00000000", "x", "..", "requests"])
@pytest.mark.parametrize(("path", "method"), [("", "GET"), ("", "DELETE"), ("/failures", "GET")])
def test_an_unknown_batch(serving: Client, id: str, path: str, method: str) -> None:
    reply = serving(f"batches/{id}{path}", method=method)
    assert reply.status == 404
    assert re.search("unknown-(batch|path)", reply.json["type"])


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=100000"])
def test_a_place_among_failures_that_is_none(serving: Client, query: str) -> None:
    batch = begin(serving, prefix="nothing/").json
    check_problem(serving(f"batches/{batch['id']}/failures?{query}"), 422, "invalid-parameter")


def test_a_batch_survives_being_stored() -> None:
    asked = parse_request(json.dumps({"folder": "/a/b/", "outputs": ["masks"]}).encode())
    assert asked.folder == "a/b/"
    batch = Batch.new(asked, ModelRef("m", "1.2.3"), "0" * 64)
    assert Batch.from_dict(json.loads(json.dumps(batch.to_dict()))) == batch
