"""What a caller has already is not sent again, and what was stored or computed is not again."""

from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from tests.function_app.client import SCENE, Client
from tests.function_app.services import services
from tests.helpers.faulty_storage import FaultyStorage

STORED = [f"{kind}/{SCENE}" for kind in ("photos", "thumbnails", "truths")]
COMPUTED = [f"{kind}/{SCENE}{query}" for kind, query in (
    ("predictions", ""), ("predictions", "?format=json&void=false"), ("errors", ""),
    ("errors", "?void=false"), ("evaluations", ""),
)]  # fmt: skip
SELDOM_CHANGED = ["categories", "models", "openapi.json", "docs"]


@pytest.mark.parametrize("what", [*STORED, *COMPUTED, *SELDOM_CHANGED])
def test_what_is_known_is_not_sent_again(call: Client, what: str) -> None:
    reply = call(what)
    etag, fresh = reply.headers["ETag"], 300 if what in STORED[:2] else 60
    strong = etag.removeprefix("W/")
    for known in (etag, f'"other", {etag}', f"W/{strong}", "*"):
        again = call(what, If_None_Match=known)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
        assert again.headers["Cache-Control"] == f"private, max-age={fresh}"
    assert reply.headers["Cache-Control"] == f"private, max-age={fresh}", "not in shared caches"
    assert reply.headers["Vary"] == again.headers["Vary"] == "Origin"
    assert call(what, If_None_Match='"other"').status == 200


@pytest.mark.parametrize("what", COMPUTED)
def test_what_is_computed_is_known_by_its_model(call: Client, what: str, other_model: str) -> None:
    reply = call(what)
    etag, joined = reply.headers["ETag"], f"{what}{'&' if '?' in what else '?'}"
    again = call(f"{joined}model={reply.headers['X-Model']}", If_None_Match=etag)
    assert again.status == 304
    assert "Server-Timing" not in again.headers, "nothing was computed"
    assert call(f"{joined}model={other_model}", If_None_Match=etag).status == 200


def test_etags_tell_queries_apart(call: Client, other_model: str) -> None:
    queries = ["", "?void=false", "?format=color", "?format=overlay", "?format=overlay&alpha=0.7",
               "?format=json", "?format=json&mask=rle", f"?model={other_model}"]  # fmt: skip
    etags = [call(f"predictions/{SCENE}{query}").headers["ETag"] for query in queries]
    truths = [call(f"truths/{SCENE}{query}").headers["ETag"] for query in queries[:2]]
    assert len({*etags, *truths}) == len(queries) + 2


def test_problems_are_kept_by_nobody(call: Client) -> None:
    assert "Cache-Control" not in call("photos/nobody").headers


def test_a_cold_instance_loads_no_model_to_say_what_is_stored(
    seeded_account: BlobServiceClient, azurite_connection: str, call: Client, tmp_path: Path
) -> None:
    del seeded_account
    known = {what: call(what).headers["ETag"] for what in (*STORED, *COMPUTED)}
    with FaultyStorage(azurite_connection) as storage, services(tmp_path) as start:
        cold = start(BLOB_CONNECTION_STRING=storage.connection)
        for what, etag in known.items():
            assert cold(what, If_None_Match=etag).status == 304
        rows = cold(f"scenes?prefix={SCENE}").json["scenes"]
        assert rows == [{"id": SCENE, "truth": True, "prediction": True}]
        read = {request.partition("?")[0] for request in storage.seen if "comp=list" not in request}
    assert {name.rpartition("/")[2] for name in read} == {"active.json"}
